/**
 * What the learner has said about folders behind links counts for the very folder in which it was said. A lab that was copied, by an instructor from a
 * student, say, brings its lab.json along, and links with it: in the copy nobody has said anything yet.
 */
import { statSync } from 'node:fs';
import { type LabFile, readLab } from '../folder.ts';
import { type Elsewhere, foldersOf } from './outside.ts';

/** Empty, too, where there is no lab yet. Throws a ProblemError as `readLab` does. */
export const agreedElsewhere = (dir: string): Elsewhere => agreedIn(dir, readLab(dir));

export function agreedIn(dir: string, file: LabFile | undefined): Elsewhere {
  if (!file?.elsewhere || file.elsewhereFor !== markOf(dir)) return {};
  const known = foldersOf(file.plan);
  return Object.fromEntries(Object.entries(file.elsewhere).filter(([path]) => known.includes(path)));
}

/** What is to be written into lab.json. */
export const withElsewhere = (dir: string, file: LabFile, elsewhere: Elsewhere): LabFile => ({
  ...file,
  elsewhere,
  elsewhereFor: markOf(dir),
});

/** Stays when the folder is renamed, and no copy has the same. Not all file systems know when a folder was made. */
function markOf(dir: string): string {
  const { ino, birthtimeNs } = statSync(dir, { bigint: true });
  return `${ino}-${birthtimeNs}`;
}
