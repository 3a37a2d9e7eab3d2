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
  try {
    await driver.forget(engineMark(path));
    now = setGoing(driver.dir, path);
    await driver.remove(join(driver.dir, now));
    return [];
  } catch (error) {
    const refused = refusedBy(error);
    if (!refused) throw error;
    return [notRemoved(join(driver.dir, now), refused.problem)];
  }
}

const notRemoved = (path: string, { what }: Problem): Problem => ({
  what: `What is no longer needed could not be removed (nothing of yours is lost): ${what}`,
  fix: `Remove it yourself when you like; where files are another user's, as that user: rm -rf ${quote(path)}`,
});
