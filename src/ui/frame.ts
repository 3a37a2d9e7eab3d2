/** session → frame: as many lines as the terminal has, none wider. Pure; screen.tsx puts it on the terminal. */
import { currentLesson, type Deed, isWide, type Overlay, panes, type Session } from '../session/session.ts';
import { boundOf, cut, indented, pad, rule, window } from './fit.ts';
import { keyLine, type Reach, type Area as Touchable } from './keys.ts';
import { messages } from './messages.ts';
import { type Sheet, sheetOf } from './overlays.ts';
import { type Page, pageMaker, proseFor, type Reading } from './page.ts';
import { serverLines } from './servers.ts';
import { logLines, sideColumn } from './side.ts';
import { bannerLines, statusLine, taskLines } from './tasks.ts';
import { hang, signs, standing } from './verdict.ts';
import { columns, type Line, lineColumns, type Piece, piece, wrap } from './wrap.ts';

export type Frame = { readonly lines: readonly Line[]; readonly reach: Reach };

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
  const isSplit = isWide(session) && !sheet?.whole;
  const body = isSplit ? wideBody(drawing) : sheet ? sheetBody(drawing, sheet) : narrowBody(drawing);
  const joint = (sign: string) => (isSplit ? { at: leftWidth(width), sign } : undefined);
  const lines = [
    ...top,
    rule(width, '', joint('┬')),
    ...body.lines,
    rule(width, body.more ? messages.more : '', joint('┴')),
    ...bottom,
  ];
  const areas = areasOf(session, sheet, isSplit, top.length + 1, height);
  return { lines: lines.map((line) => cut(line, width)), reach: { ...body.reach, areas } };
}

/** Where the wheel scrolls what, and a click chooses a pane. */
function areasOf(
  { columns: width, pane }: Session,
  sheet: Sheet | null,
  isSplit: boolean,
  top: number,
  height: number,
): readonly Touchable[] {
  const left = isSplit ? leftWidth(width) : width;
  const main: Touchable = { left: 0, top, width: left, height, scrolls: sheet ? 'overlay' : 'words', pane: 'words' };
  if (isSplit) return [main, { left, top, width: width - left, height, scrolls: 'tasks', pane: 'tasks' }];
  return sheet || pane === 'words' ? [main] : pane === 'tasks' ? [{ ...main, scrolls: 'tasks', pane }] : [];
}

type Body = { readonly lines: readonly Line[]; readonly more: boolean; readonly reach: Reach };

/** Drawings of lessons take 60 columns; very long lines are hard to read. */
const leftWidth = (width: number): number => Math.max(62, Math.min(Math.floor(width * 0.52), 92));

/** Words, or an overlay, left; tasks, servers and the newest log lines right. */
function wideBody({ session, context, words, width, height, sheet }: Drawing): Body {
  const left = leftWidth(width);
  const page = words(left - 2);
  const main = sheet ? sheetPane(session, sheet, left - 2, height) : textPane(page.lines, session.scroll.words, height);
  const side = sideColumn(session, context, width - left - 3, height);
  const lines = main.lines.map((line, at): Line => {
    const beside = side.lines[at] ?? [];
    const isRule = beside[0]?.text.startsWith('──');
    return [...pad([piece(' '), ...line], left), piece(isRule ? '├' : '│ ', 'bar'), ...beside];
  });
  const bounds = { words: sheet ? 0 : main.bound, overlay: sheet ? main.bound : 0, tasks: side.bound };
  const scrollsTasks = session.pane === 'tasks' && !sheet;
  return { lines, more: main.more, reach: { bounds, page: scrollsTasks ? side.page : main.page, tasks: page.tasks } };
}

/** One pane at a time, with tabs; the words and the servers keep a line on the current task. */
function narrowBody(drawing: Drawing): Body {
  const { session, words, width, height } = drawing;
  const page = words(width - 2);
  const hasStatus = session.pane !== 'tasks' && height > 10;
  const pane = narrowPane(drawing, page, height - 1 - (hasStatus ? 2 : 0));
  const status = hasStatus
    ? [rule(width, pane.more ? messages.more : ''), ...indented([statusLine(session, width - 2)], 1)]
    : [];
  const bounds = { words: 0, tasks: 0, overlay: 0, [session.pane]: pane.bound };
  const reach = { bounds: { ...bounds, words: boundOf(page.lines, pane.page) }, page: pane.page, tasks: page.tasks };
  return { lines: [tabLine(session), ...indented(pane.lines, 1), ...status], more: pane.more && !hasStatus, reach };
}

function narrowPane({ session, context, width }: Drawing, page: Page, height: number): Area {
  const inner = width - 2;
  switch (session.pane) {
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

/** ` [Lesson]  Tasks ✔✖○   Servers ` */
function tabLine(session: Session): Line {
  const broken = new Set(session.broken.map(({ key }) => key));
  const marks = session.tasks.map((state) => signs[standing(state, broken.has(state.key))]);
  const tabs = panes.flatMap((pane): readonly Piece[] => {
    const name = messages.panes[pane];
    const look = pane === session.pane ? piece(`[${name}]`, 'chosen') : piece(` ${name} `);
    const tab = { ...look, touch: { pane } };
    return pane === 'tasks' ? [tab, piece(' '), ...marks, piece('  ')] : [tab, piece(' ')];
  });
  return tabs;
}

/** An overlay over the whole body. */
function sheetBody({ session, width, height }: Drawing, sheet: Sheet): Body {
  const pane = sheetPane(session, sheet, width - 2, height);
  const reach = { bounds: { words: 0, tasks: 0, overlay: pane.bound }, page: pane.page, tasks: [] };
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
function sheetWidth({ columns: width, overlay }: Session): number {
  const whole = !isWide({ columns: width }) || (overlay !== null && takesAll.has(overlay.kind));
  return whole ? width - 2 : leftWidth(width) - 2;
}

const takesAll: ReadonlySet<Overlay['kind']> = new Set(['log', 'lessons', 'help', 'welcome', 'end']);

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
    reach: { bounds: { words: 0, tasks: 0, overlay: 0 }, page: rows, tasks: [] },
  };
}
