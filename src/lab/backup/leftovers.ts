/** What killed programs have left half-written in a lab: removed once their process is gone, and only what has exactly the form of ours. */
import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { besidePattern } from '../files/write-file.ts';
import { isAlive } from '../lock/alive.ts';
import { sweepLocks } from '../lock/lock.ts';

/** To be called under the lab's lock: nobody else writes then. What cannot be removed stays, and holds nobody up. */
export function sweepLab(dir: string): void {
  sweepLocks(dir);
  for (const folder of ['', 'bin', 'shell', 'backups']) sweep(join(dir, folder), besidePattern);
  sweep(dir, initdbs);
  for (const data of foldersIn(join(dir, 'rep'))) {
    sweep(data, besidePattern);
    sweep(data, /\.repl-workshop$/); // of earlier versions
  }
  for (const backup of foldersIn(join(dir, 'backups'))) sweep(backup, besidePattern);
}

const initdbs = /^\.initdb-(\d{1,10})-[A-Za-z0-9]{6}$/; // with the password for a new cluster

/** `ours`: its first group is the pid of the writer, where the name tells it. */
function sweep(folder: string, ours: RegExp): void {
  for (const name of namesIn(folder)) {
    const found = ours.exec(name);
    if (!found || (found[1] !== undefined && isAlive(Number(found[1])))) continue;
    const path = join(folder, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (ours === initdbs ? stat?.isDirectory() : stat?.isFile()) rmQuietly(path, ours === initdbs);
  }
}

/** A folder only where nobody but the lab's owner may write: what stood there as a file may by now be a folder that leads elsewhere. */
function rmQuietly(path: string, recursive: boolean): void {
  try {
    rmSync(path, { recursive, force: true });
  } catch {
    // a folder that may not be written: the deed that needs it says so
  }
}

const foldersIn = (folder: string): readonly string[] => namesIn(folder).map((name) => join(folder, name));

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // none, or shut
  }
}
