/** Waits for the operation lock; and runs the part of opening a lab that must not disturb an operation. */
import { type LabFile, readLab, saveLab } from '../folder.ts';
import { makeFolder } from '../folders/make-folder.ts';
import { until } from '../machine/until.ts';
import { isPaused } from '../native/server/postmaster.ts';
import { ProblemError } from '../problem.ts';
import { refusedBy } from '../refused.ts';
import { isHolder, isTakenByOthers, type LockHolder, takeLock } from './lock.ts';

const lockDeadlineMs = 10_000;

/**
 * Waits until no other operation runs on this lab, then runs `operation` under the lock. Refusals of the machine reject
 * as a ProblemError, other errors as they are. `signal` ends the waiting.
 */
export async function withOperationLock<T>(dir: string, operation: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  makeFolder(dir);
  using _lock = await takeWhenFree(dir, signal);
  try {
    return await operation();
  } catch (error) {
    throw refusedBy(error) ?? error;
  }
}

/** Waits for a pending operation to its end: each of its steps has a deadline. For others it waits 10 s. */
async function takeWhenFree(dir: string, signal: AbortSignal | undefined): Promise<Disposable> {
  let taken = takeLock(dir, 'deed');
  const free = () => {
    if (isHolder(taken)) taken = takeLock(dir, 'deed');
    return !isHolder(taken);
  };
  do await until(free, { deadlineMs: lockDeadlineMs, signal });
  while (isHolder(taken) && !signal?.aborted && isOperationPending(dir) && !isPaused(taken.pid));
  if (isHolder(taken)) throw atWork(taken);
  return taken;
}

/** True when lab.json contains a pending operation. */
export function isOperationPending(dir: string): boolean {
  try {
    return Boolean(readLab(dir)?.moving);
  } catch (error) {
    if (error instanceof ProblemError) return false; // opening the lab reports what is wrong with lab.json
    throw error;
  }
}

/** Reads and writes lab.json under the lock, so that a pending operation in it is not lost. */
export const changeLab = (dir: string, how: (file: LabFile) => LabFile, signal?: AbortSignal): Promise<void> =>
  withOperationLock(
    dir,
    async () => {
      const file = readLab(dir);
      if (file) saveLab(dir, how(file));
    },
    signal,
  );

const atWork = ({ pid }: LockHolder): ProblemError =>
  isPaused(pid)
    ? new ProblemError({
        what: `Another command of the workshop (process ${pid}) is at work on this lab, and is stopped (Ctrl-Z).`,
        fix: `Let it go on ("fg" in its terminal, or kill -CONT ${pid}), then try again.`,
      })
    : new ProblemError({
        what: `Another command of the workshop (process ${pid}) is at work on this lab.`,
        fix: 'Wait until it has ended, then try again.',
      });

/**
 * Runs the part of an opening that makes a lab's folder complete. It takes the lock because it changes owners and modes
 * of files that an operation uses. Resolves with undefined when another program has the lock and nothing is missing.
 */
export async function makeComplete<T>(
  dir: string,
  isComplete: () => boolean,
  make: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T | undefined> {
  if (isTakenByOthers(dir, 'deed') && isComplete()) return undefined;
  return withOperationLock(dir, make, signal);
}
