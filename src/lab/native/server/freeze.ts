/**
 * Freezes servers while their files are copied. The copy is then what a crash at that moment would leave, from which
 * PostgreSQL recovers. Sessions stay open, and a waiting commit keeps waiting.
 */
import { until } from '../../machine/until.ts';
import { ProblemError } from '../../problem.ts';
import { serverProcesses, signalProcess } from './family.ts';
import { livePostmaster } from './postmaster.ts';

const deadlineMs = 5_000;

/**
 * Disposing the result unfreezes the processes that this call froze; processes that were stopped before stay stopped.
 * Throws a ProblemError, with nothing frozen, when a process does not stop within 5 s.
 */
export async function freezeServers(folders: readonly string[]): Promise<AsyncDisposable> {
  const frozen: number[] = [];
  const unfreeze = { [Symbol.asyncDispose]: async () => frozen.forEach(resume) };
  try {
    for (const data of folders) {
      const postmaster = livePostmaster(data)?.pid;
      if (postmaster === undefined) continue;
      // The postmaster first, so that it starts no more children.
      await freeze(frozen, async () => (await serverProcesses(postmaster)).filter(({ pid }) => pid === postmaster));
      await freeze(frozen, () => serverProcesses(postmaster));
    }
    return unfreeze;
  } catch (error) {
    await unfreeze[Symbol.asyncDispose]();
    throw error;
  }
}

/** Unfreezes servers that a killed program has left frozen. */
export async function unfreezeServers(folders: readonly string[]): Promise<void> {
  for (const data of folders) {
    const postmaster = livePostmaster(data)?.pid;
    if (postmaster !== undefined) for (const { pid } of await serverProcesses(postmaster)) resume(pid);
  }
}

/** Sends SIGSTOP and waits, because a process stops only after its current system call. */
async function freeze(frozen: number[], which: () => ReturnType<typeof serverProcesses>): Promise<void> {
  const active = (await which()).filter(({ stopped }) => !stopped);
  frozen.push(...active.map(({ pid }) => pid));
  for (const { pid } of active) signalProcess(pid, 'SIGSTOP');
  if (await until(async () => (await which()).every(({ stopped }) => stopped), { deadlineMs })) return;
  throw new ProblemError({
    what: 'The servers could not be held still for a copy of their files.',
    fix: 'Stop them ("repl-workshop down"), then try again.',
  });
}

const resume = (pid: number): void => signalProcess(pid, 'SIGCONT');
