/**
 * Recovery: what is recorded while an operation is under way, and how one that failed, was stopped or was killed is
 * undone.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { incomplete, isBackup, keepAsUndo, listSteps, readSnapshot } from '../../lab/backup/backup-folder.ts';
import { pendingWords } from '../../lab/backup/interrupted.ts';
import { sweepLab } from '../../lab/backup/leftovers.ts';
import { type PendingOperation, readLab, saveLab } from '../../lab/folder.ts';
import type { Lab } from '../../lab/lab.ts';
import { isHolder, takeLock } from '../../lab/lock/lock.ts';
import { withOperationLock } from '../../lab/lock/operation-lock.ts';
import { sweepScratch } from '../../lab/machine/scratch.ts';
import { undoMeasuring } from '../../lab/measure/measuring.ts';
import { endServersIn } from '../../lab/native/server/orphans.ts';
import { type Problem, ProblemError } from '../../lab/problem.ts';
import { refusedBy } from '../../lab/refused.ts';
import { startAll } from '../../lab/running.ts';
import type { OperationWatcher } from '../../lesson/step-progress.ts';

/**
 * Records the pending operation in lab.json; null removes it. When this program is killed, the next one finds the
 * record and restores the state before, or continues a restore.
 */
export function setPending(lab: Lab, what: Omit<PendingOperation, 'mark'> | null): void {
  const file = readLab(lab.dir);
  // A restore keeps the mark of its operation, since the programs to end carry that mark.
  const mark = file?.moving?.mark ?? `${process.pid}-${randomBytes(6).toString('hex')}`;
  const moving = what && { ...what, mark };
  if (file) saveLab(lab.dir, { ...file, moving });
  lab.markPrograms(moving && mark);
}

/**
 * Ends an operation that succeeded: removes its record, and steps that have no room. Steps of redo become steps of
 * undo: what was undone before something new was begun is a state of the past, too.
 */
export async function finishOperation(
  lab: Lab,
  backup: string,
  { onWarning }: Pick<OperationWatcher, 'onWarning'>,
): Promise<void> {
  setPending(lab, null);
  for (const { path } of listSteps(lab.dir, 'redo')) keepAsUndo(lab.dir, path);
  (await lab.retireOldBackups(backup)).forEach(onWarning);
}

/**
 * Restores the state before an operation that failed or was stopped. When that fails too, rejects with a ProblemError
 * that has both reasons; the next opening of the lab tries again.
 */
export async function rollBack(
  lab: Lab,
  backup: string,
  failed: unknown,
  { signal, onWarning }: Pick<OperationWatcher, 'signal' | 'onWarning'>,
): Promise<void> {
  try {
    (await restoreAll(lab, backup)).forEach(onWarning);
  } catch (error) {
    const [first, second] = [refusedBy(failed)?.problem.what, refusedBy(error)?.problem.what];
    if (second === undefined) throw error;
    if (first === undefined && !signal.aborted) throw failed;
    throw new ProblemError({
      what: `${first === undefined || signal.aborted ? 'The command was stopped.' : first} What was before is not back yet: ${second}`,
      fix: `Put that right: the next command on this lab brings it back. Until then it is in ${join(lab.dir, backup)}.`,
    });
  }
}

/** Recovers an operation that was killed. Resolves with sentences about what was done. */
export async function recoverInterrupted(lab: Lab, signal: AbortSignal): Promise<readonly string[]> {
  if (!readLab(lab.dir)?.moving) return [];
  return withOperationLock(lab.dir, () => recoverNow(lab), signal);
}

/** Call it under the lock: then a pending operation is one whose program has ended. */
async function recoverNow(lab: Lab): Promise<readonly string[]> {
  const moving = readLab(lab.dir)?.moving;
  if (!moving) return []; // another program has recovered it, or the operation has ended
  if (moving.copied) return [await afterKilledSolve(lab, moving)];
  const problems = await restoreAll(lab, moving.backup);
  const outcome = moving.finish ? 'it is finished now' : 'the lab is as it was before it';
  return [`${pendingWords(moving)} was interrupted; ${outcome}.`, ...problems.map(({ what, fix }) => `${what} ${fix}`)];
}

/**
 * Runs an operation on the lab under the lock. Where another one was killed while this one waited, that one is
 * recovered, and a ProblemError asks the learner to look first: the lab is not what the plan was made for.
 */
export const runOperation = <T>(lab: Lab, operation: () => Promise<T>, signal?: AbortSignal): Promise<T> =>
  withOperationLock(
    lab.dir,
    async () => {
      const recovered = await recoverNow(lab);
      if (recovered.length === 0) return operation();
      throw new ProblemError({
        what: `Another command was killed while this one waited. ${recovered.join(' ')}`,
        fix: 'Look at the lab ("repl-workshop status"), then say this command again.',
      });
    },
    signal,
  );

/**
 * A solve moves nothing, and the learner may have worked since: the state stays, and the learner decides about undo.
 */
async function afterKilledSolve(lab: Lab, moving: PendingOperation): Promise<string> {
  const { backup, mark } = moving;
  const words = pendingWords(moving);
  await lab.endOrphans(mark, 'programs'); // its servers keep running: they are the learner's
  await lab.unfreeze();
  setPending(lab, null);
  const kept = isBackup(lab.dir, backup);
  if (kept && readSnapshot(lab.dir, backup).kind === 'named')
    return `${words} was interrupted; the snapshot is complete.`;
  return kept
    ? `${words} was interrupted on its way; "repl-workshop undo" brings back what was before it.`
    : `${words} was interrupted before it began; nothing has changed.`;
}

/**
 * Restores the state before an operation. Without a complete backup nothing was moved yet, but servers may be stopped
 * or frozen. Programs that the operation has started are ended first, because they write into these folders.
 */
async function restoreAll(lab: Lab, backup: string): Promise<readonly Problem[]> {
  const { mark, copied, what, running = [] } = readLab(lab.dir)?.moving ?? {};
  const problems: Problem[] = [];
  if (isBackup(lab.dir, backup)) {
    // From here on the restore has to be completed: undo can no longer do it.
    if (copied) setPending(lab, { backup, ...(what === undefined ? {} : { what }) });
    if (mark) await lab.endOrphans(mark, 'all');
    problems.push(...(await lab.bringBack(backup)));
  } else if (copied) await lab.unfreeze();
  else await startAll(running.map((name) => lab.server(name)));
  setPending(lab, null);
  return problems;
}

/**
 * Restores settings after a measurement was killed. One under way has the lock, and restores them itself. Resolves with
 * a sentence.
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
 * Removes what killed programs have left: half-written files, and temporary labs with their servers. A file that cannot
 * be removed is ignored here; doctor names it.
 */
export async function sweepLeftovers(lab: Lab): Promise<void> {
  await sweepScratch(endServersIn);
  const lock = takeLock(lab.dir, 'deed');
  if (isHolder(lock)) return;
  using _lock = lock;
  sweepLab(lab.dir);
  await removeRetired(lab);
}

/** Removes the files of backups that are no longer in the list. Call it under the lab's lock. */
export async function removeRetired(lab: Lab): Promise<void> {
  if (!readLab(lab.dir)?.moving && incomplete(lab.dir).length > 0) await lab.dropOldBackups(null);
}
