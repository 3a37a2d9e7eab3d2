/** The screen as text for a screen reader, in reading order, without drawings; after a change only new text. Pure. */
import { planSeen } from '../lab/plan/plan-seen.ts';
import { currentLesson, currentTask, type Session } from '../session/session.ts';
import { keyLine } from './keys/table.ts';
import type { FrameContext } from './layout/frame.ts';
import type { Line } from './layout/wrap.ts';
import { messages } from './messages.ts';
import { pageOf, proseFor } from './page/page.ts';
import { plainText } from './page/prose.ts';
import { serverLines } from './servers.ts';
import { sheetOf } from './sheets/overlays.ts';
import { bannerLines } from './tasks/tasks.ts';
import { standing, verdictLines } from './tasks/verdict.ts';

/** `lesson`: title, text, tasks with the verdict of the current one, servers. `over`: the overlay. */
export type Spoken = {
  readonly lesson: readonly string[];
  readonly over: readonly string[];
  readonly notice: readonly string[];
  readonly keys: string;
};

export const nothingSpoken: Spoken = { lesson: [], over: [], notice: [], keys: '' };

export function spokenOf(session: Session, context: FrameContext): Spoken {
  const prose = { ...proseFor(session, context, Math.min(session.columns, 100)), marks: true };
  const { width } = prose;
  const sheet = session.overlay && sheetOf(session.overlay, session, prose, context.planOf);
  const lesson = currentLesson(session);
  const title = messages.spoken.lesson(lesson.number, session.lessons.length, lesson.words.title);
  const { lines } = pageOf({ ...lesson.words, title: '' }, prose);
  return {
    lesson: [title, ...texts(lines), ...tasks(session, width), ...texts(serverLines(session, width))],
    over: sheet ? [sheet.title, ...texts(sheet.lines)] : [],
    notice: session.notice ? [messages.notice(session.notice)] : [],
    keys: messages.spoken.keys(texts([keyLine(session, Number.MAX_SAFE_INTEGER)]).join('')),
  };
}

/** The texts of `after` that `before` does not have; with the keys when they change. */
export function news(before: Spoken, after: Spoken): readonly string[] {
  const isOtherLesson = before.lesson[0] !== after.lesson[0];
  const isClosed = before.over.length > 0 && after.over.length === 0;
  const isOpened = before.over.length === 0 && after.over.length > 0;
  return [
    ...fresh(isOtherLesson ? [] : before.lesson, after.lesson),
    ...fresh(before.over, after.over),
    ...(isClosed && !isOtherLesson ? [messages.spoken.back] : []),
    ...fresh(before.notice, after.notice),
    ...(isOtherLesson || isOpened || isClosed ? [after.keys] : []),
  ];
}

/** A row that only lost the cursor is not new. */
const fresh = (before: readonly string[], after: readonly string[]): readonly string[] => {
  const known = new Set(before.flatMap((text) => [text, text.replace(messages.spoken.chosen, '')]));
  return after.filter((text) => !known.has(text));
};

function tasks(session: Session, width: number): readonly string[] {
  const current = currentTask(session);
  const broken = new Set(session.broken.map(({ key }) => key));
  if (session.lookProblem)
    return texts(verdictLines({ kind: 'unknown', problem: session.lookProblem }, session.plan, width));
  return [
    ...texts(bannerLines(session, width)),
    ...(session.tasks.length === 0 ? [messages.looking] : []),
    ...session.tasks.flatMap((state, at) => {
      const stateText = messages.state[standing(state, broken.has(state.key))];
      const verdict =
        state === current ? texts(verdictLines(state.verdict, planSeen(session.plan, session.now), width)) : [];
      return [messages.spoken.task(at + 1, session.tasks.length, state.words.title, stateText), ...verdict];
    }),
    ...(session.operation ? [messages.operation[session.operation.do]] : []),
  ];
}

const texts = (lines: readonly Line[]): readonly string[] =>
  plainText(lines)
    .split('\n')
    .map(aloud)
    .filter((text) => text !== '');

/** Replaces glyphs by words, removes drawings, and joins columns with commas. */
const aloud = (text: string): string => {
  const words = text
    .replaceAll(/[✔✖○●▸◂↪↓↑←→]/g, (glyph) => messages.spoken.glyphs[glyph] ?? '')
    .replaceAll(/[\u2500-\u259f]/g, '')
    .trim()
    .replaceAll(/ {2,}/g, ', ');
  return /^ *▸/.test(text) ? messages.spoken.chosen + words : words;
};
