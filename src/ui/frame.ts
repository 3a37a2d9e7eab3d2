/** session → frame: as many lines as the terminal has, none wider. Pure; screen.tsx puts it on the terminal. */
import { unscrolled } from '../session/moves.ts';
import type { OpenLog } from '../session/open-log.ts';
import { currentLesson, isWide, type Overlay, type Planned, type Session } from '../session/session.ts';
import { isTyping, isZoomed, paneInUse } from '../session/terminal.ts';
import { leftWidth } from './divide.ts';
import { cut, indented, pad, rule, window } from './fit.ts';
import { keyLine, noReach, type Reach } from './keys.ts';
import { logBody, searchLine as logSearchLine } from './log-view.ts';
import { messages } from './messages.ts';
import { type Sheet, sheetOf } from './overlays.ts';
import { type Page, pageMaker, proseFor, type Reading } from './page.ts';
import { type Area, margined, readingPane, sightOf, textPane } from './reading.ts';
import { hitsOf, searchLine } from './search.ts';
import { serverLines } from './servers.ts';
import { logLines, type Side, sideColumn } from './side.ts';
import { tabLine } from './tabs.ts';
import { bannerLines, statusLine, tasksPane } from './tasks.ts';
import { type Place, terminalHeading, terminalRows } from './terminal.ts';
import { hang } from './verdict.ts';
import { workSheet } from './work.ts';
import { columns, type Line, lineColumns, piece, wrap } from './wrap.ts';

export type Frame = {
  readonly lines: readonly Line[];
  readonly reach: Reach;
  readonly cursor: { readonly x: number; readonly y: number } | null; // null: nobody types here
};

/** `planOf`: what a deed of the workshop would do, in words. */
export type FrameContext = Reading & { readonly planOf: (deed: Planned) => readonly string[] };

export function frameMaker(context: FrameContext): (session: Session) => Frame {
  const page = pageMaker(context);
  return (session) => (session.columns < 30 || session.rows < 8 ? tooSmall(session) : frameOf(session, context, page));
}

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
  const words = (columns: number): Page => page(session, columns);
  const bottom = bottomLines(session, words);
  const height = rows - top.length - bottom.length - 2;
  const log = overlay?.kind === 'log' && !overlay.story ? overlay : undefined;
  const sheet = log ? null : sheetNow(session, context);
  const drawing: Drawing = { session, context, words, width, height, sheet };
  const isSplit = isWide(session) && !sheet?.whole && !log && !isZoomed(session);
  const body = log ? logView(drawing, log) : isSplit ? wideBody(drawing) : narrowOrWhole(drawing);
  const joint = (sign: string) => (isSplit ? { at: leftWidth(session), sign } : undefined);
  const lines = [
    ...top,
    rule(width, '', joint('┬')),
    ...body.lines,
    rule(width, body.below ?? (body.more ? messages.more : ''), joint('┴')),
    ...bottom,
  ];
  const terminal = below(body.reach.terminal, top.length + 1);
  return {
    lines: lines.map((line) => cut(line, width)),
    reach: { ...body.reach, terminal },
    cursor: cursorOf(session, terminal),
  };
}

const sheetNow = (session: Session, context: FrameContext): Sheet | null =>
  session.overlay
    ? sheetOf(session.overlay, session, proseFor(session, context, sheetWidth(session)), context.planOf)
    : workSheet(session, sheetWidth(session));

function narrowOrWhole(drawing: Drawing): Body {
  const { sheet, session } = drawing;
  if (sheet) return sheetBody(drawing, sheet);
  return isZoomed(session) ? zoomedBody(drawing) : narrowBody(drawing);
}

/** The keys, or what is being typed. */
function bottomLines(session: Session, words: Drawing['words']): readonly Line[] {
  const { columns: width, notice, search, overlay } = session;
  if (notice) return indented(wrap([piece(messages.notice(notice), 'warning')], width - 2), 1).slice(0, 3);
  const typed = overlay?.kind === 'log' && overlay.search?.typing ? overlay.search.text : null;
  const line =
    typed !== null
      ? logSearchLine(typed)
      : search && !overlay
        ? searchLine(search, hitsOf(words(wordsWidth(session)).lines, search.text))
        : [];
  return [[...line, ...keyLine(session, width - lineColumns(line))]];
}

/** `below`: words for the rule under it, where it has some of its own. The places of `reach` are counted from its own first line. */
type Body = { readonly lines: readonly Line[]; readonly more: boolean; readonly below?: string; readonly reach: Reach };

const below = (place: Place | null, lines: number): Place | null => place && { ...place, row: place.row + lines };

function cursorOf(session: Session, place: Place | null): Frame['cursor'] {
  const cursor = session.terminal?.view.cursor;
  if (!place || !cursor || !isTyping(session)) return null;
  const { column, row, columns: width, rows } = place;
  return cursor.row < rows ? { x: column + Math.min(cursor.column, width - 1), y: row + cursor.row } : null;
}

const wordsWidth = (session: Session): number => (isWide(session) ? leftWidth(session) : session.columns) - 2;

/** Words, or an overlay, left; tasks, servers and the newest log lines right. */
function wideBody({ session, context, words, width, height, sheet }: Drawing): Body {
  const left = leftWidth(session);
  const page = words(left - 2);
  const reading = readingPane(session, page, left - 2, height);
  const main = sheet ? sheetPane(session, sheet, left - 2, height) : reading;
  const side = sideColumn(session, context, width - left - 3, height);
  const lines = margined(main).map((line, at): Line => {
    const beside = side.lines[at] ?? [];
    const isRule = beside[0]?.text.startsWith('──');
    return [...pad(line, left), piece(isRule ? '├' : '│ ', 'bar'), ...beside];
  });
  const terminal = side.terminal && {
    column: left + 2,
    row: side.terminal.from,
    columns: width - left - 2,
    rows: side.terminal.rows,
  };
  const bottom = session.terminal?.view.bottom ?? 0;
  const bounds = {
    words: sheet ? 0 : main.bound,
    overlay: sheet ? main.bound : 0,
    tasks: side.tasks.bound,
    terminal: bottom,
  };
  const tops = {
    words: reading.top,
    overlay: main.top,
    tasks: side.tasks.top,
    terminal: session.terminal?.view.top ?? 0,
  };
  const scrolled = sheet ? main.page : pageInUse(session, main.page, side);
  const seen = { page: scrolled, tasks: page.tasks, sight: sightOf(page, reading), terminal };
  return { lines, more: main.more, reach: { bounds, tops, ...seen } };
}

/** How many lines the pane that the scrolling keys move shows. */
function pageInUse({ pane }: Session, words: number, side: Side): number {
  return pane === 'tasks' ? side.tasks.page : pane === 'terminal' ? (side.terminal?.rows ?? words) : words;
}

/** The terminal alone, with a line on the current task. */
function zoomedBody({ session, width, height }: Drawing): Body {
  const terminal = session.terminal;
  const place: Place = { column: 0, row: 1, columns: width, rows: Math.max(height - 3, 1) };
  const rows = terminal ? terminalRows(terminal, place) : [];
  const heading = terminal ? [terminalHeading(session, terminal, width)] : [];
  const bounds = { ...noReach.bounds, terminal: terminal?.view.bottom ?? 0 };
  const tops = { ...noReach.tops, terminal: terminal?.view.top ?? 0 };
  return {
    lines: [...heading, ...rows, rule(width), ...indented([statusLine(session, width - 2)], 1)].slice(0, height),
    more: false,
    reach: { ...noReach, bounds, tops, page: place.rows, terminal: place },
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
  const reading = shown === 'words' ? pane : readingPane(session, page, width - 2, pane.page);
  const bounds = { ...noReach.bounds, [shown]: pane.bound, words: reading.bound };
  const tops = { ...noReach.tops, [shown]: pane.top, words: reading.top };
  const terminal = shown === 'terminal' ? { column: 0, row: 1, columns: width, rows: pane.page } : null;
  const reach = { bounds, tops, page: pane.page, tasks: page.tasks, sight: sightOf(page, reading), terminal };
  const lines = terminal ? pane.lines : margined(pane); // the terminal has the whole width
  return { lines: [tabLine(session, width), ...lines, ...status], more: pane.more && !hasStatus, reach };
}

function narrowPane({ session, context, width }: Drawing, page: Page, height: number): Area {
  const inner = width - 2;
  switch (paneInUse(session)) {
    case 'terminal': {
      const lines = session.terminal ? terminalRows(session.terminal, { columns: width, rows: height }) : [];
      const { top = 0, bottom = 0 } = session.terminal?.view ?? {};
      return { lines: window(lines, 0, height), more: false, bound: bottom, page: height, top };
    }
    case 'words':
      return readingPane(session, page, inner, height);
    case 'tasks':
      return tasksPane(session, proseFor(session, context, inner), () => height);
    case 'servers': {
      const servers = serverLines(session, inner);
      return textPane([...servers, [], ...logLines(session, context, inner, height - servers.length - 1)], 0, height);
    }
  }
}

function logView({ session, context, width, height }: Drawing, view: OpenLog): Body {
  const { lines, below, step } = logBody(session, view, context, width - 2, height);
  const reach = { ...noReach, page: height, log: step };
  return { lines: indented(lines, 1), more: false, below, reach };
}

/** An overlay over the whole body. */
function sheetBody({ session, width, height }: Drawing, sheet: Sheet): Body {
  const { foot = [] } = sheet;
  const pane = sheetPane(session, sheet, width - 2, height - (foot.length > 0 ? foot.length + 1 : 0));
  const bounds = { ...noReach.bounds, overlay: pane.bound };
  const tops = { ...noReach.tops, overlay: pane.top };
  const reach = { ...noReach, bounds, tops, page: pane.page };
  if (foot.length === 0) return { lines: margined(pane), more: pane.more, reach };
  const under = [rule(width, pane.more ? messages.more : ''), ...indented(foot, 1)];
  return { lines: [...margined(pane), ...under], more: false, reach };
}

/** An overlay under its title; until it is scrolled, the line that matters is in sight. */
function sheetPane(session: Session, sheet: Sheet, width: number, height: number): Area {
  const title = sheet.title ? wrap([piece(sheet.title, 'heading')], width) : [];
  const top: readonly Line[] = height > 6 && title.length > 0 ? [...title, []] : title.slice(0, 1);
  const room = height - top.length;
  const { focus = 0, least = focus } = sheet;
  const focused = Math.max(0, Math.min(focus - room + 1, least));
  const { overlay } = session.scroll;
  const pane = textPane(sheet.lines, overlay === unscrolled ? focused : overlay, room);
  return { ...pane, lines: [...top, ...pane.lines] };
}

const wholeKinds: ReadonlySet<Overlay['kind']> = new Set(['log', 'lessons', 'map', 'commit', 'help']);

/** The width that an overlay is laid out for. */
function sheetWidth(session: Session): number {
  const { columns: width, overlay } = session;
  const whole = !isWide({ columns: width }) || (overlay !== null && wholeKinds.has(overlay.kind));
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
  return { lines: window(lines, 0, rows), reach: noReach, cursor: null };
}
