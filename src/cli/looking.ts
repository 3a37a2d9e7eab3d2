/** What a command has when it has come to the lab. */
import type { LabFile } from '../lab/folder.ts';
import type { NativeLab } from '../lab/native/lab.ts';
import type { Lesson } from '../lesson/lesson.ts';
import type { Kept } from '../session/progress.ts';

export type Looking = {
  readonly lab: NativeLab;
  readonly file: LabFile;
  readonly lessons: readonly Lesson[];
  readonly kept: Kept;
};
