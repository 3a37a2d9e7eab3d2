/** Runs actions on a lab, looks until a task has the wanted verdict, and keeps events: for goto, solve, proof, tour. */
import type { Journal, Seen } from '../check/journal.ts';
import { placeKey, type Step, type Verdict } from '../check/verdict.ts';
import type { Lab } from '../lab/lab.ts';
import { planSeen, type SeenPlan } from '../lab/plan/plan-seen.ts';
import { type Action, actionWords } from './action.ts';
import { applyAction, openRunner, type Runner } from './apply.ts';
import { type Lesson, taskKey } from './lesson.ts';
import { type Followed, followStep } from './mend/follow-steps.ts';
import { questionsOf, type TaskOfLesson, tasksOf, verdictOf } from './task.ts';

const deadlineMs = 12_000; // for the same verdict: a standby needs some seconds until it streams
const mostMs = 30_000; // for one that passes by itself, on a busy machine
const betweenLooksMs = 50;
const settleMs = 1500; // the same verdict for so long: nothing comes by itself

export type LessonPlayer = AsyncDisposable & {
  readonly lab: Lab;
  /** The plan with what the last look saw. */
  plan(): SeenPlan;
  look(): Promise<Seen>;
  /** The last observation when no action was run since, else a new one. */
  seen(): Promise<Seen>;
  act(lesson: Lesson, actions: readonly Action[]): Promise<void>;
  /** Looks until the verdict is the wanted one or final, or `deadlineMs` is over. Resolves with the last verdict. */
  waitFor(task: TaskOfLesson, wanted: (verdict: Verdict) => boolean): Promise<Verdict>;
  /**
   * Looks until the first of these tasks that does not pass is the same for `settleMs`, or is `enough`, or passes.
   * Resolves with undefined when all of them pass.
   */
  firstOpen(tasks: readonly TaskOfLesson[], enough: (open: UnsolvedTask) => boolean): Promise<UnsolvedTask | undefined>;
  follow(step: Step): Promise<Followed>;
  journal(): Journal;
  /** After another state of the lab was restored: takes its journal, and ends the statements in the background. */
  forget(journal: Journal): Promise<void>;
};

/** An abort of `signal` takes effect after the current action: half an action could leave a broken server. */
export function openLessonPlayer(lab: Lab, journal: Journal, signal?: AbortSignal): LessonPlayer {
  let runner: Runner = openRunner(lab, journal);
  let last: Seen['now'] | undefined;
  const look = async (): Promise<Seen> => {
    last = await lab.observe();
    runner.plan.value = planSeen(lab.plan, last);
    return { now: last, journal: runner.journal.value };
  };
  const seen = async (): Promise<Seen> => (last ? { now: last, journal: runner.journal.value } : look());
  const judge = (task: TaskOfLesson, found: Seen): Verdict => {
    const verdict = verdictOf(task, found);
    if (verdict.kind === 'pass') runner.journal.value = withEvent(runner.journal.value, task, verdict.seen);
    return verdict;
  };
  return {
    lab,
    plan: () => runner.plan.value,
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
      const isLate = patience();
      for (;;) {
        signal?.throwIfAborted();
        const verdict = judge(task, await (task.task.kind === 'answer' ? seen() : look())); // answers need no look
        if (wanted(verdict) || isFinal(verdict) || isLate({ failed: task, verdict })) return verdict;
        await new Promise((again) => setTimeout(again, betweenLooksMs));
      }
    },
    async firstOpen(tasks, enough) {
      const [isLate, sameFor] = [patience(), stillness()];
      for (;;) {
        signal?.throwIfAborted();
        const found = await look();
        const open = tasks
          .map((failed): UnsolvedTask => ({ failed, verdict: judge(failed, found) }))
          .find(({ verdict }) => verdict.kind !== 'pass');
        if (!open || enough(open)) return open;
        const sameMs = sameFor(openKey(open));
        if (isLate(open) || (!passesByItself(open.verdict) && sameMs >= settleMs)) return open;
        await new Promise((again) => setTimeout(again, betweenLooksMs));
      }
    },
    follow(step) {
      signal?.throwIfAborted();
      last = undefined;
      return followStep(runner, step);
    },
    async forget(before) {
      await runner[Symbol.asyncDispose]();
      runner = openRunner(lab, before);
      last = undefined;
    },
    [Symbol.asyncDispose]: () => runner[Symbol.asyncDispose](),
  };
}

/** Returns a function: for how many ms the key has been the same. */
function stillness(): (key: string) => number {
  let [before, since] = ['', performance.now()];
  return (key) => {
    const now = performance.now();
    if (key !== before) [before, since] = [key, now];
    return now - since;
  };
}

/** Returns a function: whether the wait for another verdict is over. A new verdict is progress. */
function patience(): (open: UnsolvedTask) => boolean {
  const end = performance.now() + mostMs;
  const sameFor = stillness();
  return (open) => {
    const sameMs = sameFor(openKey(open));
    return performance.now() >= end || sameMs >= (passesByItself(open.verdict) ? mostMs : deadlineMs);
  };
}

/** The same task with the same cause at the same place: the same verdict. */
export const openKey = ({ failed: { lesson, task }, verdict }: UnsolvedTask): string =>
  [taskKey(lesson.id, task.id), ...(verdict.kind === 'fail' ? [verdict.cause, placeKey(verdict.at)] : [])].join(' ');

const passesByItself = (verdict: Verdict): boolean =>
  verdict.kind === 'fail' && /^(starting|catching-up|no-sender-on-the-master)$/.test(verdict.cause);

/** No wait mends it: the server has ended, and nobody starts it again. */
const isFinal = (verdict: Verdict): boolean => verdict.kind === 'fail' && verdict.cause === 'port-taken';

function withEvent(journal: Journal, { lesson, task }: TaskOfLesson, seen: string): Journal {
  const key = taskKey(lesson.id, task.id);
  if (task.kind !== 'event' || journal.events[key]) return journal;
  return { ...journal, events: { ...journal.events, [key]: { at: new Date().toISOString(), seen } } };
}

/** The solution of a task; for an answer task, the right answers. */
export function solutionOf(one: TaskOfLesson): readonly Action[] {
  if (one.task.kind !== 'answer') return one.task.solution;
  return questionsOf(one).map((question): Action => {
    const right = question.choices.find((choice) => choice.right);
    if (!right) throw new Error(`question ${question.id} has no right choice`);
    return { do: 'answer', question: question.id, choice: right.id };
  });
}

export type UnsolvedTask = { readonly failed: TaskOfLesson; readonly verdict: Verdict };

/** Is called before each action of a task, with its words, and with null before the wait for its verdict. */
export type OnBegin = (task: TaskOfLesson, words: string | null) => void;

type Solving = {
  readonly onBegin?: OnBegin;
  /** Judges a run of state tasks with one look, at its end. For a lab where nothing of the later ones is done yet. */
  readonly inRuns?: boolean;
};

/**
 * Solves the tasks in order and resolves with the first one that does not pass. State tasks that pass already are
 * skipped: the network of a lab on Docker, for example, is still there after a goto.
 */
export async function solveTasks(
  player: LessonPlayer,
  tasks: readonly TaskOfLesson[],
  { onBegin = () => undefined, inRuns = false }: Solving = {},
): Promise<UnsolvedTask | undefined> {
  const isState = (task: TaskOfLesson | undefined) => task?.task.kind === 'state';
  const isEvent = (task: TaskOfLesson | undefined) => task?.task.kind === 'event';
  const acted: TaskOfLesson[] = []; // and not yet judged
  for (const [at, task] of tasks.entries()) {
    const isUntouched = acted.every((one) => one.task.kind === 'answer'); // an answer changes no server
    if (isUntouched && isState(task) && verdictOf(task, await player.seen()).kind === 'pass') continue;
    for (const action of solutionOf(task)) {
      onBegin(task, actionWords(action, player.plan()));
      await player.act(task.lesson, [action]);
    }
    acted.push(task);
    if (inRuns && !isEvent(task) && tasks[at + 1] && !isEvent(tasks[at + 1])) continue;
    onBegin(task, null);
    for (const [index, one] of acted.splice(0).entries()) {
      if (index > 0 && verdictOf(one, await player.seen()).kind === 'pass') continue; // in the look of the one before
      const verdict = await player.waitFor(one, ({ kind }) => kind === 'pass');
      if (verdict.kind !== 'pass') return { failed: one, verdict };
    }
  }
  return undefined;
}

export const allTasks = (lessons: readonly Lesson[]): readonly TaskOfLesson[] => lessons.flatMap(tasksOf);
