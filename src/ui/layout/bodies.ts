/** The body between title and keys: panes side by side, one pane at a time, the terminal alone, a log, or a sheet. */

import type { OpenLog } from '../../session/log/state.ts';
import type { Session } from '../../session/session.ts';
import { isZoomed, paneInUse } from '../../session/terminal.ts';
import { unscrolled } from '../../session/transition.ts';
import { logBody } from '../log/view.ts';
import { messages } from '../messages.ts';
import { type Page, proseFor, type Reading } from '../page/page.ts';
import { type Area, margined, readingPane, textPane, visiblePageOf } from '../page/reading.ts';
import { serverLines } from '../servers.ts';
import { statusLines, tasksPane } from '../tasks/tasks.ts';
import { type Rect, terminalHeading, terminalRows } from '../terminal.ts';
import { leftWidth } from './divide.ts';
import { indented, pad, rule, window } from './fit.ts';
import type { Sheet } from './sheet.ts';
import { logLines, type Side, sideColumn } from './side.ts';
import { tabLine } from './tabs.ts';
import { emptyViewport, type Touchable, type Viewport } from './viewport.ts';
import { type Line, piece, wrap } from './wrap.ts';

export type BodyDrawing = {
  readonly session: Session;
  readonly context: Reading;
  readonly words: (width: number) => Page;
  readonly width: number;
  readonly height: number;
  readonly sheet: Sheet | null;
};

/**
 * `more`: the text goes on below. `below`: text for the rule under the body, when it has its own. Places in `reach`
 * are relative to the first line of the body.
 */
export type Body = {
  readonly lines: readonly Line[];
  readonly more: boolean;
  readonly below?: string;
  readonly reach: Viewport;
};

export function bodyOf(drawing: BodyDrawing, log: OpenLog | undefined, isSplit: boolean): Body {
  const { sheet, session } = drawing;
  if (log) return logView(drawing, log);
  if (isSplit) return wideBody(drawing);
  if (sheet) return sheetBody(drawing, sheet);
  return isZoomed(session) ? zoomedBody(drawing) : narrowBody(drawing);
}

/** Lesson or overlay on the left; tasks, servers and the newest log lines on the right. */
function wideBody({ session, context, words, width, height, sheet }: BodyDrawing): Body {
  const left = leftWidth(session);
  const page = words(left - 2);
  const reading = readingPane(session, page, left - 2, height);
  const main = sheet ? sheetPane(session, sheet, left - 2, height) : reading;
  const side = sideColumn(session, context, width - left - 3, height);
  const lines = margined(main).map((line, at): Line => {
    const right = side.lines[at] ?? [];
    const isRule = right[0]?.text.startsWith('──');
    return [...pad(line, left), piece(isRule ? '├' : '│ ', 'bar'), ...right];
  });
  const terminal = side.terminal && {
    column: left + 2,
    row: side.terminal.from,
    columns: width - left - 2,
    rows: side.terminal.rows,
  };
  const bottom = session.terminal?.view.bottom ?? 0;
  const maxScroll = {
    words: sheet ? 0 : main.bound,
    overlay: sheet ? main.bound : 0,
    tasks: side.tasks.bound,
    terminal: bottom,
  };
  const scrollTop = {
    words: reading.top,
    overlay: main.top,
    tasks: side.tasks.top,
    terminal: session.terminal?.view.top ?? 0,
  };
  const areas: readonly Touchable[] = [
    { column: 0, row: 0, columns: left, rows: height, scrolls: sheet ? 'overlay' : 'words', pane: 'words' },
    ...(terminal ? [{ ...terminal, scrolls: 'terminal', pane: 'terminal' } as const] : []),
    { column: left, row: 0, columns: width - left, rows: height, scrolls: 'tasks', pane: 'tasks' },
  ];
  const scrolled = sheet ? main.page : pageInUse(session, main.page, side);
  const rest = { page: scrolled, tasks: page.tasks, visible: visiblePageOf(page, reading), terminal, areas };
  return { lines, more: main.more, reach: { maxScroll, scrollTop, ...rest } };
}

/** The height of the pane that the scrolling keys move, in lines. */
function pageInUse({ pane }: Session, words: number, side: Side): number {
  return pane === 'tasks' ? side.tasks.page : pane === 'terminal' ? (side.terminal?.rows ?? words) : words;
}

/** The terminal alone, with the status of the current task below it. */
function zoomedBody({ session, width, height }: BodyDrawing): Body {
  const terminal = session.terminal;
  // Always of the same height, so that the terminal does not change its size with a verdict.
  const status = window(statusLines(session, width - 2, statusRows(height)), 0, statusRows(height));
  const place: Rect = { column: 0, row: 1, columns: width, rows: Math.max(height - 2 - status.length, 1) };
  const rows = terminal ? terminalRows(terminal, place) : [];
  const heading = terminal ? [terminalHeading(session, terminal, width)] : [];
  const maxScroll = { ...emptyViewport.maxScroll, terminal: terminal?.view.bottom ?? 0 };
  const scrollTop = { ...emptyViewport.scrollTop, terminal: terminal?.view.top ?? 0 };
  return {
    lines: [...heading, ...rows, rule(width), ...indented(status, 1)].slice(0, height),
    more: false,
    reach: {
      ...emptyViewport,
      maxScroll,
      scrollTop,
      page: place.rows,
      terminal: place,
      areas: [{ ...place, scrolls: 'terminal' }],
    },
  };
}

/** One pane at a time, with tabs. All panes but the tasks have the status of the current task below them. */
function narrowBody(drawing: BodyDrawing): Body {
  const { session, words, width, height } = drawing;
  const page = words(width - 2);
  const shown = paneInUse(session);
  const hasStatus = shown !== 'tasks' && height > 10;
  const natural = hasStatus ? statusLines(session, width - 2, statusRows(height)) : [];
  const status = hasStatus && shown === 'terminal' ? window(natural, 0, statusRows(height)) : natural;
  const pane = narrowPane(drawing, page, height - 1 - (hasStatus ? status.length + 1 : 0));
  const foot = hasStatus ? [rule(width, pane.more ? messages.more : ''), ...indented(status, 1)] : [];
  const reading = shown === 'words' ? pane : readingPane(session, page, width - 2, pane.page);
  const maxScroll = { ...emptyViewport.maxScroll, [shown]: pane.bound, words: reading.bound };
  const scrollTop = { ...emptyViewport.scrollTop, [shown]: pane.top, words: reading.top };
  const place: Rect = { column: 0, row: 1, columns: width, rows: pane.page };
  const terminal = shown === 'terminal' ? place : null;
  const areas: readonly Touchable[] = shown === 'servers' ? [] : [{ ...place, scrolls: shown, pane: shown }];
  const reach = {
    maxScroll,
    scrollTop,
    page: pane.page,
    tasks: page.tasks,
    visible: visiblePageOf(page, reading),
    terminal,
    areas,
  };
  const lines = terminal ? pane.lines : margined(pane); // the terminal has the whole width
  return { lines: [tabLine(session, width), ...lines, ...foot], more: pane.more && !hasStatus, reach };
}

/** The height of the status of the current task below another pane, in lines. */
const statusRows = (height: number): number => (height > 16 ? 2 : 1);

function narrowPane({ session, context, width }: BodyDrawing, page: Page, height: number): Area {
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

function logView({ session, context, width, height }: BodyDrawing, view: OpenLog): Body {
  const { lines, below, step } = logBody(session, view, context, width - 2, height);
  const reach = { ...emptyViewport, page: height, log: step };
  return { lines: indented(lines, 1), more: false, below, reach };
}

/** An overlay over the whole body. */
function sheetBody({ session, width, height }: BodyDrawing, sheet: Sheet): Body {
  const { foot = [] } = sheet;
  const pane = sheetPane(session, sheet, width - 2, height - (foot.length > 0 ? foot.length + 1 : 0));
  const maxScroll = { ...emptyViewport.maxScroll, overlay: pane.bound };
  const scrollTop = { ...emptyViewport.scrollTop, overlay: pane.top };
  const areas: readonly Touchable[] = [{ column: 0, row: 0, columns: width, rows: height, scrolls: 'overlay' }];
  const reach = { ...emptyViewport, maxScroll, scrollTop, page: pane.page, areas };
  if (foot.length === 0) return { lines: margined(pane), more: pane.more, reach };
  const footLines = [rule(width, pane.more ? messages.more : ''), ...indented(foot, 1)];
  return { lines: [...margined(pane), ...footLines], more: false, reach };
}

/** An overlay under its title. Until it is scrolled, its `focus` line is in sight. */
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
