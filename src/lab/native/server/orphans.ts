/**
 * What a killed deed has left running: its initdb would go on writing into the directory that is brought back, and clean it away in the end.
 * Every program that a deed starts carries its mark in the environment; Linux shows it. Elsewhere nothing is found, and nothing is ended.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { until } from '../../machine/until.ts';
import { isPostgres } from './postmaster.ts';

const variable = 'REPL_WORKSHOP_DEED';
const deadlineMs = 5_000;

/** Programs started from now on carry the mark; null: none. */
export function markPrograms(mark: string | null): void {
  if (mark === null) delete process.env[variable];
  else process.env[variable] = mark;
}

/** Ends the programs of a deed, and waits until they have ended; its servers too, where they belong to a state that is thrown away. */
export async function endOrphans(mark: string, which: 'all' | 'programs'): Promise<void> {
  const left = () => marked(mark).filter((pid) => pid !== process.pid && (which === 'all' || !isPostgres(pid)));
  // Each round anew: one that was starting another when it was ended has left that one behind.
  const allEnded = () => {
    const pids = left();
    for (const pid of pids) end(pid);
    return pids.length === 0;
  };
  await until(allEnded, { deadlineMs });
}

/** An immediate shutdown lets a server give back its shared memory. */
function end(pid: number): void {
  try {
    process.kill(pid, isPostgres(pid) ? 'SIGQUIT' : 'SIGKILL');
  } catch {
    // gone by itself in the meantime
  }
}

function marked(mark: string): number[] {
  try {
    const wanted = `${variable}=${mark}`;
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return pids.filter((pid) => environmentOf(pid).includes(wanted)).map(Number);
  } catch {
    return []; // no /proc on this system
  }
}

function environmentOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return []; // somebody else's, or just gone
  }
}
