/** Operations that exchange the whole state of a lab: what was there becomes a step of undo or redo. */
import { type BackupKind, listSteps, nextBackup, type UndoStep } from '../../lab/backup/backup-folder.ts';
import type { Lab } from '../../lab/lab.ts';
import { ProblemError } from '../../lab/problem.ts';
import { runningOf } from '../../lab/running.ts';
import type { OperationWatcher } from '../../lesson/step-progress.ts';
import type { LearnerState } from '../progress.ts';
import { readLearner } from '../store.ts';
import { finishOperation, rollBack, runOperation, setPending } from './recover.ts';

/**
 * Puts the state aside as a step of undo, and lets `make` put another one in its place; `make` gets the learner's files
 * from before. Resolves with the path of the step, or with null when the watcher stopped it. A stop or a failure
 * restores the state before.
 */
export function replaceState(
  lab: Lab,
  what: string,
  watcher: OperationWatcher,
  begin: () => void,
  make: (learner: LearnerState) => Promise<void>,
): Promise<string | null> {
  return runOperation(
    lab,
    async () => {
      const { learner } = readLearner(lab.dir);
      const backup = nextBackup(lab.dir, what);
      begin();
      try {
        await putEverythingAside(lab, backup, what, 'undo');
        await make(learner);
      } catch (error) {
        await rollBack(lab, backup, error, watcher);
        if (watcher.signal.aborted) return null;
        throw error;
      }
      await finishOperation(lab, backup, watcher);
      return backup;
    },
    watcher.signal,
  );
}

async function putEverythingAside(lab: Lab, path: string, about: string, kind: BackupKind): Promise<void> {
  const running = await runningOf(lab.plan.servers.map(({ name }) => lab.server(name)));
  // Recorded before the servers are stopped, so that the next command recovers when this program is killed.
  setPending(lab, { backup: path, running, what: kind === 'undo' ? about : `undo of ${about}` });
  await lab.putAside(path, about, running, kind);
}

export const opposite = { undo: 'redo', redo: 'undo' } as const;

/**
 * Goes a step back (undo) or forth again (redo); what is there becomes a step of the other direction. `wanted` is the
 * step that the learner has confirmed. Rejects with a ProblemError when another one is the next by now. Killed before
 * the state is put aside it has done nothing; after that, the next opening of the lab finishes it.
 */
export function takeStep(
  lab: Lab,
  wanted: UndoStep,
  watcher: Pick<OperationWatcher, 'onWarning' | 'signal'>,
): Promise<void> {
  return runOperation(lab, async () => {
    const { about, kind, path } = wanted;
    if (listSteps(lab.dir, kind)[0]?.path !== path)
      throw new ProblemError({
        what: `Another command has changed the lab in the meantime: "${about}" is no longer the next thing to ${kind}.`,
        fix: `Say ${kind} again: it shows what it would bring back now.`,
      });
    const aside = nextBackup(lab.dir, `${opposite[kind]} ${about}`);
    try {
      await putEverythingAside(lab, aside, about, opposite[kind]);
    } catch (error) {
      await rollBack(lab, aside, error, watcher);
      throw error;
    }
    setPending(lab, { backup: path, what: `${kind} of ${about}`, finish: true });
    (await lab.bringBack(path)).forEach(watcher.onWarning);
    setPending(lab, null);
    (await lab.retireOldBackups(aside)).forEach(watcher.onWarning);
  });
}
