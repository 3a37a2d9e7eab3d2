/** The lock of a deed, waited for; and what the opening of a lab makes, which must disturb no deed. */
import { type LabFile, readLab, saveLab } from '../folder.ts';
import { makeFolder } from '../folders/make-folder.ts';
import { until } from '../machine/until.ts';
import { isPaused } from '../native/server/postmaster.ts';
import { ProblemError } from '../problem.ts';
import { refusedBy } from '../refused.ts';
import { isHolder, isTakenByOthers, type LockHolder, takeLock } from './lock.ts';

const lockDeadlineMs = 10_000;

/**
 * Waits for another deed on this lab to end, then does this one. What the machine refuses in it is a ProblemError; other errors are the workshop's own.
 * `signal` ends the waiting.
 */
export async function withOperationLock<T>(dir: string, deed: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  makeFolder(dir);
  using _lock = await takeWhenFree(dir, signal);
  try {
    return await deed();
  } catch (error) {
    throw refusedBy(error) ?? error;
  }
}

/** A goto, reset, solve or undo takes as long as the machine needs for it, and each step of it has a deadline of its own: it is waited for to its end. */
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

/** Its program keeps the way back in lab.json. */
export function isOperationPending(dir: string): boolean {
  try {
    return Boolean(readLab(dir)?.moving);
  } catch (error) {
    if (error instanceof ProblemError) return false; // who opens the lab says what is wrong with lab.json
    throw error;
  }
}

/** lab.json, read and written in one go: what a deed keeps there stays. */
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
 * What an opening makes of a lab's folder: under the lock, for it changes owners and modes of what a deed works with. Where another program has the lock
 * and nothing is missing, that program has done it, and nothing is made (undefined).
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
