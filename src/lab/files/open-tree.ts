/**
 * Walks folders that another user may change at the same time, while this program runs as root: a user of a server in
 * root's lab can run programs as the servers' user, and replace a folder by a link between two system calls. So every
 * folder is opened without following a link, and its entries are reached through the open descriptor.
 */
import { existsSync, type Stats } from 'node:fs';
import {
  chmod,
  constants,
  copyFile,
  type FileHandle,
  lchown,
  lstat,
  lutimes,
  mkdir,
  open,
  readdir,
  readlink,
  rmdir,
  symlink,
  unlink,
  utimes,
} from 'node:fs/promises';
import { join } from 'node:path';

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY, COPYFILE_EXCL, COPYFILE_FICLONE } = constants;
/** The opened file itself, whatever its path names by now. */
const hereOf = ({ fd }: FileHandle): string => `/proc/self/fd/${fd}`;

/** Only root needs this: another user cannot be led to files that they may not change anyway. */
export const mustWalkOpen = (): boolean =>
  process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/proc/self/fd');

/** Like `cp -a`: keeps owners, modes, times and links. Leaves out pipes and sockets. Throws the system's errors. */
export async function copyOpen(from: string, to: string): Promise<void> {
  const source = await openUnlessLink(from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (source === undefined) return copyLink(from, to);
  try {
    const stat = await source.stat();
    if (stat.isDirectory()) await copyFolder(source, stat, to);
    if (!stat.isFile()) return;
    await copyFile(hereOf(source), to, COPYFILE_EXCL | COPYFILE_FICLONE);
    await lchown(to, stat.uid, stat.gid);
    await chmod(to, stat.mode & 0o7777); // after lchown, which clears some mode bits
    await utimes(to, stat.atimeMs / 1000, stat.mtimeMs / 1000);
  } finally {
    await source.close();
  }
}

/** Sets the owner last: until then only root can put anything into the folder. */
async function copyFolder(source: FileHandle, { uid, gid, mode, atimeMs, mtimeMs }: Stats, to: string): Promise<void> {
  await mkdir(to, { mode: 0o700 });
  const target = await open(to, O_RDONLY | O_NOFOLLOW | O_DIRECTORY);
  try {
    if ((await target.stat()).uid !== 0) throw Object.assign(new Error(`${to} was replaced`), { syscall: 'open' });
    for (const name of await readdir(hereOf(source)))
      await copyOpen(join(hereOf(source), name), join(hereOf(target), name));
    await target.chown(uid, gid);
    await target.chmod(mode & 0o7777);
    await target.utimes(atimeMs / 1000, mtimeMs / 1000);
  } finally {
    await target.close();
  }
}

/** Removes a folder with its content, a file or a link. Does nothing when the path does not exist. */
export async function removeOpen(path: string): Promise<void> {
  const isFolder = (await lstat(path).catch(ignoreMissing))?.isDirectory();
  const folder = isFolder ? await openUnlessLink(path, O_RDONLY | O_NOFOLLOW | O_DIRECTORY) : undefined;
  if (folder === undefined) return void (await unlink(path).catch(ignoreMissing));
  try {
    for (const name of await readdir(hereOf(folder))) await removeOpen(join(hereOf(folder), name));
  } finally {
    await folder.close();
  }
  await rmdir(path);
}

async function copyLink(from: string, to: string): Promise<void> {
  const stat = await lstat(from);
  if (!stat.isSymbolicLink()) return; // a socket
  await symlink(await readlink(from), to);
  await lchown(to, stat.uid, stat.gid);
  await lutimes(to, stat.atimeMs / 1000, stat.mtimeMs / 1000);
}

/** Resolves with undefined for a symbolic link or a socket. */
const openUnlessLink = (path: string, flags: number): Promise<FileHandle | undefined> =>
  open(path, flags).catch((error: NodeJS.ErrnoException) => {
    if (!['ELOOP', 'ENOTDIR', 'ENXIO'].includes(error.code ?? '')) throw error;
    return undefined;
  });

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
