/**
 * What is kept of a learner: progress, journal and settings, and the changes to them. Ids that no lesson has are kept.
 */
import * as v from 'valibot';
import type { Answer, Journal, KeptEvent } from '../check/journal.ts';
import { emptyJournal } from '../check/journal.ts';
import { count, isoTime, recordOf, schemaNumber, shape } from '../lab/store/json.ts';
import { type Lesson, taskKey } from '../lesson/lesson.ts';
import { type Settings, usualSettings } from './settings.ts';

/** `at` is by the clock of this machine. */
const done = shape({ at: isoTime, seen: v.string(), assisted: v.exactOptional(v.literal(true)) });
export type Done = v.InferOutput<typeof done>;

/** The schema of `progress.json`. The key of a task is 'lesson/task'. */
export const progressJson = shape({
  schema: schemaNumber,
  lesson: v.optional(v.string(), ''), // id of the current lesson; '': the first one
  done: v.optional(recordOf(done), {}),
  /** Numbers of hints shown: the common ones by 'lesson/task', those for a mistake by 'lesson/task/cause'. */
  hints: v.optional(recordOf(count), {}),
  opened: v.optional(recordOf(isoTime), {}), // id of a lesson → time of its first opening
});
export type LearnerProgress = v.InferOutput<typeof progressJson>;

export const emptyLearnerProgress: LearnerProgress = v.parse(progressJson, { schema: 1 });

/** The contents of the learner's files. Judging a look uses progress and journal; settings are about the screen. */
export type LearnerState = {
  readonly progress: LearnerProgress;
  readonly journal: Journal;
  readonly settings: Settings;
};
export const emptyLearnerState: LearnerState = {
  progress: emptyLearnerProgress,
  journal: emptyJournal,
  settings: usualSettings,
};

/**
 * One change to keep. Changes are applied to the contents of the files at the time of writing, so that changes by other
 * programs are not lost.
 */
export type LearnerChange =
  | { readonly kind: 'here'; readonly lesson: string; readonly at: string }
  | { readonly kind: 'done'; readonly task: string; readonly done: Done }
  | { readonly kind: 'event'; readonly task: string; readonly event: KeptEvent }
  | { readonly kind: 'answer'; readonly question: string; readonly answer: Answer }
  | { readonly kind: 'hint'; readonly task: string; readonly level: number }
  | { readonly kind: 'settings'; readonly settings: Partial<Settings> };

export const applyChanges = (learner: LearnerState, changes: readonly LearnerChange[]): LearnerState =>
  changes.reduce(applyChange, learner);

function applyChange(learner: LearnerState, change: LearnerChange): LearnerState {
  const { progress, journal, settings } = learner;
  switch (change.kind) {
    case 'here': {
      const opened = { [change.lesson]: change.at, ...progress.opened };
      return { ...learner, progress: { ...progress, lesson: change.lesson, opened } };
    }
    case 'done': // an earlier entry wins
      return { ...learner, progress: { ...progress, done: { [change.task]: change.done, ...progress.done } } };
    case 'event':
      return { ...learner, journal: { ...journal, events: { [change.task]: change.event, ...journal.events } } };
    case 'answer': {
      const answer = withEarlierChoices(journal.answers[change.question], change.answer);
      return { ...learner, journal: { ...journal, answers: { ...journal.answers, [change.question]: answer } } };
    }
    case 'hint': {
      const level = Math.max(progress.hints[change.task] ?? 0, change.level);
      return { ...learner, progress: { ...progress, hints: { ...progress.hints, [change.task]: level } } };
    }
    case 'settings':
      return { ...learner, settings: { ...settings, ...change.settings } };
  }
}

/** Keeps the choices before the last one, so that a report can show what the learner believed first. */
function withEarlierChoices(earlier: Answer | undefined, answer: Answer): Answer {
  if (!earlier || earlier.choice === answer.choice)
    return earlier?.before ? { ...answer, before: earlier.before } : answer;
  return { ...answer, before: [...(earlier.before ?? []), earlier.choice] };
}

/** Returns the current lesson; the first one when progress names none of these lessons. */
export function lessonHere(lessons: readonly Lesson[], progress: LearnerProgress): Lesson {
  const lesson = lessons.find(({ id }) => id === progress.lesson) ?? lessons[0];
  if (!lesson) throw new Error('there are no lessons');
  return lesson;
}

/** Returns the lessons from this one on; none for an unknown id. */
function lessonsFrom(lessons: readonly Lesson[], id: string): readonly Lesson[] {
  const index = lessons.findIndex((lesson) => lesson.id === id);
  return index < 0 ? [] : lessons.slice(index);
}

/** For `goto`: tasks of lessons before `id` (null: of all) that the learner has not done count as done with help. */
export function assistedBefore(
  lessons: readonly Lesson[],
  progress: LearnerProgress,
  id: string | null,
  at: string,
): readonly LearnerChange[] {
  const later = new Set(id === null ? [] : lessonsFrom(lessons, id));
  return lessons
    .filter((lesson) => !later.has(lesson))
    .flatMap((lesson) => lesson.tasks.map((task) => taskKey(lesson.id, task.id)))
    .filter((task) => !progress.done[task])
    .map((task) => ({ kind: 'done', task, done: { at, seen: 'set up by the workshop', assisted: true } }) as const);
}

/** For `reset`: forgets the progress of a lesson and of later ones. Measurements are kept. */
export function forgottenFrom(lessons: readonly Lesson[], learner: LearnerState, id: string): LearnerState {
  const later = new Set(lessonsFrom(lessons, id).map((lesson) => lesson.id));
  return later.size > 0 ? begunAgain(learner, id, later, later) : learner;
}

/** For `goto`: forgets the progress of the lesson. Later lessons count as not opened, but their progress is kept. */
export function begunAgainAt(lessons: readonly Lesson[], learner: LearnerState, id: string): LearnerState {
  return begunAgain(learner, id, new Set([id]), new Set(lessonsFrom(lessons, id).map((lesson) => lesson.id)));
}

/** `forgotten`: lessons whose progress is removed; `closed`: lessons that count as not opened. */
function begunAgain(
  { progress, journal, settings }: LearnerState,
  id: string,
  forgotten: ReadonlySet<string>,
  closed: ReadonlySet<string>,
): LearnerState {
  const without = <T>(record: Readonly<Record<string, T>>, lessons: ReadonlySet<string>): Record<string, T> =>
    Object.fromEntries(Object.entries(record).filter(([key]) => !lessons.has(key.split('/')[0] ?? '')));
  return {
    progress: {
      ...progress,
      lesson: id,
      done: without(progress.done, forgotten),
      hints: without(progress.hints, forgotten),
      opened: without(progress.opened, closed),
    },
    journal: { ...journal, answers: without(journal.answers, forgotten), events: without(journal.events, forgotten) },
    settings,
  };
}
