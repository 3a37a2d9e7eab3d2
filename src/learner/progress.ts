/**
 * What the workshop remembers of a learner: progress, journal and settings, and the changes made to them. Ids that no
 * lesson knows are kept.
 */
import * as v from 'valibot';
import type { Answer, Journal, KeptEvent } from '../check/journal.ts';
import { emptyJournal } from '../check/journal.ts';
import { count, isoTime, recordOf, schemaNumber, shape } from '../lab/store/json.ts';
import { type Lesson, taskKey } from '../lesson/lesson.ts';
import { type Settings, usualSettings } from './settings.ts';

const done = shape({ at: isoTime, seen: v.string(), assisted: v.exactOptional(v.literal(true)) }); // at: of our clock
export type Done = v.InferOutput<typeof done>;

/** `progress.json`. Tasks are named 'lesson/task'. */
export const progressJson = shape({
  schema: schemaNumber,
  lesson: v.optional(v.string(), ''), // where the learner is; '': at the beginning
  done: v.optional(recordOf(done), {}),
  hints: v.optional(recordOf(count), {}), // how many hints were shown: of 'lesson/task' those for everybody, of 'lesson/task/cause' those for that mistake
  opened: v.optional(recordOf(isoTime), {}), // lesson id → first opened at
});
export type LearnerProgress = v.InferOutput<typeof progressJson>;

export const emptyLearnerProgress: LearnerProgress = v.parse(progressJson, { schema: 1 });

/** The files of a learner: what is seen is judged with the one and kept in the other; the third is about the screen. */
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
 * One thing to remember. A list of these is what gets saved: it is applied to what the files hold by then, so that no
 * other writer's work is lost.
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
    case 'done': // the first time counts
      return { ...learner, progress: { ...progress, done: { [change.task]: change.done, ...progress.done } } };
    case 'event':
      return { ...learner, journal: { ...journal, events: { [change.task]: change.event, ...journal.events } } };
    case 'answer': {
      const answer = after(journal.answers[change.question], change.answer);
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

/** A first guess stays known: what one has believed is worth as much as what is right. */
function after(earlier: Answer | undefined, answer: Answer): Answer {
  if (!earlier || earlier.choice === answer.choice)
    return earlier?.before ? { ...answer, before: earlier.before } : answer;
  return { ...answer, before: [...(earlier.before ?? []), earlier.choice] };
}

/** The lesson where the learner is; the first one, where progress names none of these. */
export function lessonHere(lessons: readonly Lesson[], progress: LearnerProgress): Lesson {
  const lesson = lessons.find(({ id }) => id === progress.lesson) ?? lessons[0];
  if (!lesson) throw new Error('there are no lessons');
  return lesson;
}

/** The lessons from this one on, in order; none where the id is unknown. */
function lessonsFrom(lessons: readonly Lesson[], id: string): readonly Lesson[] {
  const index = lessons.findIndex((lesson) => lesson.id === id);
  return index < 0 ? [] : lessons.slice(index);
}

/** For `goto`: what comes before a lesson counts as done, with help, unless the learner did it. */
export function assistedBefore(
  lessons: readonly Lesson[],
  progress: LearnerProgress,
  id: string,
  at: string,
): readonly LearnerChange[] {
  const later = new Set(lessonsFrom(lessons, id));
  return lessons
    .filter((lesson) => !later.has(lesson))
    .flatMap((lesson) => lesson.tasks.map((task) => taskKey(lesson.id, task.id)))
    .filter((task) => !progress.done[task])
    .map((task) => ({ kind: 'done', task, done: { at, seen: 'set up by the workshop', assisted: true } }) as const);
}

/** For `reset`: forgets the work of a lesson and of those after it, measurements aside. */
export function forgottenFrom(lessons: readonly Lesson[], learner: LearnerState, id: string): LearnerState {
  const later = new Set(lessonsFrom(lessons, id).map((lesson) => lesson.id));
  return later.size > 0 ? begunAgain(learner, id, later, later) : learner;
}

/** For `goto`: the lesson can be done again, and later ones have not begun; what was done in those is kept. */
export function begunAgainAt(lessons: readonly Lesson[], learner: LearnerState, id: string): LearnerState {
  return begunAgain(learner, id, new Set([id]), new Set(lessonsFrom(lessons, id).map((lesson) => lesson.id)));
}

/** `gone`: lessons whose work is forgotten; `closed`: lessons that count as not opened. */
function begunAgain(
  { progress, journal, settings }: LearnerState,
  id: string,
  gone: ReadonlySet<string>,
  closed: ReadonlySet<string>,
): LearnerState {
  const without = <T>(record: Readonly<Record<string, T>>, lessons: ReadonlySet<string>): Record<string, T> =>
    Object.fromEntries(Object.entries(record).filter(([key]) => !lessons.has(key.split('/')[0] ?? '')));
  return {
    progress: {
      ...progress,
      lesson: id,
      done: without(progress.done, gone),
      hints: without(progress.hints, gone),
      opened: without(progress.opened, closed),
    },
    journal: { ...journal, answers: without(journal.answers, gone), events: without(journal.events, gone) },
    settings,
  };
}
