/** Removes a backup with what the engine keeps of it. */
import { join } from 'node:path';
import { quote } from '../bin.ts';
import type { Problem } from '../problem.ts';
import { refusedBy } from '../refused.ts';
import { type BackupDriver, engineMark } from './backup-driver.ts';
import { setGoing } from './backup-folder.ts';

/** Resolves with what could not be removed. */
export async function discard(driver: BackupDriver, path: string): Promise<readonly Problem[]> {
  let now = path;
  return unlessRefused(
    async () => {
      await driver.forget(engineMark(path));
      now = setGoing(driver.dir, path);
      await driver.remove(join(driver.dir, now));
    },
    () => join(driver.dir, now),
  );
}

/** Takes a backup from the list, in an instant: its files, which may be thousands, are removed by a later `discard`. */
export const retire = (driver: BackupDriver, path: string): Promise<readonly Problem[]> =>
  unlessRefused(
    async () => {
      await driver.forget(engineMark(path));
      setGoing(driver.dir, path);
    },
    () => join(driver.dir, path),
  );

async function unlessRefused(deed: () => Promise<void>, path: () => string): Promise<readonly Problem[]> {
  try {
    await deed();
    return [];
  } catch (error) {
    const refused = refusedBy(error);
    if (!refused) throw error;
    return [notRemoved(path(), refused.problem)];
  }
}

const notRemoved = (path: string, { what }: Problem): Problem => ({
  what: `A file that is no longer needed could not be removed (nothing of yours is lost): ${what}`,
  fix: `Remove it yourself when you like; where files are another user's, as that user: rm -rf ${quote(path)}`,
});
