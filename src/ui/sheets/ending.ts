/** The sheet after the last lesson: what was learnt, the learner's own measurements, and what to read next. */
import { minuteOf } from '../../learner/minute.ts';
import { type LearntLesson, lessonsLearnt } from '../../learner/report.ts';
import type { Session } from '../../session/session.ts';
import type { Sheet } from '../layout/sheet.ts';
import { type Line, piece, wrap } from '../layout/wrap.ts';
import { inlineCode } from '../log/records.ts';
import { messages } from '../messages.ts';
import { measuredLines } from '../tasks/measured.ts';
import { hang } from '../tasks/verdict.ts';

export function endSheet(session: Session, width: number): Sheet {
  const lessons = lessonsLearnt(session);
  const inner = Math.min(width, 92);
  const { title, nothingYet, remember, measured, further, chapters } = messages.end;
  const learnt = lessons.filter(isDone).flatMap((lesson) => lessonLines(lesson, inner));
  const lines = [
    ...wrap([piece(summaryOf(lessons))], inner),
    ...section(remember, learnt.length > 0 ? learnt : wrap([piece(nothingYet, 'detail')], inner)),
    ...section(measured, measuredLines(session.learner.journal, inner)),
    ...section(
      further,
      chapters.flatMap((chapter) => chapterLines(chapter, inner)),
    ),
  ];
  return { title, lines, whole: true };
}

const section = (title: string, lines: readonly Line[]): readonly Line[] => [[], [piece(title, 'heading')], ...lines];

const isDone = ({ tasks }: LearntLesson): boolean => tasks.every(({ done }) => done);

/** A lesson's sentences to remember, else its title. */
function lessonLines({ number, title, remember, standing }: LearntLesson, width: number): readonly Line[] {
  const help = standing === 'done with help' ? [piece(` (${messages.lesson.assisted})`, 'detail')] : [];
  const lead = [piece('✔ ', 'good'), piece(`${String(number).padStart(2)}  `, 'detail')];
  return hang(lead, [...inlineCode(remember.join(' ') || title, 'text'), ...help], width);
}

const chapterLines = ([what, where]: readonly [string, string], width: number): readonly Line[] => [
  ...hang([piece('• ', 'bar')], [piece(what)], width),
  ...hang([piece('  ')], [piece(where, 'link')], width),
];

function summaryOf(lessons: readonly LearntLesson[]): string {
  const tasks = lessons.flatMap((lesson) => lesson.tasks);
  const done = tasks.flatMap((task) => task.done ?? []);
  const opened = lessons.flatMap((lesson) => lesson.opened ?? []).toSorted()[0];
  const last = done
    .map(({ at }) => at)
    .toSorted()
    .at(-1);
  return messages.end.summary(
    { done: done.length, assisted: done.filter(({ assisted }) => assisted).length, all: tasks.length },
    opened === undefined ? null : minuteOf(opened),
    last === undefined || done.length < tasks.length ? null : minuteOf(last),
  );
}
