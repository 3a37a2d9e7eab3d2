/** Lessons as one lab's learner gets them: only what is meant for this engine and version, with the lab's own values in the words. */
import type { LabPlan } from '../lab/plan.ts';
import { fill, type Reader, visible } from './fill.ts';
import type { Lesson } from './lesson.ts';

export const lessonsFor = (lessons: readonly Lesson[], reader: Reader, plan: LabPlan): readonly Lesson[] =>
  lessons.map((lesson) => lessonFor(lesson, reader, plan));

function lessonFor(lesson: Lesson, reader: Reader, plan: LabPlan): Lesson {
  const meant = lesson.tasks.map((task) => visible(task.only, reader));
  const tasks = lesson.words.tasks
    .filter((_, index) => meant[index])
    .map((words) => ({ ...words, hints: words.hints.filter(({ only }) => visible(only, reader)) }));
  return {
    ...lesson,
    tasks: lesson.tasks.filter((_, index) => meant[index]),
    words: filled({ ...lesson.words, tasks }, plan),
  };
}

/** Words are plain data: every text in them is filled, wherever it stands. */
function filled<T>(words: T, plan: LabPlan): T {
  return JSON.parse(JSON.stringify(words), (_, value: unknown) =>
    typeof value === 'string' ? fill(value, plan) : value,
  ) as T;
}
