/** Ends a server of the lab, also one whose processes hang. */
import type { StopHow } from '../../lab.ts';
import { until } from '../../machine/until.ts';
import { ProblemError } from '../../problem.ts';
import { serverProcesses, signalProcess } from './family.ts';

const deadlineMs = 30_000;
const killAfterMs = 10_000; // a postmaster itself kills its children 5 s after SIGQUIT

const signals = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT' } as const satisfies Record<
  StopHow,
  NodeJS.Signals
>;

/**
 * `runs`: whether this pid is still the server that is meant, so that no other process is signalled. Processes that
 * SIGSTOP has stopped are continued, because they handle no signal; an immediate stop kills those that still hang.
 * Resolves with false when the server did not end in time. Throws a ProblemError without permission.
 */
export async function endServer(name: string, pid: number, runs: () => boolean, how: StopHow): Promise<boolean> {
  const hasEnded = () => !runs();
  signalServer(name, pid, signals[how]);
  for (const child of await serverProcesses(pid)) signalServer(name, child.pid, 'SIGCONT');
  if (how !== 'immediate') return until(hasEnded, { deadlineMs, everyMs: 5 });
  if (await until(hasEnded, { deadlineMs: killAfterMs, everyMs: 5 })) return true;
  for (const one of await serverProcesses(pid)) signalServer(name, one.pid, 'SIGKILL');
  return until(hasEnded, { deadlineMs, everyMs: 5 });
}

/** Throws a ProblemError without permission. */
export function signalServer(name: string, pid: number, signal: NodeJS.Signals): void {
  try {
    signalProcess(pid, signal);
  } catch {
    throw new ProblemError({
      what: `The process ${pid} of ${name} belongs to another user, so it cannot be signalled.`,
      fix: 'Stop it as the user who started it.',
    });
  }
}

export const didNotStop = (name: string, log: string, how: StopHow): ProblemError =>
  how === 'smart'
    ? new ProblemError({
        what: `${name} did not stop within 30 s: a smart stop waits until the last session is closed.`,
        fix: 'Close your sessions, or stop it with "-m fast".',
      })
    : new ProblemError({ what: `${name} did not stop within 30 s.`, fix: `Read ${log}.` });
