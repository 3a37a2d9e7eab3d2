/** `down --remove` for a native lab: removes what the workshop made, not what links that are not the lab's lead to. */
import { join } from 'node:path';
import { removeBackups } from '../../backup/remove-backups.ts';
import { removeFiles } from '../../files/copy-files.ts';
import { removeSpare } from '../../prepared/spare.ts';
import type { Elsewhere } from '../../trust/outside.ts';
import { emptyFolder, linksInside } from './elsewhere.ts';

/** Resolves with sentences about what is left. */
export async function removeState(dir: string, elsewhere: Elsewhere): Promise<readonly string[]> {
  const left = linksInside(dir).map(({ path, real }) => `${path} was a link, so what it names stays: ${real}.`);
  for (const [path, real] of Object.entries(elsewhere)) {
    await emptyFolder(real);
    left.push(`${path} was a link to ${real}. That folder is empty now, and stays.`);
  }
  for (const part of ['rep', 'logs']) await removeFiles(join(dir, part));
  await removeSpare(dir);
  return [...left, ...(await removeBackups(dir, removeFiles))];
}
