/**
 * The outcomes of a lesson's questions: the learner's answers, and what really happened once a task has shown it. Pure.
 */
import type { Choice, Question } from '../lesson/format/words.ts';
import { type Lesson, taskKey } from '../lesson/lesson.ts';
import { choiceTaken } from '../lesson/task.ts';
import type { LearnerState } from './progress.ts';

/** `really`: what was seen when the task passed that shows the right answer. */
export type PredictionOutcome = { readonly taken: Choice; readonly really?: string };

export type Outcomes = Readonly<Record<string, PredictionOutcome>>; // by id of the question; only answered ones

export function outcomesOf(
  lesson: Lesson,
  { progress, journal }: Pick<LearnerState, 'progress' | 'journal'>,
): Outcomes {
  const questions = lesson.words.tasks.flatMap((task) => task.questions);
  return Object.fromEntries(
    questions.flatMap((question) => {
      const taken = choiceTaken(lesson, question, journal);
      const key = shownBy(lesson, question);
      const done = progress.done[key];
      const shown = done?.assisted ? journal.events[key] : done; // after a solve only an event proves what happened
      return taken ? [[question.id, { taken, ...(done && shown ? { really: shown.seen } : {}) }]] : [];
    }),
  );
}

const shownBy = (lesson: Lesson, { shows = '' }: Question): string =>
  shows.includes('/') ? shows : taskKey(lesson.id, shows);
