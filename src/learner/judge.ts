/** What is seen, judged: the tasks of a lesson, the ground it stands on, and what is to be remembered. Pure. */
import type { Journal, Seen } from '../check/journal.ts';
import type { Verdict } from '../check/verdict.ts';
import { type Lesson, taskKey } from '../lesson/lesson.ts';
import { type TaskOfLesson, tasksOf, verdictOf } from '../lesson/task.ts';
import { type Done, type LearnerChange, type LearnerProgress, type LearnerState, lessonHere } from './progress.ts';

/** An earlier task of the same lesson comes first. */
export type Blocked = { readonly kind: 'blocked'; readonly by: string }; // its title

export type TaskState = TaskOfLesson & {
  readonly key: string; // 'lesson/task'
  readonly verdict: Verdict | Blocked;
  readonly done?: Done; // once done, always done; what the verdict says now can differ
};

/**
 * The tasks of a lesson, in order. Those that pass say so wherever they stand; the others wait for the first that is
 * neither done nor passing. `lessons` says which later lessons, once opened, have superseded a task: such a task stays
 * as it was done.
 */
export function judgeLesson(
  lesson: Lesson,
  seen: Seen,
  progress: LearnerProgress,
  lessons: readonly Lesson[] = [lesson],
): readonly TaskState[] {
  const over = superseded(lessons, progress, lesson.id);
  let first: string | undefined;
  return tasksOf(lesson).map((one) => {
    const state = judgeTask(one, seen, progress, over);
    if (state.done || state.verdict.kind === 'pass') return state;
    if (first !== undefined) return { ...state, verdict: { kind: 'blocked', by: first } };
    if (state.verdict.kind === 'fail') first = state.words.title;
    return state;
  });
}

/**
 * The tasks of earlier lessons that this lesson stands on: state tasks that no lesson opened so far supersedes, without
 * those that this one disturbs. Only those that were done can break.
 */
export function prerequisitesOf(
  lessons: readonly Lesson[],
  lessonId: string,
  progress: LearnerProgress,
): readonly TaskOfLesson[] {
  const here = lessons.findIndex(({ id }) => id === lessonId);
  const quiet = new Set([...superseded(lessons, progress, lessonId), ...(lessons[here]?.disturbs ?? [])]);
  return lessons
    .slice(0, Math.max(here, 0))
    .flatMap(tasksOf)
    .filter(({ lesson, task }) => task.kind === 'state' && !quiet.has(taskKey(lesson.id, task.id)));
}

/** The ground, looked at: each task that was done, with what the look says. */
export function judgePrerequisites(
  lessons: readonly Lesson[],
  lessonId: string,
  seen: Seen,
  progress: LearnerProgress,
): readonly TaskState[] {
  return prerequisitesOf(lessons, lessonId, progress)
    .filter(({ lesson, task }) => progress.done[taskKey(lesson.id, task.id)])
    .map((watched) => judgeTask(watched, seen, progress, new Set()));
}

/**
 * Done before, failing now. One such look proves little (a restart, a save in two steps): two in a row mean "broken
 * again".
 */
export const failsAgain = ({ task, verdict, done }: TaskState): boolean =>
  done !== undefined && task.kind === 'state' && verdict.kind === 'fail';

export const isFinished = ({ verdict, done }: TaskState): boolean => done !== undefined || verdict.kind === 'pass';

/**
 * One look, judged once: the tasks of the learner's lesson, the tasks of earlier lessons that it stands on, and what is
 * to be remembered.
 */
export type Judgement = {
  readonly tasks: readonly TaskState[]; // as they stood before `changes`
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

/** What a look adds to what is remembered of the learner's lesson; for the commands, which draw no ground. */
export const findings = (
  lessons: readonly Lesson[],
  { progress, journal }: LearnerState,
  now: Seen['now'],
): readonly LearnerChange[] =>
  changesOf(judgeLesson(lessonHere(lessons, progress), { now, journal }, progress, lessons), journal, now.at);

/** Each task done now, in order, and each event wherever it stands, since an event cannot be seen twice. */
function changesOf(states: readonly TaskState[], journal: Journal, at: string): readonly LearnerChange[] {
  const gap = states.findIndex((state) => !isFinished(state));
  const inOrder = gap < 0 ? states : states.slice(0, gap);
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

/** The tasks as another judging of the same look would have them once `changes` are remembered. */
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

function judgeTask(one: TaskOfLesson, seen: Seen, progress: LearnerProgress, over: ReadonlySet<string>): TaskState {
  const key = taskKey(one.lesson.id, one.task.id);
  const done = progress.done[key];
  const settled = done && (one.task.kind !== 'state' || over.has(key));
  const verdict = unverified(one, seen, done) ?? (settled ? { kind: 'pass', seen: done.seen } : verdictOf(one, seen));
  return { ...one, key, verdict, ...(done ? { done } : {}) };
}

/**
 * Where nothing is looked at, what was done before is the lab's own word, which anybody who owns the lab can write.
 * Answers are given, not seen.
 */
function unverified(
  { lesson, task }: TaskOfLesson,
  { now, journal }: Seen,
  done: Done | undefined,
): Verdict | undefined {
  if (!now.unseen || task.kind === 'answer') return undefined;
  const record = done ?? journal.events[taskKey(lesson.id, task.id)];
  if (!record) return undefined;
  const what = `The lab's own record says: ${record.seen}. It was not looked at whether that is so.`;
  return { kind: 'unknown', problem: { what, fix: now.unseen.fix } };
}

/** Tasks that are no longer watched: this lesson, one before it, or one that was opened says so. */
function superseded(lessons: readonly Lesson[], progress: LearnerProgress, lessonId: string): ReadonlySet<string> {
  const here = lessons.findIndex(({ id }) => id === lessonId);
  const opened = ({ id }: Lesson) =>
    progress.opened[id] !== undefined || Object.keys(progress.done).some((key) => key.startsWith(`${id}/`)); // `goto` opens none
  const counting = lessons.filter((lesson, at) => at <= here || opened(lesson));
  return new Set(counting.flatMap(({ supersedes }) => supersedes ?? []));
}
