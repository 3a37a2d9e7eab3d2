/** session → frame: as many lines as the terminal has, none wider. Pure; screen.tsx puts it on the terminal. */
import { currentLesson, type Deed, isWide, type Session } from '../session/session.ts';
import { isTyping, isZoomed, paneInUse } from '../session/terminal.ts';
import { leftWidth } from './divide.ts';
import { boundOf, cut, indented, pad, rule, window } from './fit.ts';
import { keyLine, type Reach } from './keys.ts';
import { messages } from './messages.ts';
import { type Sheet, sheetOf } from './overlays.ts';
import { type Page, pageMaker, proseFor, type Reading } from './page.ts';
import { serverLines } from './servers.ts';
import { logLines, type Side, sideColumn } from './side.ts';
import { tabLine } from './tabs.ts';
import { bannerLines, statusLine, taskLines } from './tasks.ts';
import { type Place, terminalHeading, terminalRows } from './terminal.ts';
import { hang } from './verdict.ts';
import { columns, type Line, lineColumns, piece, wrap } from './wrap.ts';

export type Frame = {
  readonly lines: readonly Line[];
  readonly reach: Reach;
  readonly cursor: { readonly x: number; readonly y: number } | null; // null: nobody types here
};

/** `planOf`: what a deed of the workshop would do, in words. */
export type FrameContext = Reading & { readonly planOf: (deed: Deed) => readonly string[] };

export function frameMaker(context: FrameContext): (session: Session) => Frame {
  const page = pageMaker(context);
  return (session) => (session.columns < 30 || session.rows < 8 ? tooSmall(session) : frameOf(session, context, page));
}

/** A part of the screen. `more`: its text goes on below. */
type Area = { readonly lines: readonly Line[]; readonly more: boolean; readonly bound: number; readonly page: number };

type Drawing = {
  readonly session: Session;
  readonly context: FrameContext;
  readonly words: (width: number) => Page;
  readonly width: number;
  readonly height: number;
  readonly sheet: Sheet | null;
};

function frameOf(session: Session, context: FrameContext, page: ReturnType<typeof pageMaker>): Frame {
  const { columns: width, rows, overlay } = session;
  const top = [titleLine(session), ...indented(bannerLines(session, width - 2), 1).slice(0, Math.max(1, rows - 12))];
  const bottom = session.notice
    ? indented(wrap([piece(messages.notice(session.notice), 'warning')], width - 2), 1).slice(0, 3)
    : [keyLine(session, width)];
  const height = rows - top.length - bottom.length - 2;
  const sheet = overlay && sheetOf(overlay, session, proseFor(session, context, sheetWidth(session)), context.planOf);
  const drawing: Drawing = { session, context, words: (columns) => page(session, columns), width, height, sheet };
  const isSplit = isWide(session) && !sheet?.whole && !isZoomed(session);
  const body = isSplit
    ? wideBody(drawing)
    : sheet
      ? sheetBody(drawing, sheet)
      : isZoomed(session)
        ? zoomedBody(drawing)
        : narrowBody(drawing);
  const joint = (sign: string) => (isSplit ? { at: leftWidth(session), sign } : undefined);
  const lines = [
    ...top,
    rule(width, '', joint('┬')),
    ...body.lines,
    rule(width, body.more ? messages.more : '', joint('┴')),
    ...bottom,
  ];
  const terminal = below(body.reach.terminal, top.length + 1);
  return {
    lines: lines.map((line) => cut(line, width)),
    reach: { ...body.reach, terminal },
    cursor: cursorOf(session, terminal),
  };
}

type Body = { readonly lines: readonly Line[]; readonly more: boolean; readonly reach: Reach }; // its places are counted from its own first line

const below = (place: Place | null, lines: number): Place | null => place && { ...place, row: place.row + lines };

function cursorOf(session: Session, place: Place | null): Frame['cursor'] {
  const cursor = session.terminal?.view.cursor;
  if (!place || !cursor || !isTyping(session)) return null;
  const { column, row, columns: width, rows } = place;
  return cursor.row < rows ? { x: column + Math.min(cursor.column, width - 1), y: row + cursor.row } : null;
}

/** Words, or an overlay, left; tasks, servers and the newest log lines right. */
function wideBody({ session, context, words, width, height, sheet }: Drawing): Body {
  const left = leftWidth(session);
  const page = words(left - 2);
  const main = sheet ? sheetPane(session, sheet, left - 2, height) : textPane(page.lines, session.scroll.words, height);
  const side = sideColumn(session, context, width - left - 3, height);
  const lines = main.lines.map((line, at): Line => {
    const beside = side.lines[at] ?? [];
    const isRule = beside[0]?.text.startsWith('──');
    return [...pad([piece(' '), ...line], left), piece(isRule ? '├' : '│ ', 'bar'), ...beside];
  });
  const terminal = side.terminal && {
    column: left + 2,
    row: side.terminal.from,
    columns: width - left - 2,
    rows: side.terminal.rows,
  };
  const bounds = {
    words: sheet ? 0 : main.bound,
    overlay: sheet ? main.bound : 0,
    tasks: side.bound,
    terminal: session.terminal?.view.bottom ?? 0,
  };
  const scrolled = sheet ? main.page : pageInUse(session, main.page, side);
  return { lines, more: main.more, reach: { bounds, page: scrolled, tasks: page.tasks, terminal } };
}

/** How many lines the pane that the scrolling keys move shows. */
function pageInUse({ pane }: Session, words: number, side: Side): number {
  return pane === 'tasks' ? side.page : pane === 'terminal' ? (side.terminal?.rows ?? words) : words;
}

/** The terminal alone, with a line on the current task. */
function zoomedBody({ session, width, height }: Drawing): Body {
  const terminal = session.terminal;
  const place: Place = { column: 0, row: 1, columns: width, rows: Math.max(height - 3, 1) };
  const rows = terminal ? terminalRows(terminal, place) : [];
  const heading = terminal ? [terminalHeading(session, terminal, width)] : [];
  const bounds = { words: 0, tasks: 0, overlay: 0, terminal: terminal?.view.bottom ?? 0 };
  return {
    lines: [...heading, ...rows, rule(width), ...indented([statusLine(session, width - 2)], 1)].slice(0, height),
    more: false,
    reach: { bounds, page: place.rows, tasks: [], terminal: place },
  };
}

/** One pane at a time, with tabs; the words and the servers keep a line on the current task. */
function narrowBody(drawing: Drawing): Body {
  const { session, words, width, height } = drawing;
  const page = words(width - 2);
  const shown = paneInUse(session);
  const hasStatus = shown !== 'tasks' && height > 10;
  const pane = narrowPane(drawing, page, height - 1 - (hasStatus ? 2 : 0));
  const status = hasStatus
    ? [rule(width, pane.more ? messages.more : ''), ...indented([statusLine(session, width - 2)], 1)]
    : [];
  const bounds = { words: 0, tasks: 0, overlay: 0, terminal: 0, [shown]: pane.bound };
  const terminal = shown === 'terminal' ? { column: 0, row: 1, columns: width, rows: pane.page } : null;
  const lines = terminal ? pane.lines : indented(pane.lines, 1); // the terminal has the whole width
  return {
    lines: [tabLine(session, width), ...lines, ...status],
    more: pane.more && !hasStatus,
    reach: {
      bounds: { ...bounds, words: boundOf(page.lines, pane.page) },
      page: pane.page,
      tasks: page.tasks,
      terminal,
    },
  };
}

function narrowPane({ session, context, width }: Drawing, page: Page, height: number): Area {
  const inner = width - 2;
  switch (paneInUse(session)) {
    case 'terminal': {
      const lines = session.terminal ? terminalRows(session.terminal, { columns: width, rows: height }) : [];
      return { lines: window(lines, 0, height), more: false, bound: session.terminal?.view.bottom ?? 0, page: height };
    }
    case 'words':
      return textPane(page.lines, session.scroll.words, height);
    case 'tasks':
      return textPane(taskLines(session, proseFor(session, context, inner)), session.scroll.tasks, height);
    case 'servers': {
      const servers = serverLines(session, inner);
      return textPane([...servers, [], ...logLines(session, context, inner, height - servers.length - 1)], 0, height);
    }
  }
}

function textPane(lines: readonly Line[], from: number, height: number): Area {
  const bound = boundOf(lines, height);
  return { lines: window(lines, from, height), more: from < bound, bound, page: height };
}

/** An overlay over the whole body. */
function sheetBody({ session, width, height }: Drawing, sheet: Sheet): Body {
  const pane = sheetPane(session, sheet, width - 2, height);
  const bounds = { words: 0, tasks: 0, terminal: 0, overlay: pane.bound };
  const reach = { bounds, page: pane.page, tasks: [], terminal: null };
  return { lines: indented(pane.lines, 1), more: pane.more, reach };
}

/** An overlay under its title; until it is scrolled, the line that matters is in sight. */
function sheetPane(session: Session, sheet: Sheet, width: number, height: number): Area {
  const title = wrap([piece(sheet.title, 'heading')], width);
  const top: readonly Line[] = height > 6 ? [...title, []] : title.slice(0, 1);
  const room = height - top.length;
  const focused = sheet.focus === undefined ? 0 : Math.max(0, sheet.focus - room + 1);
  const pane = textPane(sheet.lines, Math.max(session.scroll.overlay, focused), room);
  return { ...pane, lines: [...top, ...pane.lines] };
}

/** The width that an overlay is laid out for. */
function sheetWidth(session: Session): number {
  const { columns: width, overlay } = session;
  const whole =
    !isWide({ columns: width }) || overlay?.kind === 'log' || overlay?.kind === 'lessons' || overlay?.kind === 'help';
  return whole ? width - 2 : leftWidth(session) - 2;
}

function titleLine(session: Session): Line {
  const { lessons, about, clock, onlyLook, columns: width } = session;
  const lesson = currentLesson(session);
  const name = [
    piece(` ${messages.program} `, 'title'),
    piece(`  ${lesson.number}/${lessons.length}  `, 'detail'),
    piece(lesson.words.title, 'strong'),
  ];
  const time = new Date(clock).toTimeString().slice(0, 5);
  const right = [about, onlyLook ? messages.onlyLooking : '', time].filter(Boolean); // the first is the first to go
  const fitting = right
    .map((_, at) => right.slice(at).join(' · '))
    .find((text) => lineColumns(name) + columns(text) + 3 <= width);
  if (fitting !== undefined) return [...pad(name, width - columns(fitting) - 1), piece(fitting, 'detail')];
  return lineColumns(name) <= width ? name : name.slice(1);
}

function tooSmall({ columns: width, rows }: Session): Frame {
  const lines = hang([], [piece(messages.enlarge(width, rows))], width);
  return {
    lines: window(lines, 0, rows),
    reach: { bounds: { words: 0, tasks: 0, terminal: 0, overlay: 0 }, page: rows, tasks: [], terminal: null },
    cursor: null,
  };
}
