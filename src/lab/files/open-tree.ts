/**
 * Walks folders that another user may change at the same time, while this program runs as root: a user of a server in
 * root's lab can run programs as the servers' user, and replace a folder by a link between two system calls. So every
 * folder is opened without following a link, and its entries are reached through the open descriptor. The calls are
 * synchronous, because promises take five times as long; other work goes on between two folders.
 */
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  futimesSync,
  lchownSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmdirSync,
  type Stats,
  symlinkSync,
  unlinkSync,
  utimesSync,
} from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY, COPYFILE_EXCL, COPYFILE_FICLONE } = constants;
/** The opened file itself, whatever its path names by now. */
const hereOf = (opened: number): string => `/proc/self/fd/${opened}`;

/** Only root needs this: another user cannot be led to files that they may not change anyway. */
export const mustWalkOpen = (): boolean =>
  process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/proc/self/fd');

const setId = 0o6000;
const manyBytes = 1e6; // such a file is copied beside the others

/** Like `cp -a`: keeps owners, modes, times and links. Leaves out pipes and sockets. Throws the system's errors. */
export async function copyOpen(from: string, to: string): Promise<void> {
  const source = openUnlessLink(from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (source === undefined) return copyLink(from, to);
  try {
    const stat = fstatSync(source);
    if (stat.isDirectory()) await copyFolder(source, stat, to);
    if (!stat.isFile()) return;
    const how = COPYFILE_EXCL | COPYFILE_FICLONE;
    if (stat.size < manyBytes) copyFileSync(hereOf(source), to, how);
    else await copyFile(hereOf(source), to, how);
    lchownSync(to, stat.uid, stat.gid);
    if ((stat.mode & setId) !== 0) chmodSync(to, stat.mode & 0o7777); // lchown has cleared these; others are copied
    utimesSync(to, stat.atimeMs / 1000, stat.mtimeMs / 1000);
  } finally {
    closeSync(source);
  }
}

/** Sets the owner last: until then only root can put anything into the folder. */
async function copyFolder(source: number, { uid, gid, mode, atimeMs, mtimeMs }: Stats, to: string): Promise<void> {
  await setImmediate();
  mkdirSync(to, { mode: 0o700 });
  const target = openSync(to, O_RDONLY | O_NOFOLLOW | O_DIRECTORY);
  try {
    if (fstatSync(target).uid !== 0) throw Object.assign(new Error(`${to} was replaced`), { syscall: 'open' });
    const names = readdirSync(hereOf(source));
    const copies = names.map((name) => copyOpen(join(hereOf(source), name), join(hereOf(target), name)));
    for (const copy of await Promise.allSettled(copies)) if (copy.status === 'rejected') throw copy.reason;
    fchownSync(target, uid, gid);
    fchmodSync(target, mode & 0o7777);
    futimesSync(target, atimeMs / 1000, mtimeMs / 1000);
  } finally {
    closeSync(target);
  }
}

/** Removes a folder with its content, a file or a link. Does nothing when the path does not exist. */
export async function removeOpen(path: string): Promise<void> {
  const isFolder = lstatSync(path, { throwIfNoEntry: false })?.isDirectory();
  const folder = isFolder ? openUnlessLink(path, O_RDONLY | O_NOFOLLOW | O_DIRECTORY) : undefined;
  if (folder === undefined) return unlinkIfThere(path);
  try {
    await setImmediate();
    for (const name of readdirSync(hereOf(folder))) await removeOpen(join(hereOf(folder), name));
  } finally {
    closeSync(folder);
  }
  rmdirSync(path);
}

function copyLink(from: string, to: string): void {
  const stat = lstatSync(from);
  if (!stat.isSymbolicLink()) return; // a socket
  symlinkSync(readlinkSync(from), to);
  lchownSync(to, stat.uid, stat.gid);
  lutimesSync(to, stat.atimeMs / 1000, stat.mtimeMs / 1000);
}

/** Returns undefined for a symbolic link or a socket. */
function openUnlessLink(path: string, flags: number): number | undefined {
  try {
    return openSync(path, flags);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['ELOOP', 'ENOTDIR', 'ENXIO'].includes(code)) throw error;
    return undefined;
  }
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
