import { chmodSync, lstatSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { cannotWrite } from '../store/store.ts';

/**
 * For its owner alone (0700), whatever the umask says; one that is there stays as it is. Folders above it are made as usual. Throws a ProblemError
 * where it may not be made.
 */
export function makeFolder(folder: string): void {
  try {
    if (lstatSync(folder, { throwIfNoEntry: false })?.isFile() === false) return;
    makeFolders(dirname(folder), 0o755);
    mkdirSync(folder, { mode: 0o700 });
    chmodSync(folder, 0o700); // a umask may have taken from it
  } catch (error) {
    throw cannotWrite(folder, error as NodeJS.ErrnoException);
  }
}

/**
 * The folder, and those above it that are not there. Node's own recursive mkdir tries for ever where a folder is there and says ENOENT to each new name,
 * as /proc does.
 */
export function makeFolders(folder: string, mode = 0o777): void {
  if (isFolder(folder)) return;
  makeFolders(dirname(folder), mode);
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    if (!isFolder(folder)) throw error; // another program may have been faster
  }
}

const isFolder = (path: string): boolean => path === dirname(path) || isThere(path);

function isThere(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // mkdir says why
  }
}
