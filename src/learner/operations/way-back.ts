/**
 * The way back of a deed: what is kept while it is under way, and how a deed that failed, was stopped or was killed is
 * taken back.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { incomplete, isBackup } from '../../lab/backup/backup-folder.ts';
import { sweepLab } from '../../lab/backup/leftovers.ts';
import { type PendingOperation, readLab, saveLab } from '../../lab/folder.ts';
import type { Lab } from '../../lab/lab.ts';
import { isHolder, takeLock } from '../../lab/lock/lock.ts';
import { withOperationLock } from '../../lab/lock/operation-lock.ts';
import { sweepScratch } from '../../lab/machine/scratch.ts';
import { undoMeasuring } from '../../lab/measure/measuring.ts';
import { type Problem, ProblemError } from '../../lab/problem.ts';
import { refusedBy } from '../../lab/refused.ts';
import type { OperationWatcher } from '../../lesson/step-progress.ts';

/**
 * Kept in lab.json, so that a program killed on the way leaves a trace: the next one brings everything back, or what it
 * began to bring back.
 */
export function setPending(lab: Lab, what: Omit<PendingOperation, 'mark'> | null): void {
  const file = readLab(lab.dir);
  const mark = file?.moving?.mark ?? `${process.pid}-${randomBytes(6).toString('hex')}`; // the way back is the same deed
  const moving = what && { ...what, mark };
  if (file) saveLab(lab.dir, { ...file, moving });
  lab.markPrograms(moving && mark);
}

/** The deed has ended well. */
export async function finishOperation(lab: Lab, backup: string, { onWarning }: OperationWatcher): Promise<void> {
  setPending(lab, null);
  (await lab.dropOldBackups(backup)).forEach(onWarning);
}

/**
 * What was before, after a deed that failed or was stopped. Where that fails too, both are said, and the next opening
 * tries again.
 */
export async function rollBack(
  lab: Lab,
  backup: string,
  failed: unknown,
  { signal, onWarning }: OperationWatcher,
): Promise<void> {
  try {
    (await restoreAll(lab, backup)).forEach(onWarning);
  } catch (error) {
    const [first, second] = [refusedBy(failed)?.problem.what, refusedBy(error)?.problem.what];
    if (second === undefined) throw error;
    if (first === undefined && !signal.aborted) throw failed;
    throw new ProblemError({
      what: `${first === undefined || signal.aborted ? 'The deed was stopped' : first} And what was before is not back yet: ${second}`,
      fix: `Put that right: the next command on this lab brings it back. It lies in ${join(lab.dir, backup)} until then.`,
    });
  }
}

/** After a goto, reset, undo or solve was killed. Returns what was done, in words. */
export async function recoverInterrupted(lab: Lab, signal: AbortSignal): Promise<readonly string[]> {
  if (!readLab(lab.dir)?.moving) return [];
  const mend = async () => {
    const moving = readLab(lab.dir)?.moving;
    if (!moving) return []; // another program did it, or the deed itself has ended
    if (moving.copied) return [await afterKilledSolve(lab, moving)];
    const problems = await restoreAll(lab, moving.backup);
    return [
      'A goto, reset, solve or undo was interrupted; the lab is as it was before it.',
      ...problems.map(({ what, fix }) => `${what} ${fix}`),
    ];
  };
  return withOperationLock(lab.dir, mend, signal);
}

/** Nothing has moved, and the learner may have worked on since: what is there stays, and undo is theirs to say. */
async function afterKilledSolve(lab: Lab, { backup, mark }: PendingOperation): Promise<string> {
  await lab.endOrphans(mark, 'programs'); // its servers are the learner's own
  await lab.unfreeze();
  setPending(lab, null);
  return isBackup(lab.dir, backup)
    ? 'A solve was interrupted on its way; "repl-workshop undo" brings back what was before it.'
    : 'A solve was interrupted before it began; nothing has changed.';
}

/**
 * Without a complete list of what was moved, nothing was; but servers may be down. What the deed has started ends
 * first: it writes into these folders.
 */
async function restoreAll(lab: Lab, backup: string): Promise<readonly Problem[]> {
  const { mark, copied, running = [] } = readLab(lab.dir)?.moving ?? {};
  const problems: Problem[] = [];
  if (isBackup(lab.dir, backup)) {
    if (copied) setPending(lab, { backup }); // from here on it is not undo's any more, but must be brought to its end
    if (mark) await lab.endOrphans(mark, 'all');
    problems.push(...(await lab.bringBack(backup)));
  } else if (copied) await lab.unfreeze();
  else await Promise.all(running.map((name) => lab.server(name).start()));
  setPending(lab, null);
  return problems;
}

/**
 * After a measure was killed; one that is under way holds the lock, and brings back its settings itself. Returns what
 * was done, in words.
 */
export async function recoverMeasuring(lab: Lab): Promise<string | undefined> {
  if (!readLab(lab.dir)?.undo) return undefined;
  const lock = takeLock(lab.dir, 'deed');
  if (isHolder(lock)) return undefined;
  using _lock = lock;
  try {
    return await undoMeasuring(lab);
  } catch (error) {
    const refused = refusedBy(error);
    if (!refused) throw error;
    return `A measurement was interrupted, and its settings in postgresql.auto.conf are not back yet: ${refused.problem.what} The next command tries again.`;
  }
}

/**
 * What killed programs have left half-written. What cannot be removed is no business of the one who opens the lab:
 * doctor names it.
 */
export async function sweepLeftovers(lab: Lab): Promise<void> {
  await sweepScratch();
  const lock = takeLock(lab.dir, 'deed');
  if (isHolder(lock)) return;
  using _lock = lock;
  sweepLab(lab.dir);
  if (!readLab(lab.dir)?.moving && incomplete(lab.dir).length > 0) await lab.dropOldBackups(null);
}
