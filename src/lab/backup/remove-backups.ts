/** Removes the workshop's backups when a lab is removed; everything else in `backups/` is the learner's. */
import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { incomplete, listBackups } from './backup-folder.ts';

/** Returns one sentence that names what is left, or nothing. */
export async function removeBackups(dir: string, remove: (path: string) => Promise<void>): Promise<readonly string[]> {
  const folder = join(dir, 'backups');
  if (!existsSync(folder)) return [];
  for (const path of [...listBackups(dir).map((backup) => backup.path), ...incomplete(dir)])
    await remove(join(dir, path));
  const others = readdirSync(folder);
  if (others.length > 0) return [`In backups/ stays what the workshop did not make: ${others.join(', ')}.`];
  rmdirSync(folder);
  return [];
}
