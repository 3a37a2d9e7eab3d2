/**
 * Judges a look: the tasks of a lesson, the earlier tasks that the lesson depends on, and the changes to keep. Pure.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Journal, Seen } from '../check/journal.ts';
import type { Fail, Step, Verdict } from '../check/verdict.ts';
import { type Lesson, taskKey } from '../lesson/lesson.ts';
import { type TaskOfLesson, tasksOf, verdictOf } from '../lesson/task.ts';
import { type Done, type LearnerChange, type LearnerProgress, type LearnerState, lessonHere } from './progress.ts';

/** The task waits for an earlier task of the same lesson; `by` is that task's title. */
export type Blocked = { readonly kind: 'blocked'; readonly by: string };

export type TaskState = TaskOfLesson & {
  readonly key: string; // 'lesson/task'
  readonly verdict: Verdict | Blocked;
  readonly done?: Done; // stays for ever; the verdict of a later look may differ
};

/**
 * Judges the tasks of a lesson, in order. A task that passes shows it at any place; the others are blocked by the first
 * that fails and is not done. `lessons`: a lesson that the learner has opened may supersede tasks. Such a task keeps
 * the verdict with which it was done.
 */
export function judgeLesson(
  lesson: Lesson,
  seen: Seen,
  progress: LearnerProgress,
  lessons: readonly Lesson[] = [lesson],
): readonly TaskState[] {
  const supersededKeys = superseded(lessons, progress, lesson.id);
  let first: string | undefined;
  return tasksOf(lesson).map((one) => {
    const state = judgeTask(one, seen, progress, supersededKeys);
    if (state.done || state.verdict.kind === 'pass') return state;
    if (first !== undefined) return { ...state, verdict: { kind: 'blocked', by: first } };
    if (state.verdict.kind === 'fail') first = state.words.title;
    return state;
  });
}

/**
 * Returns the tasks of earlier lessons that this lesson depends on: state tasks that no opened lesson supersedes, and
 * that this lesson does not disturb. They may not be done yet; `judgePrerequisites` judges those that are.
 */
export function prerequisitesOf(
  lessons: readonly Lesson[],
  lessonId: string,
  progress: LearnerProgress,
): readonly TaskOfLesson[] {
  const here = lessons.findIndex(({ id }) => id === lessonId);
  const ignored = new Set([...superseded(lessons, progress, lessonId), ...(lessons[here]?.disturbs ?? [])]);
  return lessons
    .slice(0, Math.max(here, 0))
    .flatMap(tasksOf)
    .filter(({ lesson, task }) => task.kind === 'state' && !ignored.has(taskKey(lesson.id, task.id)));
}

/** Judges each prerequisite of a lesson that was done. */
export function judgePrerequisites(
  lessons: readonly Lesson[],
  lessonId: string,
  seen: Seen,
  progress: LearnerProgress,
): readonly TaskState[] {
  return withWholeWay(
    prerequisitesOf(lessons, lessonId, progress)
      .filter(({ lesson, task }) => progress.done[taskKey(lesson.id, task.id)])
      .map((one) => judgeTask(one, seen, progress, new Set())),
  );
}

/**
 * The first broken task gets the whole way back, where later ones only add to it: their steps begin with its own, as a
 * clone comes with what later lessons did to the copy; or all are about the files of one server, and its start.
 */
function withWholeWay(states: readonly TaskState[]): readonly TaskState[] {
  const [first, ...later] = states.flatMap(({ verdict }) =>
    verdict.kind === 'fail' && verdict.next.length > 0 ? [verdict] : [],
  );
  if (!first) return states;
  const longer = later.findLast(({ next }) => isDeepStrictEqual(next.slice(0, first.next.length), first.next));
  const next = longer?.next ?? inFilesOfOne(first.next, later);
  return states.map((state) => (state.verdict === first ? { ...state, verdict: { ...first, next } } : state));
}

function inFilesOfOne(steps: readonly Step[], later: readonly Fail[]): readonly Step[] {
  const [on] = steps.flatMap((step) => (step.do === 'edit' ? [step.on] : []));
  const isOfFiles = (step: Step) => /^(edit|touch|start)$/.test(step.do) && 'on' in step && step.on === on && !step.or;
  const end = later.findIndex(({ next }) => !next.every(isOfFiles));
  if (!steps.every((step) => isOfFiles(step) && step.do !== 'start')) return steps;
  const more = later.slice(0, end < 0 ? undefined : end).flatMap(({ next }) => next);
  return [...steps, ...more].filter((step, at, all) => all.findIndex((one) => isDeepStrictEqual(one, step)) === at);
}

/**
 * The task was done and fails now. One look proves little, for example during a restart or between the two steps of a
 * save: two in a row mean "broken again".
 */
export const failsAgain = ({ task, verdict, done }: TaskState): boolean =>
  done !== undefined && task.kind === 'state' && verdict.kind === 'fail';

export const isFinished = ({ verdict, done }: TaskState): boolean => done !== undefined || verdict.kind === 'pass';

/** The result of one look: the tasks of the current lesson, its prerequisites, and the changes to keep. */
export type Judgement = {
  readonly tasks: readonly TaskState[]; // before `changes` are applied
  readonly prerequisites: readonly TaskState[];
  readonly changes: readonly LearnerChange[];
};

export function judgeLook(
  lessons: readonly Lesson[],
  { progress, journal }: LearnerState,
  now: Seen['now'],
): Judgement {
  const lesson = lessonHere(lessons, progress);
  const seen = { now, journal };
  const tasks = judgeLesson(lesson, seen, progress, lessons);
  return {
    tasks,
    prerequisites: judgePrerequisites(lessons, lesson.id, seen, progress),
    changes: changesOf(tasks, journal, now.at),
  };
}

/** Returns the changes to keep, as `judgeLook` does, for commands that do not show prerequisites. */
export const findings = (
  lessons: readonly Lesson[],
  { progress, journal }: LearnerState,
  now: Seen['now'],
): readonly LearnerChange[] =>
  changesOf(judgeLesson(lessonHere(lessons, progress), { now, journal }, progress, lessons), journal, now.at);

/**
 * Tasks become done in order. An event is kept at any place of the lesson, since a later look could not see it again.
 */
function changesOf(states: readonly TaskState[], journal: Journal, at: string): readonly LearnerChange[] {
  const firstUnfinished = states.findIndex((state) => !isFinished(state));
  const inOrder = firstUnfinished < 0 ? states : states.slice(0, firstUnfinished);
  return states.flatMap((state): LearnerChange[] => {
    const { key, task, verdict, done } = state;
    if (verdict.kind !== 'pass') return [];
    const { seen } = verdict;
    const event: LearnerChange[] =
      task.kind === 'event' && !journal.events[key] && !done ? [{ kind: 'event', task: key, event: { at, seen } }] : [];
    if (done || !inOrder.includes(state)) return event;
    return [...event, { kind: 'done', task: key, done: { at, seen } }];
  });
}

/** Returns the task states that judging the same look again would give after `changes` are applied. */
export function withDone(states: readonly TaskState[], changes: readonly LearnerChange[]): readonly TaskState[] {
  const done = new Map(
    changes.flatMap((change) => (change.kind === 'done' ? [[change.task, change.done] as const] : [])),
  );
  return states.map((state) => {
    const now = done.get(state.key);
    if (!now) return state;
    const verdict: Verdict | Blocked = state.task.kind === 'state' ? state.verdict : { kind: 'pass', seen: now.seen };
    return { ...state, verdict, done: now };
  });
}

function judgeTask(
  one: TaskOfLesson,
  seen: Seen,
  progress: LearnerProgress,
  supersededKeys: ReadonlySet<string>,
): TaskState {
  const key = taskKey(one.lesson.id, one.task.id);
  const done = progress.done[key];
  const settled = done && (one.task.kind !== 'state' || supersededKeys.has(key));
  const verdict = unverified(one, seen, done) ?? (settled ? { kind: 'pass', seen: done.seen } : verdictOf(one, seen));
  return { ...one, key, verdict, ...(done ? { done } : {}) };
}

/**
 * In another user's lab nothing is observed, and its owner could have written anything into progress.json. So a done
 * task is unknown there. Answers are not affected: they are given, not observed.
 */
function unverified(
  { lesson, task }: TaskOfLesson,
  { now, journal }: Seen,
  done: Done | undefined,
): Verdict | undefined {
  if (!now.unseen || task.kind === 'answer') return undefined;
  const record = done ?? journal.events[taskKey(lesson.id, task.id)];
  if (!record) return undefined;
  const what = `The lab's own record says: ${record.seen}. Nothing was checked.`;
  return { kind: 'unknown', problem: { what, fix: now.unseen.fix } };
}

/** Returns the keys of tasks that this lesson, an earlier one or an opened one supersedes. */
export function superseded(
  lessons: readonly Lesson[],
  progress: LearnerProgress,
  lessonId: string,
): ReadonlySet<string> {
  const here = lessons.findIndex(({ id }) => id === lessonId);
  // A task that is done counts as well: `goto` marks tasks of lessons as done without opening these lessons.
  const opened = ({ id }: Lesson) =>
    progress.opened[id] !== undefined || Object.keys(progress.done).some((key) => key.startsWith(`${id}/`));
  const counting = lessons.filter((lesson, at) => at <= here || opened(lesson));
  return new Set(counting.flatMap(({ supersedes }) => supersedes ?? []));
}
