/** What lies over a lesson for a while: questions, hints, the lesson list, a log, the keys. */

import { notesOf } from '../postgres/log-neighbours.ts';
import type { LogNote } from '../postgres/notes.ts';
import { questionAsked } from '../session/questions.ts';
import { currentLesson, type Deed, type Overlay, type Session } from '../session/session.ts';
import { endSheet } from './ending.ts';
import { helpLines } from './help.ts';
import { lessonsSheet } from './lesson-list.ts';
import { messages } from './messages.ts';
import { preferencesSheet } from './preferences.ts';
import { layout, type ProseContext } from './prose.ts';
import { recordLines } from './servers.ts';
import type { Sheet } from './sheet.ts';
import { hang, verdictLines } from './verdict.ts';
import { welcomeSheet } from './welcome.ts';
import { type Line, piece, touchable, wrap } from './wrap.ts';

export type { Sheet };

export function sheetOf(
  overlay: Overlay,
  session: Session,
  prose: ProseContext,
  planOf: (deed: Deed) => readonly string[],
): Sheet {
  switch (overlay.kind) {
    case 'help':
      return { title: messages.help, lines: helpLines(session, prose.width), whole: true };
    case 'welcome':
      return welcomeSheet(session, prose.width);
    case 'settings':
      return preferencesSheet(session, overlay.cursor, prose.width);
    case 'end':
      return endSheet(session, prose.width);
    case 'lessons':
      return lessonsSheet(session, overlay.cursor, prose.width);
    case 'hints':
      return hintsSheet(session, overlay.task, prose);
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

function hintsSheet(session: Session, key: string, prose: ProseContext): Sheet {
  const hints = session.tasks.find((state) => state.key === key)?.words.hints ?? [];
  const level = Math.min(session.kept.progress.hints[key] ?? 0, hints.length);
  const shown = hints
    .slice(0, level)
    .flatMap(({ blocks }, at): readonly Line[] => [
      [piece(messages.hints(at + 1, hints.length), 'heading')],
      ...layout(blocks, prose),
      [],
    ]);
  const more = level < hints.length ? messages.moreHints : messages.noMoreHints;
  const title = session.tasks.find((state) => state.key === key)?.words.title ?? '';
  return { title, lines: [...shown, ...wrap([piece(more, 'detail')], prose.width)], whole: false, focus: shown.length };
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

function questionSheet(session: Session, overlay: Extract<Overlay, { kind: 'question' }>, prose: ProseContext): Sheet {
  const asked = questionAsked(session, overlay);
  if (!asked) return { title: '', lines: [], whole: false };
  const { state, question } = asked;
  const inner = { ...prose, width: prose.width - 5 };
  const choices = question.choices.map(({ id, says, right }, at): readonly Line[] => {
    const picked = overlay.taken === id || (overlay.taken === null && overlay.cursor === at);
    const sign =
      overlay.taken === id
        ? piece(right ? '✔ ' : '✖ ', right ? 'good' : 'trouble')
        : piece(picked ? '▸ ' : '  ', 'key');
    const lines = layout([{ kind: 'paragraph', spans: says }], inner);
    const rows = lines.map((line, row) => [
      ...(row === 0 ? [sign, piece(`${id}  `, 'key')] : [piece('     ')]),
      ...line,
    ]);
    return touchable(rows, { key: id });
  });
  const taken = question.choices.find(({ id }) => id === overlay.taken);
  const judged = taken
    ? [
        [],
        [piece(taken.right ? `✔ ${messages.right}` : `✖ ${messages.wrong}`, taken.right ? 'good' : 'trouble')],
        ...layout(taken.because, prose),
      ]
    : [];
  const ask = layout(question.ask, prose);
  const lines = [...ask, [], ...choices.flat(), ...judged];
  return {
    title: state.words.title,
    lines,
    whole: false,
    focus: taken ? lines.length - 1 : ask.length + overlay.cursor + 1,
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
