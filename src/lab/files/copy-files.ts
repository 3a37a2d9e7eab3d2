/** Folders of a lab, copied and removed. */
import { chmod, lstat, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../machine/run.ts';
import { ProblemError } from '../problem.ts';
import { copyOpen, mustWalkOpen, removeOpen } from './open-tree.ts';

/** `cp -a` keeps owners, modes and times; where the file system can, it shares the blocks. Never hard links: PostgreSQL writes in place. */
export async function copyFiles(from: string, to: string): Promise<void> {
  const why = mustWalkOpen() ? await whyNotOpen(from, to) : await whyNotCp(from, to);
  if (why === undefined) return;
  await removeFiles(to);
  const first = /disk is full|No space|quota/i.test(why) ? 'Make room on the disk' : 'Put that right';
  throw new ProblemError({
    what: `The copy to ${to} failed: ${why}`,
    fix: `${first}, then try again. What was there is untouched.`,
  });
}

const whyNotOpen = (from: string, to: string): Promise<string | undefined> =>
  copyOpen(from, to).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOSPC') return 'the disk is full';
      if ('syscall' in error) return error.message;
      throw error;
    },
  );

async function whyNotCp(from: string, to: string): Promise<string | undefined> {
  const args = process.platform === 'linux' ? ['-a', '--reflink=auto', from, to] : ['-a', from, to];
  const { status, stderr } = await run({ command: 'cp', args });
  return status === 0 ? undefined : stderr.trim().split('\n')[0] || 'cp was ended';
}

/** Within one file system. A folder that its owner has shut is opened: to leave its parent it has to be written. */
export async function moveFiles(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if ((code !== 'EACCES' && code !== 'EPERM') || !(await lstat(from)).isDirectory()) throw error;
    await chmod(from, 0o700);
    await rename(from, to);
  }
}

/** A folder of another user cannot be moved: a Docker engine makes those that a mount names. `remove` can remove it all the same. */
export async function moveOrRemove(from: string, to: string, remove: (path: string) => Promise<void>): Promise<void> {
  try {
    await moveFiles(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
    await remove(from);
  }
}

/** Folders that their owner has shut are opened for it. Throws the system's own error for what is another user's. */
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

/** Links are not followed. */
async function openFolders(path: string): Promise<void> {
  if (!(await lstat(path)).isDirectory()) return;
  await chmod(path, 0o700).catch(() => undefined); // another user's: the removal says so
  for (const entry of await readdir(path, { withFileTypes: true }).catch(() => []))
    if (entry.isDirectory()) await openFolders(join(path, entry.name));
}
