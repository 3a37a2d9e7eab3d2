/**
 * Folders that another user may change while root walks them: who gets into a server of root's lab runs programs as the servers' user, and can put a link
 * in the place of a folder between two looks. So every folder is opened without following a link, and what is in it is reached through what was opened.
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
const hereOf = ({ fd }: FileHandle): string => `/proc/self/fd/${fd}`; // this very file, whatever its path names by now

/** Others than root can lead nobody to what they may not reach themselves. */
export const mustWalkOpen = (): boolean =>
  process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/proc/self/fd');

/** As `cp -a`: owners, modes, times, links as links. Pipes and sockets are left out. Throws the system's own errors. */
export async function copyOpen(from: string, to: string): Promise<void> {
  const source = await openUnlessLink(from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (source === undefined) return copyLink(from, to);
  try {
    const stat = await source.stat();
    if (stat.isDirectory()) await copyFolder(source, stat, to);
    if (!stat.isFile()) return;
    await copyFile(hereOf(source), to, COPYFILE_EXCL | COPYFILE_FICLONE);
    await lchown(to, stat.uid, stat.gid);
    await chmod(to, stat.mode & 0o7777); // after the owner: a new one takes some of it away
    await utimes(to, stat.atimeMs / 1000, stat.mtimeMs / 1000);
  } finally {
    await source.close();
  }
}

/** It gets its owner when all is in it: until then nobody but root can put anything there. */
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

/** A whole folder, a file or a link; nothing where there is nothing. */
export async function removeOpen(path: string): Promise<void> {
  const isFolder = (await lstat(path).catch(unlessGone))?.isDirectory();
  const folder = isFolder ? await openUnlessLink(path, O_RDONLY | O_NOFOLLOW | O_DIRECTORY) : undefined;
  if (folder === undefined) return void (await unlink(path).catch(unlessGone));
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

/** undefined: a symbolic link or a socket. */
const openUnlessLink = (path: string, flags: number): Promise<FileHandle | undefined> =>
  open(path, flags).catch((error: NodeJS.ErrnoException) => {
    if (!['ELOOP', 'ENOTDIR', 'ENXIO'].includes(error.code ?? '')) throw error;
    return undefined;
  });

function unlessGone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
