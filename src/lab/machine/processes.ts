/** The processes of this machine as /proc has them. Source: proc(5). */
import { readdirSync, readFileSync } from 'node:fs';

/** Of all users; none on a system without /proc. One of them may have ended before the caller looks at it. */
export function allPids(): readonly number[] {
  try {
    return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  } catch {
    return [];
  }
}

/** State is one letter, such as T (stopped) or Z (zombie). undefined: the process has ended, or there is no /proc. */
export function statOf(pid: number): { readonly state: string; readonly parent: number } | undefined {
  try {
    const [, state = '', parent = ''] = /\) (\S) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}
