/** Scripts of the workshop among the learner's files: rewritten when they differ, never over the learner's own. */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../folders/make-folder.ts';
import { ProblemError } from '../problem.ts';
import { cannotWrite } from '../store/store.ts';
import { readOfLab } from './read-file.ts';
import { writeWhole } from './write-file.ts';

const mark = 'Made by repl-workshop';
const mostOfAScript = 64 * 1024;

/**
 * `texts`: content by file name, for one folder of the lab; each has the mark in its first two lines. Returns a
 * sentence for each file that is the learner's own and stays. A symbolic link of such a name is replaced, and its
 * target is left alone. Throws a ProblemError.
 */
export function writeOwnFiles(
  dir: string,
  folder: string,
  texts: Readonly<Record<string, string>>,
  mode: number,
): readonly string[] {
  const place = join(dir, folder);
  const stat = lstatSync(place, { throwIfNoEntry: false });
  if (stat && !stat.isDirectory())
    return [`${folder} is ${stat.isSymbolicLink() ? 'a link' : 'no folder'}, so the workshop writes nothing there.`];
  try {
    makeFolder(place);
    return Object.entries(texts).flatMap(([name, text]) => writeOwn(join(place, name), join(folder, name), text, mode));
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw cannotWrite(place, error as NodeJS.ErrnoException);
  }
}

function writeOwn(path: string, shown: string, text: string, mode: number): readonly string[] {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat && !stat.isSymbolicLink()) {
    const result = readOfLab(path, mostOfAScript);
    const content = result.kind === 'bytes' ? result.bytes.toString('utf8') : '';
    if (!content.split('\n', 2).some((line) => line.includes(mark)))
      return [`${shown} is your own and stays as it is; move it away to have the workshop's.`];
    if (content === text && (stat.mode & 0o777) === mode) return [];
  }
  writeWhole(path, text, { mode });
  return [];
}
