/**
 * The learner's consent to folders behind links counts only for the lab folder in which it was given. A copied lab,
 * such as an instructor's copy of a student's, brings its lab.json and links along, but no consent.
 */
import { statSync } from 'node:fs';
import { type LabFile, readLab } from '../folder.ts';
import { type Elsewhere, foldersOf } from './outside.ts';

/** Also empty where there is no lab yet. Throws a ProblemError as `readLab` does. */
export const agreedElsewhere = (dir: string): Elsewhere => agreedIn(dir, readLab(dir));

export function agreedIn(dir: string, file: LabFile | undefined): Elsewhere {
  if (!file?.elsewhere || file.elsewhereFor !== engineMark(dir)) return {};
  const known = foldersOf(file.plan);
  return Object.fromEntries(Object.entries(file.elsewhere).filter(([path]) => known.includes(path)));
}

/** lab.json with the folders to which the learner agreed. */
export const withElsewhere = (dir: string, file: LabFile, elsewhere: Elsewhere): LabFile => ({
  ...file,
  elsewhere,
  elsewhereFor: engineMark(dir),
});

/** Identifies a folder: the same after a rename, different for a copy. Not all file systems have a creation time. */
function engineMark(dir: string): string {
  const { ino, birthtimeNs } = statSync(dir, { bigint: true });
  return `${ino}-${birthtimeNs}`;
}
