/** Folders of a lab, copied and removed. */
import { rm } from 'node:fs/promises';
import { ProblemError } from './problem.ts';
import { run } from './run.ts';

/** `cp -a` keeps owners, modes and times; where the file system can, it shares the blocks. Never hard links: PostgreSQL writes in place. */
export async function copyFiles(from: string, to: string): Promise<void> {
  const args = process.platform === 'linux' ? ['-a', '--reflink=auto', from, to] : ['-a', from, to];
  const { status, stderr } = await run({ command: 'cp', args });
  if (status === 0) return;
  await removeFiles(to);
  throw new ProblemError({
    what: `The copy to ${to} failed: ${stderr.trim().split('\n')[0]}`,
    fix: 'Make room on the disk, then try again. What was there is untouched.',
  });
}

export const removeFiles = (path: string): Promise<void> => rm(path, { recursive: true, force: true });
