/** A lab that a command has opened, with its lessons and the learner's files. */
import type { LabFile } from '../lab/folder.ts';
import type { Lab } from '../lab/lab.ts';
import type { Problem } from '../lab/problem.ts';
import type { Lesson } from '../lesson/lesson.ts';
import type { LearnerState } from './progress.ts';

export type OpenedLab = {
  readonly lab: Lab;
  readonly file: LabFile;
  readonly lessons: readonly Lesson[];
  readonly learner: LearnerState;
  readonly cache?: string | undefined; // the user's folder of prepared states
  readonly unseen?: Problem; // the lab is another user's: only its JSON files were read
};
