/** Numbers, times and texts that both formats of the report use. */
import type { Level } from '../../lab/measure/measurement.ts';
import type { Learnt, LearntAnswer } from '../../learner/report.ts';

/**
 * The mark at the top of each report, with a fingerprint of its data. It tells a report from other files, and from an
 * older report.
 */
export const markOf = (fingerprint: string): string => `repl-workshop report ${fingerprint}`;
export const markIn = (text: string): string | undefined =>
  /repl-workshop report ([0-9a-f]{16})/.exec(text.slice(0, 400))?.[1];

export type Totals = {
  readonly lessons: number;
  readonly tasks: number;
  readonly tasksDone: number;
  readonly withHelp: number;
  readonly lessonsDone: number;
  readonly hints: number;
  readonly answers: number; // given by the learner, not by the workshop
  readonly atOnce: number; // questions whose first answer was right
};

export function totalsOf({ lessons, answers }: Learnt): Totals {
  const tasks = lessons.flatMap((lesson) => lesson.tasks);
  const own = answers.filter(({ assisted }) => !assisted);
  return {
    lessons: lessons.length,
    lessonsDone: lessons.filter(({ standing }) => standing === 'done' || standing === 'done with help').length,
    tasks: tasks.length,
    tasksDone: tasks.filter(({ done }) => done).length,
    withHelp: tasks.filter(({ done }) => done?.assisted).length,
    hints: tasks.reduce((sum, task) => sum + task.hints, 0),
    answers: own.length,
    atOnce: own.filter(({ right, before }) => right && before.length === 0).length,
  };
}

/** Splits a text at its backticks. Parts with `code: true` were between backticks. */
export const partsOf = (text: string): readonly { readonly text: string; readonly code: boolean }[] =>
  text.split('`').map((part, at) => ({ text: part, code: at % 2 === 1 }));

export type LevelRow = { readonly level: Level; readonly bars: readonly Bar[] };
export type Bar = {
  readonly where: 'near' | 'far';
  readonly median: number;
  readonly p95: number;
  readonly stale: number;
  readonly reads: number;
};

/** Returns near and far measurements of each level side by side. */
export function costsOf({ near, far }: Learnt): readonly LevelRow[] {
  const measured = [
    ...(near?.levels ?? []).map((one) => ({ ...one, where: 'near' as const })),
    ...(far?.levels ?? []).map((one) => ({ ...one, where: 'far' as const })),
  ];
  const levels = [...new Set(measured.map(({ level }) => level))];
  return levels.map((level) => ({
    level,
    bars: measured
      .filter((one) => one.level === level)
      .map(({ where, medianMs, p95Ms, staleReads, reads }) => ({
        where,
        median: medianMs,
        p95: p95Ms,
        stale: staleReads,
        reads,
      })),
  }));
}

export function answerWords({ right, assisted }: LearntAnswer): string {
  if (assisted) return words.help;
  return right ? words.right : words.wrong;
}

export const ms = (value: number): string => `${value.toFixed(2)} ms`;

const twoDigits = (value: number): string => String(value).padStart(2, '0');
const date = (at: Date): string => `${at.getFullYear()}-${twoDigits(at.getMonth() + 1)}-${twoDigits(at.getDate())}`;

/** Returns the local time: '2026-11-23 14:02'. */
export function timeOf(iso: string): string {
  const at = new Date(iso);
  return `${date(at)} ${twoDigits(at.getHours())}:${twoDigits(at.getMinutes())}`;
}

/** '2026-11-23 14:02 – 14:20' */
export function timeSpan(from: string | null, to: string | null): string {
  if (from === null || to === null) return from || to ? timeOf(from ?? to ?? '') : '';
  const end = timeOf(to);
  if (timeOf(from) === end) return end;
  return `${timeOf(from)} – ${end.startsWith(date(new Date(from))) ? end.slice(11) : end}`;
}

export const words = {
  title: 'What I have learnt about streaming replication',
  lessons: 'Lessons and tasks',
  costs: 'What a commit cost on my servers',
  costsHow: (distance: number | undefined) =>
    `Median of the commits of each synchronous_commit level; 95 of 100 took no longer than the second number. “async”: no standby is waited for. ${
      distance === undefined ? '' : `Near: the servers as they are. Far: ${distance} ms put between them, each way.`
    }`,
  noCosts: 'Nothing was measured.',
  stale: 'Stale reads',
  staleHow: 'Rows that the standby did not have yet when they were read straight after their commit.',
  answers: 'Predictions',
  noAnswers: 'No question was answered.',
  events: 'What happened, with evidence',
  noEvents: 'Nothing yet.',
  remember: 'What to remember',
  servers: 'The servers in the end',
  serversHow: 'Settings that differ from a new cluster of this lab, and who may replicate. Passwords are masked.',
  noChanges: 'No setting differs from a new cluster.',
  unread: 'Its files could not be read.',
  notLooked: 'The servers could not be looked at:',
  help: 'with help',
  right: 'right',
  wrong: 'not right yet',
  first: 'before that:',
  hints: (shown: number, all: number) => `${shown} of ${all} hints`,
  footer: (at: string) => `Written by repl-workshop on ${at}, from what it saw on real servers.`,
};
