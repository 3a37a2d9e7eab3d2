/**
 * Servers of this user that belong to no lab any more: its folder was deleted, or lies elsewhere by now. They are known by where they work and
 * where they were started to work, never by a name that somebody gave. Linux only; elsewhere none are found.
 */
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isServersUid } from '../user/free-uid.ts';
import { isPostgres, isServerOf } from './postmaster.ts';

export type Stray = {
  readonly pid: number;
  readonly port: number | null;
  readonly lab: string; // where it was when the server was started
  readonly now: string | null; // where it lies by now; null: nobody knows
  readonly isDeleted: boolean;
};

const dataOfLab = /^(\/.*)\/rep\/[^/]+_data$/;
const gone = / \(deleted\)$/; // what Linux adds to the name of a folder that is no more

/** `own`: data directories of the lab that is looked at; their servers are none, wherever they were started. */
export function strays(own: readonly string[]): readonly Stray[] {
  return pids().flatMap((pid) => {
    if (!isPostgres(pid) || isPostgres(parentOf(pid)) || !isOurs(pid)) return [];
    const place = placeOf(pid);
    const lab = dataOfLab.exec(startedAt(pid) ?? place?.path.replace(gone, '') ?? '')?.[1];
    if (place === undefined || lab === undefined) return [];
    const now = place.isThere ? labAround(place.path) : null;
    if (now === lab || own.some((data) => isServerOf(pid, data))) return [];
    return [{ pid, port: portOf(pid), lab, now, isDeleted: place.isDeleted }];
  });
}

/** A data directory in a backup belongs to no lab that could start or stop it. */
function labAround(data: string): string | null {
  const lab = dataOfLab.exec(data)?.[1];
  return lab !== undefined && existsSync(join(lab, 'lab.json')) ? lab : null;
}

function pids(): readonly number[] {
  try {
    return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  } catch {
    return []; // no /proc on this system
  }
}

/** Root's servers run as a user that is nobody's. */
function isOurs(pid: number): boolean {
  const [self, uid] = [process.getuid?.(), orUndefined(() => statSync(`/proc/${pid}`).uid)];
  return uid !== undefined && (uid === self || (self === 0 && isServersUid(uid)));
}

const parentOf = (pid: number): number =>
  Number(/^PPid:\s*(\d+)/m.exec(orUndefined(() => readFileSync(`/proc/${pid}/status`, 'utf8')) ?? '')?.[1] ?? 0);

/** The name may be one that the process alone sees it under, through a mount of its own: there is only what is the same folder for us. */
const placeOf = (pid: number) =>
  orUndefined(() => {
    const cwd = `/proc/${pid}/cwd`;
    const [path, real] = [readlinkSync(cwd), statSync(cwd)];
    const here = statSync(path, { throwIfNoEntry: false });
    return { path, isDeleted: real.nlink === 0, isThere: here?.dev === real.dev && here.ino === real.ino };
  });

/** The argument after -D. */
function startedAt(pid: number): string | undefined {
  const words = orUndefined(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')) ?? [];
  const at = words.indexOf('-D');
  return at < 0 ? undefined : words[at + 1];
}

/** The lowest TCP port on which the process listens. Source: proc(5), /proc/net/tcp: state 0A is LISTEN, the last but some fields is the inode. */
function portOf(pid: number): number | null {
  const sockets = new Set(
    (orUndefined(() => readdirSync(`/proc/${pid}/fd`)) ?? []).flatMap(
      (fd) => /^socket:\[(\d+)\]$/.exec(orUndefined(() => readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? '')?.[1] ?? [],
    ),
  );
  const lines = (orUndefined(() => readFileSync(`/proc/${pid}/net/tcp`, 'utf8')) ?? '').split('\n').slice(1);
  const ports = lines.flatMap((line) => {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
    return state === '0A' && sockets.has(inode) ? [Number.parseInt(local.split(':')[1] ?? '', 16)] : [];
  });
  return ports.length > 0 ? Math.min(...ports) : null;
}

/** A process may end, or be somebody else's, at any moment of this. */
function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** For doctor: which they are, and how to end them. */
export function strayWords(found: readonly Stray[]): { readonly what: string; readonly fix: string } {
  const one = ({ pid, port, lab, now, isDeleted }: Stray) => {
    const where = now !== null ? `lies in ${now} now` : isDeleted ? 'was deleted' : 'is no longer there';
    return `process ${pid}${port === null ? '' : ` on port ${port}`} of the lab ${lab}, which ${where}`;
  };
  const movedTo = [...new Set(found.flatMap(({ now }) => now ?? []))];
  const ending = found.filter(({ now }) => now === null).map(({ pid }) => pid);
  return {
    what: `Servers still run that no lab knows in its place: ${found.map(one).join('; ')}.`,
    fix: [
      ...movedTo.map((lab) => `repl-workshop --lab ${lab} down`),
      ...(ending.length > 0 ? [`kill -QUIT ${ending.join(' ')}`] : []),
    ].join('; '),
  };
}
