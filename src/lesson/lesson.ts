/** A lesson's facts: what its tasks look at, what solves them, and which mistakes must be caught. The words are in lesson.md. */
import type { Check } from '../check/check.ts';
import type { CauseId } from '../check/verdict.ts';
import type { Action } from './action.ts';
import type { LessonWords, Only } from './format/words.ts';

/**
 * state: watched after it passed, until a lesson that supersedes it is opened.
 * event: something that happened; seen once, kept in the journal.
 * answer: questions of lesson.md; passes when each has its right choice.
 */
export type Task = { readonly id: string; readonly only?: Only } & (
  | { readonly kind: 'state' | 'event'; readonly check: Check; readonly solution: readonly Action[] }
  | { readonly kind: 'answer'; readonly questions: readonly string[] }
);

/** A wrong answer: done after the solutions of the tasks before `caught.task`, it must be caught there with exactly that cause. */
export type Mistake = {
  readonly id: string;
  readonly story: string; // what a learner would say: "I saved the line, but did not reload."
  readonly actions: readonly Action[];
  readonly caught: { readonly task: string; readonly cause: CauseId };
  readonly undo?: readonly Action[]; // what a restored lab would keep: a container that is not the lab's, a network that one was put into
  readonly only?: Only;
};

/** Another right answer to a task. */
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
  readonly supersedes?: readonly string[]; // 'lesson/task': from this lesson on no longer watched
  readonly disturbs?: readonly string[]; // 'lesson/task': quiet while this lesson is open
  readonly excused?: Readonly<Record<CauseId, string>>; // causes that no mistake here shows, and why
};

export type Lesson = LessonFacts & { readonly number: number; readonly words: LessonWords };

/** The identity of lesson authors: gives completion and keeps the literal types. */
export const defineLesson = <const T extends LessonFacts>(facts: T): T => facts;

export const taskKey = (lesson: string, task: string): string => `${lesson}/${task}`;
