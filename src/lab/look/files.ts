/** Files of this machine, for a look at a data directory. */
import { readdirSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readRegular } from '../files/regular-file.ts';
import type { Files } from './data-place.ts';

const mostOfAFile = 16 * 1024 * 1024; // a configuration file is smaller, and pg_control has 8 kB

export const localFiles: Files = {
  names(folder) {
    try {
      return readdirSync(folder);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
      throw error;
    }
  },
  stat(path) {
    const stat = statIfThere(path);
    if (!stat) return undefined;
    const { uid, mode, mtime, ino, size, mtimeMs } = stat;
    return { uid, mode: mode & 0o777, savedAt: mtime, key: `${ino} ${size} ${mtimeMs} ${mode}` };
  },
  bytes(path) {
    const read = readRegular(path, mostOfAFile);
    if (read.kind === 'bytes') return read.bytes;
    const [why, code] = read.kind === 'absent' ? ['it is not there', 'ENOENT'] : [read.why, read.code];
    throw Object.assign(new Error(why), { code });
  },
};

/** undefined when the path does not exist, also when a part of it is a file or a link to itself. */
export function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR' || code === 'ELOOP') return undefined;
    throw error;
  }
}

/**
 * Absolute paths of clusters put aside next to this data directory. `inside`: the path of the data directory in them.
 */
export function clustersBeside(data: string, inside = ''): string[] {
  const folder = dirname(data);
  return (localFiles.names(folder) ?? [])
    .filter((name) => name !== basename(data) && name.startsWith(basename(data)))
    .map((name) => join(folder, name))
    .filter((path) => holdsCluster(join(path, inside)))
    .sort();
}

/** A folder that only its server may enter counts as a cluster, because this user cannot check it. */
function holdsCluster(folder: string): boolean {
  try {
    return statSync(join(folder, 'PG_VERSION'), { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}
