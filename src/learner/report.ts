/**
 * The data of a report: what a learner has learnt in one lab, from the learner's files and one look at the servers.
 * Pure.
 */
import type { Measurement } from '../lab/measure/measurement.ts';
import type { Observation } from '../lab/observation.ts';
import type { LabPlan } from '../lab/plan/plan.ts';
import { isProblem, type Problem } from '../lab/problem.ts';
import { hideSecrets } from '../lab/secrets/secrets.ts';
import type { Block, Span } from '../lesson/format/words.ts';
import { type Lesson, taskKey } from '../lesson/lesson.ts';
import { questionsOf, type TaskOfLesson, tasksOf } from '../lesson/task.ts';
import { maskedJson } from '../postgres/mask/mask.ts';
import { type ServerConfiguration, serverConfiguration } from './configuration.ts';
import { hintsRead } from './hints.ts';
import type { Done, LearnerState } from './progress.ts';

/** Code in texts of lessons is in backticks. Times are ISO times by the clock of this machine. */
export type Learnt = {
  readonly schema: 1;
  readonly at: string;
  readonly about: string; // 'native · PostgreSQL 18.4'
  readonly lessons: readonly LearntLesson[];
  readonly answers: readonly LearntAnswer[];
  readonly near: Measurement | null;
  readonly far: Measurement | null;
  readonly events: readonly LearntEvent[];
  readonly servers: readonly ServerConfiguration[] | Problem; // a Problem: the look failed
};

export type LearntLesson = {
  readonly number: number;
  readonly id: string;
  readonly title: string;
  readonly standing: 'done' | 'done with help' | 'begun' | 'not begun';
  readonly opened: string | null;
  readonly finished: string | null;
  readonly tasks: readonly LearntTask[];
  readonly remember: readonly string[];
};
export type LearntTask = {
  readonly id: string;
  readonly title: string;
  readonly done: Done | null;
  readonly hints: number; // hints that were shown
  readonly ofHints: number;
};
export type LearntAnswer = {
  readonly lesson: number;
  readonly question: string;
  readonly choice: string;
  readonly right: boolean; // of the last answer
  readonly before: readonly string[]; // earlier choices
  readonly assisted: boolean; // a solve gave the answer
  readonly at: string;
};
type LearntEvent = {
  readonly lesson: number;
  readonly task: string;
  readonly at: string;
  readonly seen: string;
};

export type LearntFrom = {
  readonly lessons: readonly Lesson[]; // with the texts for this lab
  readonly learner: LearnerState;
  readonly plan: LabPlan;
  readonly about: string;
  readonly seen: Observation | Problem;
  readonly at: string;
};

/** Secrets are masked in every text of the result. */
export function learnt({ lessons, learner, plan, about, seen, at }: LearntFrom): Learnt {
  const measured = (wanted: (distance: number) => boolean) =>
    learner.journal.measurements.findLast(({ distance, refused }) => refused === undefined && wanted(distance)) ?? null;
  const found: Learnt = {
    schema: 1,
    at,
    about,
    lessons: lessonsLearnt({ lessons, learner }),
    answers: lessons.flatMap((lesson) => answersIn(lesson, learner)),
    near: measured((distance) => distance === 0),
    far: measured((distance) => distance > 0),
    events: lessons.flatMap((lesson) => eventsIn(lesson, learner)),
    servers: isProblem(seen) ? seen : plan.servers.flatMap(({ name }) => serverConfiguration(seen, name)),
  };
  return JSON.parse(hideSecrets(maskedJson(found), plan)) as Learnt;
}

/** Returns the progress of each lesson, and its sentences to remember. */
export const lessonsLearnt = ({ lessons, learner }: Pick<LearntFrom, 'lessons' | 'learner'>): readonly LearntLesson[] =>
  lessons.map((lesson) => learntLesson(lesson, learner));

function learntLesson(lesson: Lesson, { progress }: LearnerState): LearntLesson {
  const tasks = tasksOf(lesson).map((one): LearntTask => {
    const key = keyOf(one);
    const { shown, all } = hintsRead(one, progress);
    const done = progress.done[key] ?? null;
    return { id: one.task.id, title: one.words.title, done, hints: shown, ofHints: all };
  });
  const opened = progress.opened[lesson.id] ?? null;
  const isDone = tasks.every(({ done }) => done);
  const last = tasks
    .map(({ done }) => done?.at ?? '')
    .toSorted()
    .at(-1);
  return {
    number: lesson.number,
    id: lesson.id,
    title: lesson.words.title,
    standing: standingOf(tasks, opened),
    opened,
    finished: isDone && last ? last : null,
    tasks,
    remember: lesson.words.remember.flatMap(textsOf),
  };
}

function standingOf(tasks: readonly LearntTask[], opened: string | null): LearntLesson['standing'] {
  if (tasks.every(({ done }) => done)) return tasks.some(({ done }) => done?.assisted) ? 'done with help' : 'done';
  return opened !== null || tasks.some(({ done }) => done) ? 'begun' : 'not begun';
}

function answersIn(lesson: Lesson, { progress, journal }: LearnerState): readonly LearntAnswer[] {
  return tasksOf(lesson).flatMap((one) =>
    questionsOf(one).flatMap(({ id, ask, choices }): readonly LearntAnswer[] => {
      const answer = journal.answers[taskKey(lesson.id, id)];
      const words = (choice: string) => textOf(choices.find((one) => one.id === choice)?.says ?? []);
      if (!answer) return [];
      return [
        {
          lesson: lesson.number,
          question: ask.flatMap(textsOf).join(' '),
          choice: words(answer.choice),
          right: choices.find((one) => one.id === answer.choice)?.right ?? false,
          before: (answer.before ?? []).map(words),
          assisted: progress.done[keyOf(one)]?.assisted ?? false,
          at: answer.at,
        },
      ];
    }),
  );
}

const eventsIn = (lesson: Lesson, { journal }: LearnerState): readonly LearntEvent[] =>
  tasksOf(lesson).flatMap((one): readonly LearntEvent[] => {
    const event = journal.events[keyOf(one)];
    return event ? [{ lesson: lesson.number, task: one.words.title, ...event }] : [];
  });

const keyOf = ({ lesson, task }: TaskOfLesson): string => taskKey(lesson.id, task.id);

/** Returns the texts of a block: one for each paragraph or list item. */
function textsOf(block: Block): readonly string[] {
  if (block.kind === 'paragraph') return [textOf(block.spans)];
  if (block.kind === 'list') return block.items.map((item) => item.flatMap(textsOf).join(' '));
  if (block.kind === 'quote') return block.blocks.flatMap(textsOf);
  return block.kind === 'code' ? [`\`${block.text.trim()}\``] : [];
}

const textOf = (spans: readonly Span[]): string =>
  spans.map(({ text, style }) => (style === 'code' ? `\`${text}\`` : text)).join('');
