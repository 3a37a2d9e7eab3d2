/**
 * The lessons for one lab: blocks and tasks for its engine and version only, with its values in place of placeholders.
 * On Docker, those that a look may change are filled in when they are shown.
 */
import type { LabPlan } from '../../lab/plan/plan.ts';
import type { Lesson } from '../lesson.ts';
import { fillPlanned, isFor, type Reader } from './fill.ts';
import type { LessonWords, Only } from './words.ts';

export const lessonsFor = (lessons: readonly Lesson[], reader: Reader, plan: LabPlan): readonly Lesson[] =>
  lessons.map((lesson) => lessonFor(lesson, reader, plan));

function lessonFor(lesson: Lesson, reader: Reader, plan: LabPlan): Lesson {
  const isMeant = lesson.tasks.map((task) => isFor(task.only, reader));
  let words: LessonWords | undefined; // made at the first access, because most lessons are never opened
  return {
    ...lesson,
    tasks: lesson.tasks.filter((_, index) => isMeant[index]),
    get words() {
      words ??= meantFor(reader, plan, {
        ...lesson.words,
        tasks: lesson.words.tasks.filter((_, index) => isMeant[index]),
      });
      return words;
    },
  };
}

/** Leaves out every element whose `only` does not match the reader, and fills in what the plan alone tells. */
function meantFor<T>(reader: Reader, plan: LabPlan, words: T): T {
  return JSON.parse(JSON.stringify(words), (_, value: unknown) => {
    if (typeof value === 'string') return fillPlanned(value, plan);
    return Array.isArray(value) ? value.filter((one: { only?: Only } | null) => isFor(one?.only, reader)) : value;
  }) as T;
}
