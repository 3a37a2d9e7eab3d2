import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { cannotWrite } from './store.ts';

/**
 * For its owner alone (0700), whatever the umask says; one that is there stays as it is. Folders above it are made as usual. Throws a ProblemError
 * where it may not be made.
 */
export function makeFolder(folder: string): void {
  try {
    if (lstatSync(folder, { throwIfNoEntry: false })?.isFile() === false) return;
    mkdirSync(dirname(folder), { recursive: true, mode: 0o755 });
    mkdirSync(folder, { mode: 0o700 });
    chmodSync(folder, 0o700); // a umask may have taken from it
  } catch (error) {
    throw cannotWrite(folder, error as NodeJS.ErrnoException);
  }
}
