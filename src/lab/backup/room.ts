/** Room on the disk of a lab, for operations that copy its state. A rename needs none. */
import { constants, copyFileSync, existsSync, rmSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bytesIn, sizeWords } from '../files/disk-usage.ts';
import { ProblemError } from '../problem.ts';
import { allParts } from './backup-folder.ts';

/** What this user can still write, on the disk of the folder or of the nearest one above it that exists. */
export function freeBytes(folder: string): number {
  if (!existsSync(folder)) return freeBytes(dirname(folder));
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** The size of the learner's state; undefined where not all of it is visible. */
export function bytesOfState(dir: string): number | undefined {
  const sizes = allParts.map((part) => bytesIn(join(dir, part)));
  return sizes.every((size) => size !== undefined) ? sizes.reduce((sum, size) => sum + size, 0) : undefined;
}

const spareRoom = 32e6; // servers write on while and after they are copied: two segments of WAL

/** Throws a ProblemError, with numbers, where a copy of so many bytes cannot fit. undefined: the size is unknown. */
export function needRoom(dir: string, bytes: number | undefined): void {
  const free = freeBytes(dir);
  if (bytes === undefined || bytes + spareRoom <= free || sharesBlocks(dir)) return;
  throw new ProblemError({
    what: `A copy of this lab's state takes ${sizeWords(bytes)}, and ${sizeWords(free)} are free on its disk. Nothing was begun.`,
    fix: 'Make room: "repl-workshop doctor" says what the workshop keeps, "repl-workshop snapshot drop NAME" removes a snapshot.',
  });
}

/** Whether copies of files take no room, because the file system shares their blocks (reflink). */
function sharesBlocks(dir: string): boolean {
  const copy = join(dir, `.try-${process.pid}`);
  try {
    copyFileSync(join(dir, 'lab.json'), copy, constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(copy, { force: true });
  }
}
