/**
 * Removes what killed programs left half-written in a lab, but only files whose name has exactly the workshop's form,
 * and only when the process that wrote them has ended.
 */
import { existsSync, lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { besidePattern } from '../files/write-file.ts';
import { isAlive } from '../lock/alive.ts';
import { sweepLocks } from '../lock/lock.ts';

/** Call it under the lab's lock, when no other program writes. What cannot be removed stays, and is no error. */
export function sweepLab(dir: string): void {
  sweepLocks(dir);
  for (const folder of ['', 'bin', 'shell', 'backups']) sweep(join(dir, folder), besidePattern);
  sweep(dir, ownFolders);
  if (!existsSync(join(dir, '.spare/state.json'))) sweep(dir, halfSpare);
  for (const data of foldersIn(join(dir, 'rep'))) {
    sweep(data, besidePattern);
    sweep(data, /\.repl-workshop$/); // names of earlier versions
  }
  for (const backup of foldersIn(join(dir, 'backups'))) sweep(backup, besidePattern);
}

/** The password for a new cluster, a cluster that is made ahead, an unfinished copy of a prepared state. */
const ownFolders = /^\.(?:initdb|ahead|spare)-(\d{1,10})(?:-[A-Za-z0-9_.-]+)?$/;

/** A spare without its state.json, which is removed first. */
const halfSpare = /^\.spare$/;

/** The first group of `ours` is the writer's pid, where the name contains it. */
function sweep(folder: string, ours: RegExp): void {
  for (const name of namesIn(folder)) {
    const found = ours.exec(name);
    if (!found || (found[1] !== undefined && isAlive(Number(found[1])))) continue;
    const path = join(folder, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    const isFolder = ours === ownFolders || ours === halfSpare;
    if (isFolder ? stat?.isDirectory() : stat?.isFile()) rmQuietly(path, isFolder);
  }
}

/** `recursive` only where the lab's owner alone may write: elsewhere another user could swap in a folder. */
function rmQuietly(path: string, recursive: boolean): void {
  try {
    rmSync(path, { recursive, force: true });
  } catch {
    // The folder is not writable: an operation that needs it reports that.
  }
}

const foldersIn = (folder: string): readonly string[] => namesIn(folder).map((name) => join(folder, name));

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // no such folder, or no permission
  }
}
