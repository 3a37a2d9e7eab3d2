/** session → frame: as many lines as the terminal has, none wider than it. Pure; screen.tsx shows the frame. */
import { currentLesson, isWide, type Overlay, type PlannedOperation, type Session } from '../../session/session.ts';
import { isTyping, isZoomed } from '../../session/terminal.ts';
import { columns } from '../../terminal/width.ts';
import { keyLine } from '../keys/table.ts';
import { logSearchLine } from '../log/view.ts';
import { messages } from '../messages.ts';
import { type Page, pageMaker, proseFor, type Reading } from '../page/page.ts';
import { findHits, searchLine } from '../page/search.ts';
import { minutesLeft } from '../sheets/lesson-list.ts';
import { sheetOf } from '../sheets/overlays.ts';
import { bannerLines } from '../tasks/tasks.ts';
import { hang } from '../tasks/verdict.ts';
import { workSheet } from '../tasks/work.ts';
import type { Rect } from '../terminal.ts';
import { type BodyDrawing, bodyOf } from './bodies.ts';
import { leftWidth } from './divide.ts';
import { cut, indented, pad, rule, window } from './fit.ts';
import type { Sheet } from './sheet.ts';
import { emptyViewport, type Viewport } from './viewport.ts';
import { type Line, lineColumns, piece, wrap } from './wrap.ts';

export type Frame = {
  readonly lines: readonly Line[];
  readonly reach: Viewport;
  readonly cursor: { readonly x: number; readonly y: number } | null; // null: no cursor is shown
};

/** `planOf`: the steps that an operation would take, as text. */
export type FrameContext = Reading & { readonly planOf: (operation: PlannedOperation) => readonly string[] };

export function frameMaker(context: FrameContext): (session: Session) => Frame {
  const page = pageMaker(context);
  return (session) => (session.columns < 30 || session.rows < 8 ? tooSmall(session) : frameOf(session, context, page));
}

function frameOf(session: Session, context: FrameContext, page: ReturnType<typeof pageMaker>): Frame {
  const { columns: width, rows, overlay } = session;
  const top = [titleLine(session), ...indented(bannerLines(session, width - 2, Math.max(1, rows - 12)), 1)];
  const words = (columns: number): Page => page(session, columns);
  const bottom = bottomLines(session, words);
  const height = rows - top.length - bottom.length - 2;
  const log = overlay?.kind === 'log' && !overlay.story ? overlay : undefined;
  const sheet = log ? null : sheetNow(session, context);
  const drawing: BodyDrawing = { session, context, words, width, height, sheet };
  const isSplit = isWide(session) && !sheet?.whole && !log && !isZoomed(session);
  const body = bodyOf(drawing, log, isSplit);
  const joint = (glyph: string) => (isSplit ? { at: leftWidth(session), glyph } : undefined);
  const lines = [
    ...top,
    rule(width, '', joint('┬')),
    ...body.lines,
    rule(width, body.below ?? (body.more ? messages.more : ''), joint('┴')),
    ...bottom,
  ];
  const viewport = below(body.reach, top.length + 1);
  return {
    lines: lines.map((line) => cut(line, width)),
    reach: viewport,
    cursor: cursorOf(session, viewport.terminal),
  };
}

const sheetNow = (session: Session, context: FrameContext): Sheet | null =>
  session.overlay
    ? sheetOf(session.overlay, session, proseFor(session, context, sheetWidth(session)), context.planOf)
    : workSheet(session, sheetWidth(session));

/** A notice, or the key line behind the text of an open search. */
function bottomLines(session: Session, words: BodyDrawing['words']): readonly Line[] {
  const { columns: width, notice, search, overlay } = session;
  if (notice) return indented(wrap([piece(messages.notice(notice), 'warning')], width - 2), 1).slice(0, 3);
  const typed = overlay?.kind === 'log' && overlay.search?.typing ? overlay.search.text : null;
  const line =
    typed !== null
      ? logSearchLine(typed)
      : search && !overlay
        ? searchLine(search, findHits(words(wordsWidth(session)).lines, search.text))
        : [];
  return [[...line, ...keyLine(session, width - lineColumns(line))]];
}

const below = (viewport: Viewport, lines: number): Viewport => ({
  ...viewport,
  terminal: viewport.terminal && { ...viewport.terminal, row: viewport.terminal.row + lines },
  areas: viewport.areas.map((area) => ({ ...area, row: area.row + lines })),
});

function cursorOf(session: Session, place: Rect | null): Frame['cursor'] {
  const cursor = session.terminal?.view.cursor;
  if (!place || !cursor || !isTyping(session)) return null;
  const { column, row, columns: width, rows } = place;
  return cursor.row < rows ? { x: column + Math.min(cursor.column, width - 1), y: row + cursor.row } : null;
}

const wordsWidth = (session: Session): number => (isWide(session) ? leftWidth(session) : session.columns) - 2;

const wholeKinds: ReadonlySet<Overlay['kind']> = new Set([
  'log',
  'lessons',
  'map',
  'changes',
  'commit',
  'help',
  'welcome',
  'end',
]);

/** The width of an overlay, in columns. */
function sheetWidth(session: Session): number {
  const { columns: width, overlay } = session;
  const whole = !isWide({ columns: width }) || (overlay !== null && wholeKinds.has(overlay.kind));
  return whole ? width - 2 : leftWidth(session) - 2;
}

function titleLine(session: Session): Line {
  const { lessons, about, clock, readOnly, columns: width } = session;
  const lesson = currentLesson(session);
  const name = [
    piece(` ${messages.program} `, 'title'),
    piece(`  ${lesson.number}/${lessons.length}  `, 'detail'),
    piece(lesson.words.title, 'strong'),
  ];
  const time = new Date(clock).toTimeString().slice(0, 5);
  const mode = readOnly ? [messages.onlyLooking] : [];
  const minutes = minutesLeft(session);
  const left = minutes > 0 ? [messages.minutesLeft(minutes)] : [];
  const fitting = [[about, ...mode, ...left, time], [...mode, ...left, time], [...mode, time], mode]
    .map((parts) => parts.filter(Boolean).join(' · '))
    .find((text) => lineColumns(name) + columns(text) + 3 <= width);
  if (fitting !== undefined) return [...pad(name, width - columns(fitting) - 1), piece(fitting, 'detail')];
  return lineColumns(name) <= width ? name : name.slice(1);
}

function tooSmall({ columns: width, rows }: Session): Frame {
  const lines = hang([], [piece(messages.enlarge(width, rows))], width);
  return { lines: window(lines, 0, rows), reach: emptyViewport, cursor: null };
}
