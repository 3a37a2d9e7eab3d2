/** The processes of a server: its postmaster and the children of it, which have none themselves. */
import { allPids, argumentsOf, childrenOf, statOf } from '../../machine/processes.ts';
import { run } from '../../machine/run.ts';

type Process = {
  readonly pid: number;
  readonly parent: number;
  readonly suspended: boolean; // by SIGSTOP
  readonly stopped: boolean; // suspended, or ended and not reaped yet: it does nothing
};

export const serverProcesses = async (postmaster: number): Promise<readonly Process[]> =>
  (await processes()).filter(({ pid, parent }) => pid === postmaster || parent === postmaster);

/**
 * What the children of a postmaster call themselves, without positions and states that differ from look to look (13 to
 * 18: 'postgres: walreceiver streaming 0/3000148', 'postgres: postgres master 127.0.0.1(4711) idle in transaction').
 */
const titleOf = (pid: number): string => (argumentsOf(pid)?.[0] ?? '').replace(/^postgres: (\S+: )?/, '').trim();
const kinds = /walreceiver|walsender|startup|checkpointer|background writer|walwriter|archiver|autovacuum launcher/;

/** The children that are held by SIGSTOP. */
export const heldChildren = (postmaster: number): readonly { readonly pid: number; readonly name: string }[] =>
  childrenOf(postmaster)
    .filter((pid) => statOf(pid)?.state === 'T')
    .map((pid) => ({ pid, name: kinds.exec(titleOf(pid))?.[0] ?? 'session' }));

/**
 * Sessions with an open transaction, while another process waits for a lock: nobody can ask the server who holds it
 * when the lock keeps logins waiting.
 */
export function openTransactions(postmaster: number): readonly number[] {
  const all = childrenOf(postmaster).map((pid) => ({ pid, title: titleOf(pid) }));
  if (!all.some(({ title }) => title.endsWith(' waiting'))) return [];
  return all.filter(({ title }) => / idle in transaction/.test(title)).map(({ pid }) => pid);
}

/** Does nothing when the process has ended. Throws the system's error without permission. */
export function signalProcess(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function processes(): Promise<readonly Process[]> {
  if (process.platform !== 'linux') {
    const { stdout } = await run({ command: 'ps', args: ['-A', '-o', 'pid=,ppid=,state='] });
    return stdout.split('\n').map((line) => processOf(line.trim().split(/\s+/)));
  }
  return allPids().flatMap((pid) => {
    const stat = statOf(pid);
    return stat ? [processOf([String(pid), String(stat.parent), stat.state])] : [];
  });
}

/** Z: a zombie; X: dead. */
const processOf = ([pid, parent, state = '']: readonly string[]): Process => ({
  pid: Number(pid),
  parent: Number(parent),
  suspended: /^[Tt]/.test(state),
  stopped: /^[TtZX]/.test(state),
});
