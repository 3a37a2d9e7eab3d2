/** Backups of a whole lab: the steps of undo and redo, named snapshots, and the states that the proof returns to. */
import type { Lab } from '../lab.ts';
import type { Problem } from '../problem.ts';
import { bringBack, copyAside, moveAside, placeCopy } from './aside.ts';
import type { BackupDriver } from './backup-driver.ts';
import { incomplete, nextBackup, oldBackups } from './backup-folder.ts';
import { discard, retire } from './discard.ts';
import { restorePassing, takePassing } from './passing.ts';

/** Never removes `made`. Returns what could not be removed; the operation does not fail for it. */
async function dropOldBackups(driver: BackupDriver, made: string | null): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  const old = oldBackups(driver.dir).map(({ path }) => path);
  for (const path of [...old, ...incomplete(driver.dir)])
    if (path !== made) problems.push(...(await discard(driver, path)));
  return problems;
}

async function retireOldBackups(driver: BackupDriver, made: string): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const { path } of oldBackups(driver.dir)) if (path !== made) problems.push(...(await retire(driver, path)));
  return problems;
}

/** The operations of Lab that this file implements. */
export const backupOperations = (
  driver: BackupDriver,
): Pick<
  Lab,
  | 'snapshot'
  | 'restore'
  | 'putAside'
  | 'copyAside'
  | 'bringBack'
  | 'place'
  | 'drop'
  | 'dropOldBackups'
  | 'retireOldBackups'
  | 'unfreeze'
> => ({
  async snapshot(name) {
    const path = nextBackup(driver.dir, name);
    await takePassing(driver, path, name, new Date());
    await dropOldBackups(driver, path); // the proof makes hundreds of snapshots; a failed removal is harmless
    return path;
  },
  restore: (snapshot) => restorePassing(driver, snapshot),
  putAside: (backup, about, running, kind = 'undo') => moveAside(driver, backup, { about, kind }, running, new Date()),
  copyAside: (backup, about, kind = 'undo') => copyAside(driver, backup, { about, kind }, new Date()),
  place: (backup) => placeCopy(driver, backup),
  drop: (backup) => discard(driver, backup),
  bringBack: (backup) => bringBack(driver, backup),
  unfreeze: () => driver.unfreeze(),
  dropOldBackups: (made) => dropOldBackups(driver, made),
  retireOldBackups: (made) => retireOldBackups(driver, made),
});
