/** Refuses paths that cannot be a lab. */
import { statSync } from 'node:fs';
import { ProblemError } from '../problem.ts';

/** Throws a ProblemError. A path that does not exist yet is accepted. */
export function refuseBadFolder(dir: string): void {
  const found = kindOf(dir);
  if (found === 'none' || found === 'folder') return;
  const messages = {
    file: [`${dir} is a file, and a lab needs a folder.`, 'Move the file away, or choose'],
    below: [`${dir} cannot be a lab: a part of that path is a file.`, 'Choose'],
    shut: [`${dir} cannot be looked at: you may not read a folder above it.`, 'Let yourself in, or choose'],
  } as const;
  const [what, fix] = messages[found];
  throw new ProblemError({ what, fix: `${fix} another folder with --lab DIR.` }, 2);
}

function kindOf(path: string): 'none' | 'folder' | 'file' | 'below' | 'shut' {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat ? (stat.isDirectory() ? 'folder' : 'file') : 'none';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOTDIR' ? 'below' : 'shut';
  }
}
