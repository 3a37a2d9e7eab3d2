/** Snapshots that the learner names: copies of the whole state, which stay until they are dropped. */
import { type Backup, isBackup, listBackups, nextBackup } from '../../lab/backup/backup-folder.ts';
import type { Lab } from '../../lab/lab.ts';
import { type Problem, ProblemError } from '../../lab/problem.ts';
import type { OperationWatcher } from '../../lesson/step-progress.ts';
import { runOperation, setPending } from './recover.ts';
import { replaceState } from './replace-state.ts';

export const listSnapshots = (dir: string): readonly Backup[] =>
  listBackups(dir).filter(({ kind }) => kind === 'named');

/** Throws a ProblemError (status 2) where there is no snapshot of this name. */
export function findSnapshot(dir: string, name: string): Backup {
  const found = listSnapshots(dir).find(({ about }) => about === name);
  if (found) return found;
  const names = listSnapshots(dir).map(({ about }) => about);
  throw new ProblemError(
    {
      what: `There is no snapshot "${name}".`,
      fix: names.length > 0 ? `There are: ${names.join(', ')}.` : '"repl-workshop snapshot save NAME" makes one.',
    },
    2,
  );
}

const goodName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/;

/** Copies the state while the servers run. Throws a ProblemError for a name that is wrong or taken. */
export function saveSnapshot(lab: Lab, name: string, signal: AbortSignal): Promise<Backup> {
  if (!goodName.test(name))
    throw new ProblemError(
      {
        what: `"${name}" cannot be the name of a snapshot.`,
        fix: 'Take up to 40 letters, digits, dots, hyphens and underscores, the first a letter or a digit.',
      },
      2,
    );
  return runOperation(
    lab,
    async () => {
      if (listSnapshots(lab.dir).some(({ about }) => about === name))
        throw new ProblemError(
          {
            what: `There is a snapshot "${name}" already.`,
            fix: `Take another name, or drop it first: repl-workshop snapshot drop ${name}`,
          },
          2,
        );
      const path = nextBackup(lab.dir, `snapshot ${name}`);
      setPending(lab, { backup: path, copied: true, what: `snapshot save ${name}` });
      try {
        await lab.copyAside(path, name, 'named');
      } finally {
        setPending(lab, null);
        if (!isBackup(lab.dir, path)) await lab.dropOldBackups(null); // the unfinished copy
      }
      return findSnapshot(lab.dir, name);
    },
    signal,
  );
}

/** Resolves with the path of the step of undo, or with null when the watcher stopped it. */
export const restoreSnapshot = (lab: Lab, { path, about }: Backup, watcher: OperationWatcher): Promise<string | null> =>
  replaceState(
    lab,
    `snapshot restore ${about}`,
    watcher,
    () => undefined,
    async () => {
      await lab.place(path);
      watcher.signal.throwIfAborted(); // the last chance to stop
    },
  );

/** Resolves with what could not be removed. */
export const dropSnapshot = (lab: Lab, { path }: Backup): Promise<readonly Problem[]> =>
  runOperation(lab, () => lab.drop(path));
