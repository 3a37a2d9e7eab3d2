/** What files take of a disk. */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The bytes that a path takes on its disk; blocks that files share count for each of them. Follows no links. undefined:
 * this user may not look into all of it.
 */
export function bytesIn(path: string): number | undefined {
  try {
    return walk(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') return undefined;
    throw error;
  }
}

function walk(path: string): number {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return 0; // a server has removed it meanwhile
  const own = stat.blocks * 512;
  return stat.isDirectory() ? namesIn(path).reduce((sum, name) => sum + walk(join(path, name)), own) : own;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []; // the same
    throw error;
  }
}

/** '86 MB'; for undefined, that the size is not known. */
export function sizeWords(bytes: number | undefined): string {
  if (bytes === undefined) return 'size unknown';
  const mb = bytes / 1e6;
  if (mb >= 1000) return `${(mb / 1000).toFixed(1)} GB`;
  return mb >= 1 ? `${Math.round(mb)} MB` : `${Math.ceil(bytes / 1000)} kB`;
}
