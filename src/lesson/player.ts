/** A lab with lessons being played on it: solve a task, look until a verdict comes, remember events. Goto, the proof and the tour stand on it. */
import type { Journal, Seen } from '../check/journal.ts';
import type { Verdict } from '../check/verdict.ts';
import type { Lab } from '../lab/lab.ts';
import type { Action } from './action.ts';
import { applyAction, openRunner, type Runner } from './apply.ts';
import { type Lesson, taskKey } from './lesson.ts';
import { questionsOf, type TaskOfLesson, tasksOf, verdictOf } from './task.ts';

const deadlineMs = 12_000; // for a verdict to come: a standby needs a moment to stream
const betweenLooksMs = 50;

export type LessonPlayer = AsyncDisposable & {
  readonly lab: Lab;
  look(): Promise<Seen>;
  /** What the last look saw, as long as nothing was done since; else a look. */
  seen(): Promise<Seen>;
  act(lesson: Lesson, actions: readonly Action[]): Promise<void>;
  /** Looks until the verdict is as wanted or the deadline is over; gives back the last verdict. */
  waitFor(task: TaskOfLesson, wanted: (verdict: Verdict) => boolean): Promise<Verdict>;
  journal(): Journal;
  forget(journal: Journal): Promise<void>; // another state was restored: statements of the old one end
};

/** `signal` ends what is played after the action or look that is under way: half an action would leave half a server. */
export function openLessonPlayer(lab: Lab, journal: Journal, signal?: AbortSignal): LessonPlayer {
  let runner: Runner = openRunner(lab, journal);
  let last: Seen['now'] | undefined;
  const look = async (): Promise<Seen> => {
    last = await lab.observe();
    return { now: last, journal: runner.journal.value };
  };
  const seen = async (): Promise<Seen> => (last ? { now: last, journal: runner.journal.value } : look());
  return {
    lab,
    look,
    seen,
    journal: () => runner.journal.value,
    async act(lesson, actions) {
      for (const action of actions) {
        signal?.throwIfAborted();
        if (action.do !== 'answer') last = undefined;
        await applyAction(runner, lesson.id, action);
      }
    },
    async waitFor(task, wanted) {
      const end = performance.now() + deadlineMs;
      for (;;) {
        signal?.throwIfAborted();
        const verdict = verdictOf(task, await (task.task.kind === 'answer' ? seen() : look())); // an answer stands in the journal
        if (verdict.kind === 'pass') runner.journal.value = withEvent(runner.journal.value, task, verdict.seen);
        if (wanted(verdict) || performance.now() >= end) return verdict;
        await new Promise((again) => setTimeout(again, betweenLooksMs));
      }
    },
    async forget(before) {
      await runner[Symbol.asyncDispose]();
      runner = openRunner(lab, before);
      last = undefined;
    },
    [Symbol.asyncDispose]: () => runner[Symbol.asyncDispose](),
  };
}

function withEvent(journal: Journal, { lesson, task }: TaskOfLesson, seen: string): Journal {
  const key = taskKey(lesson.id, task.id);
  if (task.kind !== 'event' || journal.events[key]) return journal;
  return { ...journal, events: { ...journal.events, [key]: { at: new Date().toISOString(), seen } } };
}

/** What solves a task; for questions, their right answers. */
export function solutionOf(one: TaskOfLesson): readonly Action[] {
  if (one.task.kind !== 'answer') return one.task.solution;
  return questionsOf(one).map((question): Action => {
    const right = question.choices.find((choice) => choice.right);
    if (!right) throw new Error(`question ${question.id} has no right choice`);
    return { do: 'answer', question: question.id, choice: right.id };
  });
}

export type UnsolvedTask = { readonly failed: TaskOfLesson; readonly verdict: Verdict };

/**
 * Solves the tasks in order, each until it passes. Stops at the first that does not, and says which. What is so already is not done again: the
 * network of a lab on Docker outlives a goto.
 */
export async function solveTasks(
  player: LessonPlayer,
  tasks: readonly TaskOfLesson[],
  begins: (task: TaskOfLesson, action: Action | null) => void = () => undefined, // null: it is waited for the verdict
): Promise<UnsolvedTask | undefined> {
  for (const task of tasks) {
    if (task.task.kind === 'state' && verdictOf(task, await player.seen()).kind === 'pass') continue;
    for (const action of solutionOf(task)) {
      begins(task, action);
      await player.act(task.lesson, [action]);
    }
    begins(task, null);
    const verdict = await player.waitFor(task, ({ kind }) => kind === 'pass');
    if (verdict.kind !== 'pass') return { failed: task, verdict };
  }
  return undefined;
}

export const allTasks = (lessons: readonly Lesson[]): readonly TaskOfLesson[] => lessons.flatMap(tasksOf);
