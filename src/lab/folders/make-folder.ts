import { chmodSync, lstatSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { cannotWrite } from '../store/store.ts';

/**
 * Makes a folder for its owner alone (0700), whatever the umask is; an existing folder keeps its mode. Missing folders
 * above it get 0755. Throws a ProblemError when it cannot be made.
 */
export function makeFolder(folder: string): void {
  try {
    if (lstatSync(folder, { throwIfNoEntry: false })?.isFile() === false) return;
    makeFolders(dirname(folder), 0o755);
    mkdirSync(folder, { mode: 0o700 });
    chmodSync(folder, 0o700); // the umask may have removed bits of the owner
  } catch (error) {
    throw cannotWrite(folder, error as NodeJS.ErrnoException);
  }
}

/**
 * Makes the folder and the missing ones above it. Node's recursive mkdir loops forever in a folder that exists but
 * answers ENOENT to every new name, as /proc does.
 */
export function makeFolders(folder: string, mode = 0o777): void {
  if (isFolder(folder)) return;
  makeFolders(dirname(folder), mode);
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    if (!isFolder(folder)) throw error; // another program may have made it meanwhile
  }
}

const isFolder = (path: string): boolean => path === dirname(path) || isThere(path);

function isThere(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // mkdir reports the reason
  }
}
