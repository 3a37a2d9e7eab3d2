/**
 * Ends programs that a killed operation has left running: its initdb would go on writing into the directory that is
 * recovered, and would remove it in the end. Every program that an operation starts has its mark in the environment.
 * Only Linux shows the environment (/proc); on other systems nothing is found or ended.
 */
import { allPids, cwdOf, environmentOf } from '../../machine/processes.ts';
import { until } from '../../machine/until.ts';
import { isPostgres } from './postmaster.ts';

const variable = 'REPL_WORKSHOP_DEED';
const deadlineMs = 5_000;

/** Sets the mark that programs started from now on have in their environment; null: none. */
export function markPrograms(mark: string | null): void {
  if (mark === null) delete process.env[variable];
  else process.env[variable] = mark;
}

/**
 * Ends the programs of an operation and resolves when they have ended, or after 5 s. 'all' includes its servers, for
 * a state that is thrown away.
 */
export async function endOrphans(mark: string, which: 'all' | 'programs'): Promise<void> {
  const remaining = () => marked(mark).filter((pid) => pid !== process.pid && (which === 'all' || !isPostgres(pid)));
  // The processes are listed again each time, because one may have started another just before it was killed.
  const allEnded = () => {
    const pids = remaining();
    for (const pid of pids) end(pid);
    return pids.length === 0;
  };
  await until(allEnded, { deadlineMs });
}

/** SIGQUIT is an immediate shutdown, in which a server still releases its shared memory. */
function end(pid: number): void {
  try {
    process.kill(pid, isPostgres(pid) ? 'SIGQUIT' : 'SIGKILL');
  } catch {
    // the process has ended in the meantime
  }
}

/** Ends the servers whose data directory is in this folder, which a killed program has left; Linux only. */
export async function endServersIn(folder: string): Promise<void> {
  const allEnded = () => {
    const pids = postgresIn(folder);
    for (const pid of pids) end(pid);
    return pids.length === 0;
  };
  await until(allEnded, { deadlineMs });
}

const postgresIn = (folder: string): readonly number[] =>
  allPids().filter((pid) => cwdOf(pid)?.startsWith(`${folder}/`) && isPostgres(pid));

const marked = (mark: string): readonly number[] =>
  allPids().filter((pid) => environmentOf(pid)?.includes(`${variable}=${mark}`));
