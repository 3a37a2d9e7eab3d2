/** What a command has when it has come to the lab. */
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
  readonly unseen?: Problem; // the lab is somebody else's: all that is known of it is its own record
};
