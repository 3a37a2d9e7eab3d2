/** Copies, moves and removes folders of a lab. */
import { lstatSync } from 'node:fs';
import { chmod, lstat, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { quote } from '../bin.ts';
import { run } from '../machine/run.ts';
import { ProblemError } from '../problem.ts';
import { copyOpen, mustWalkOpen, removeOpen } from './open-tree.ts';

/**
 * Like `cp -a`: keeps owners, modes and times, and shares blocks where the file system can. Never makes hard links,
 * because PostgreSQL writes in place. A failed copy is removed, and throws a ProblemError.
 */
export async function copyFiles(from: string, to: string): Promise<void> {
  const why = mustWalkOpen() ? await whyNotOpen(from, to) : await whyNotCp(from, to);
  if (why === undefined) return;
  await removeFiles(to);
  const isFull = why === full || why === quota;
  throw new ProblemError(
    {
      what: `The copy to ${to} failed: ${why}`,
      fix: `${isFull ? 'Make room on the disk' : 'Put that right'}, then try again. Nothing that was there has changed.`,
    },
    3,
    isFull ? { cause: Object.assign(new Error(why), { code: 'ENOSPC' }) } : {},
  );
}

const full = 'the disk is full';
const quota = 'your share of the disk is full';

const whyNotOpen = (from: string, to: string): Promise<string | undefined> =>
  copyOpen(from, to).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOSPC') return full;
      if (error.code === 'EDQUOT') return quota;
      if ('syscall' in error) return error.message;
      throw error;
    },
  );

async function whyNotCp(from: string, to: string): Promise<string | undefined> {
  const args = process.platform === 'linux' ? ['-a', '--reflink=auto', from, to] : ['-a', from, to];
  const { status, stderr } = await run({ command: 'cp', args, env: { ...process.env, LC_ALL: 'C' } });
  if (status === 0) return undefined;
  if (/No space left on device/.test(stderr)) return full;
  if (/quota exceeded/i.test(stderr)) return quota;
  return stderr.trim().split('\n')[0] || 'cp was ended';
}

/**
 * Moves within one file system. A folder without write permission for its owner gets it for that moment: to change its
 * parent, a folder must be writable.
 */
export async function moveFiles(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const stat = await lstat(from);
    if ((code !== 'EACCES' && code !== 'EPERM') || !stat.isDirectory()) throw error;
    await chmod(from, 0o700);
    await rename(from, to);
    await chmod(to, stat.mode & 0o7777);
  }
}

/** Why this user may not move it, where that is because of its owner. */
export function ofAnotherUser(path: string): ProblemError | undefined {
  const { uid } = lstatSync(path);
  const self = process.getuid?.();
  if (self === 0 || self === uid) return undefined;
  return new ProblemError({
    what: `${path} belongs to another user (${uid}), and only that user or root may move it.`,
    fix: `Take it back, as root: chown -R ${self} ${quote(path)}`,
  });
}

/** Uses `remove` where a folder of another user cannot be moved: a Docker daemon creates such folders for mounts. */
export async function moveOrRemove(from: string, to: string, remove: (path: string) => Promise<void>): Promise<void> {
  try {
    await moveFiles(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
    await remove(from);
  }
}

/**
 * Removes a path, and opens folders that their owner had closed. Throws the system's error for another user's files.
 */
export async function removeFiles(path: string): Promise<void> {
  const remove = () => (mustWalkOpen() ? removeOpen(path) : rm(path, { recursive: true, force: true }));
  try {
    await remove();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
    await openFolders(path);
    await remove();
  }
}

/** Does not follow links. */
async function openFolders(path: string): Promise<void> {
  if (!(await lstat(path)).isDirectory()) return;
  await chmod(path, 0o700).catch(() => undefined); // a folder of another user: the removal reports it
  for (const entry of await readdir(path, { withFileTypes: true }).catch(() => []))
    if (entry.isDirectory()) await openFolders(join(path, entry.name));
}
