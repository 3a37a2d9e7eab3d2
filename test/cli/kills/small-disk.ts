/** A disk of its own for a folder: a tmpfs, which is full when the test wants it to be. */
import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

const did = (command: string, ...args: readonly string[]): boolean => spawnSync(command, args).status === 0;

export type SmallDisk = Disposable & {
  readonly folder: string;
  free(): number; // bytes
  leave(bytes: number): void; // fills the disk until only so many are free
  makeRoom(): void;
};

/** undefined: this machine does not allow it. The folder is a new one. */
export function smallDisk(folder: string, uid: number, megabytes: number): SmallDisk | undefined {
  mkdirSync(folder, { recursive: true });
  const options = `size=${megabytes}m,mode=0755,uid=${uid},gid=${uid}`;
  if (!did('mount', '-t', 'tmpfs', '-o', options, 'rw-small-disk', folder)) return undefined;
  const filler = join(folder, 'filler');
  const free = () => {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  };
  return {
    folder,
    free,
    leave(bytes) {
      const more = free() - bytes;
      const filled = lstatSync(filler, { throwIfNoEntry: false })?.size ?? 0;
      if (more > 0) did('fallocate', '--length', String(filled + more), filler);
    },
    makeRoom: () => rmSync(filler, { force: true }),
    [Symbol.dispose]() {
      // Lazily: a server that has not ended yet keeps the disk busy.
      if (!did('umount', folder)) did('umount', '--lazy', folder);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Mounts below a folder, which a failed test may have left. */
export function removeMounts(folder: string): void {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  for (const path of mounts.map((line) => line.split(' ')[1] ?? '').filter((path) => path.startsWith(`${folder}/`)))
    did('umount', '--lazy', path);
}
