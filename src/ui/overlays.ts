/** What lies over a lesson for a while: questions, hints, the lesson list, a log, the keys. */

import { type Lesson, taskKey } from '../lesson/lesson.ts';
import { notesOf } from '../postgres/log-neighbours.ts';
import type { LogNote } from '../postgres/notes.ts';
import { currentLesson, type Deed, type Overlay, type Session } from '../session/session.ts';
import { hintsSheet } from './hints.ts';
import { helpLines } from './keys.ts';
import { layersSheet } from './layers.ts';
import { messages } from './messages.ts';
import type { ProseContext } from './prose.ts';
import { questionSheet } from './question.ts';
import { recordLines } from './servers.ts';
import { hang, verdictLines } from './verdict.ts';
import { type Line, piece, wrap } from './wrap.ts';

/** `whole`: it takes the whole body also on a wide screen. `focus`: the last line that must be seen; `least`: the first, where both have no room. */
export type Sheet = {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly whole: boolean;
  readonly focus?: number;
  readonly least?: number;
};

export function sheetOf(
  overlay: Overlay,
  session: Session,
  prose: ProseContext,
  planOf: (deed: Deed) => readonly string[],
): Sheet {
  switch (overlay.kind) {
    case 'help':
      return { title: messages.help, lines: helpLines(session), whole: true };
    case 'lessons':
      return lessonsSheet(session, overlay.cursor, prose.width);
    case 'layers':
      return layersSheet(session, overlay, prose.width);
    case 'hints': {
      const state = session.tasks.find(({ key }) => key === overlay.task);
      return hintsSheet(state, overlay.newest, session.kept.progress, prose);
    }
    case 'log':
      return logSheet(overlay, prose.notes, prose.width);
    case 'question':
      return questionSheet(session, overlay, prose);
    case 'confirm':
      return confirmSheet(session, overlay, prose.width, planOf);
    case 'problem': {
      const lines = verdictLines({ kind: 'unknown', problem: overlay.problem }, session.plan, prose.width);
      return { title: messages.problem, lines, whole: false };
    }
  }
}

function lessonsSheet(session: Session, cursor: number, width: number): Sheet {
  const rows = session.lessons.map((lesson, at): readonly Line[] => {
    const how = lessonStanding(session, lesson);
    const sign =
      how === 'done' || how === 'assisted' ? piece('✔ ', 'good') : piece(how === 'begun' ? '● ' : '  ', 'note');
    const title = piece(lesson.words.title, at === cursor ? 'chosen' : 'text');
    const here = lesson === currentLesson(session) ? messages.youAreHere : '';
    const word = [messages.minutes(lesson.minutes), messages.lesson[how], here].filter(Boolean).join(', ');
    return hang(
      [piece(at === cursor ? '▸' : ' ', 'key'), piece(`${String(lesson.number).padStart(2)} `, 'detail'), sign],
      [title, piece(`  ${word}`, 'detail')],
      width,
    );
  });
  return { title: messages.lessons, lines: rows.flat(), whole: true, focus: rows.slice(0, cursor).flat().length };
}

export function lessonStanding(
  { kept: { progress } }: Pick<Session, 'kept'>,
  lesson: Lesson,
): keyof typeof messages.lesson {
  const done = lesson.tasks.flatMap(({ id }) => progress.done[taskKey(lesson.id, id)] ?? []);
  if (done.length === lesson.tasks.length) return done.some(({ assisted }) => assisted) ? 'assisted' : 'done';
  return progress.opened[lesson.id] || done.length > 0 ? 'begun' : 'fresh';
}

function logSheet(
  { server, records }: Extract<Overlay, { kind: 'log' }>,
  notes: readonly LogNote[],
  width: number,
): Sheet {
  const said = records === null ? messages.logReading : messages.logNothing;
  const lines = records?.length ? logLines(records, notes, width) : [[piece(said, 'detail')]];
  return { title: messages.log(server), lines, whole: true };
}

/** A long log is laid out once for each reading and width, not for each key. */
const logLines = remembered(
  (records: NonNullable<Extract<Overlay, { kind: 'log' }>['records']>, notes: readonly LogNote[], width: number) => {
    const meanings = notesOf(records, notes);
    return records.flatMap((record, at) => recordLines(record, meanings[at], width, { brief: false }));
  },
);

function remembered<K extends object, R extends readonly unknown[], V>(
  make: (key: K, ...rest: R) => V,
): (key: K, ...rest: R) => V {
  const made = new WeakMap<K, { rest: R; value: V }>();
  return (key, ...rest) => {
    const before = made.get(key);
    if (before?.rest.every((part, at) => part === rest[at])) return before.value;
    const value = make(key, ...rest);
    made.set(key, { rest, value });
    return value;
  };
}

function confirmSheet(
  session: Session,
  { what }: Extract<Overlay, { kind: 'confirm' }>,
  width: number,
  planOf: (deed: Deed) => readonly string[],
): Sheet {
  const lesson = currentLesson(session);
  const task = what.do === 'solve' ? session.tasks.find(({ key }) => key === what.task)?.words.title : undefined;
  const [title = '', ...more] = messages.confirm(
    what,
    { number: lesson.number, title: lesson.words.title },
    task ?? '',
  );
  const plan = what.do === 'solve' || what.do === 'reset' ? planOf(what) : [];
  const lines = [
    ...more.flatMap((text) => wrap([piece(text)], width)),
    ...(plan.length > 0 ? [[], [piece(messages.plan, 'strong')]] : []),
    ...plan.flatMap((step) => hang([piece('  ')], [piece(step, 'code')], width)),
  ];
  return { title, lines, whole: false };
}
