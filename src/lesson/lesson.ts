/** A lesson's facts: the checks and solutions of its tasks, and the mistakes to catch. The words are in lesson.md. */
import type { Check } from '../check/check.ts';
import type { CauseId } from '../check/verdict.ts';
import type { Action } from './action.ts';
import type { LessonWords, Only } from './format/words.ts';

/**
 * state: checked after it has passed too, until the learner opens a lesson that supersedes it.
 * event: something that happened; it passes once and is then kept in the journal.
 * answer: questions of lesson.md; passes when each has its right answer.
 */
export type Task = { readonly id: string; readonly only?: Only } & (
  | { readonly kind: 'state' | 'event'; readonly check: Check; readonly solution: readonly Action[] }
  | { readonly kind: 'answer'; readonly questions: readonly string[] }
);

/**
 * Done after the solutions of the tasks before `caught.task`, a mistake must fail that task with exactly that cause.
 */
export type Mistake = {
  readonly id: string;
  readonly story: string; // in the learner's words: "I saved the line, but did not reload."
  readonly actions: readonly Action[];
  readonly caught: { readonly task: string; readonly cause: CauseId };
  /** Takes back what restoring the lab does not: a container that is not the lab's, a connection to a network. */
  readonly undo?: readonly Action[];
  readonly image?: string; // that it needs besides the lab's: nothing of ours pulls one
  readonly only?: Only;
};

/** Another solution of a task, which must pass too. */
export type Alternative = {
  readonly id: string;
  readonly task: string;
  readonly actions: readonly Action[];
  readonly only?: Only;
};

export type LessonFacts = {
  readonly id: string; // the folder's name without its number
  readonly minutes: number;
  readonly tasks: readonly Task[];
  readonly mistakes: readonly Mistake[];
  readonly alternatives?: readonly Alternative[];
  readonly supersedes?: readonly string[]; // 'lesson/task': not checked any more from this lesson on
  readonly disturbs?: readonly string[]; // 'lesson/task': not reported as broken while this lesson is open
  readonly excused?: Readonly<Record<CauseId, string>>; // causes that no mistake of this lesson gives → the reason
};

export type Lesson = LessonFacts & { readonly number: number; readonly words: LessonWords };

/** Returns its argument. It gives authors completion and keeps the literal types. */
export const defineLesson = <const T extends LessonFacts>(facts: T): T => facts;

export const taskKey = (lesson: string, task: string): string => `${lesson}/${task}`;
