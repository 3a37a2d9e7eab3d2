/** The right column: tasks, servers and the newest lines of one server's log; or tasks and terminal. */
import { currentServer, type Session, type TerminalPane } from '../../session/session.ts';
import { messages } from '../messages.ts';
import { proseFor, type Reading } from '../page/page.ts';
import type { ProseContext } from '../page/prose.ts';
import type { Area } from '../page/reading.ts';
import { newestLog, serverLines } from '../servers.ts';
import { compactTasks } from '../tasks/compact.ts';
import { progressWords, tasksPane } from '../tasks/tasks.ts';
import { hang } from '../tasks/verdict.ts';
import { terminalHeading, terminalRows } from '../terminal.ts';
import { heading, rule } from './fit.ts';
import { type Line, piece } from './wrap.ts';

export type Side = {
  readonly lines: readonly Line[];
  readonly tasks: Area; // scrolls; the servers and the log do not
  readonly terminal: { readonly from: number; readonly rows: number } | null;
};

const leastLog = 3;

export function sideColumn(session: Session, reading: Reading, width: number, height: number): Side {
  if (session.terminal) return withTerminal(session, session.terminal, reading, width, height);
  const servers = serverLines(session, width);
  const room = height - servers.length - 3; // two headings and a rule
  const fitting = (lines: number) => Math.max(Math.min(lines, room), 4);
  const { tasks, more } = tasksIn(session, proseFor(session, reading, width), fitting);
  const mark = session.pane === 'tasks' ? '▸ ' : '';
  const upper = [
    heading(mark + messages.panes.tasks, progressWords(session), width),
    ...tasks.lines,
    rule(width + 2, more),
    heading(messages.panes.servers, '', width),
    ...servers,
  ];
  const left = height - upper.length - 1; // a long verdict leaves no room for the log, which the key `l` opens
  const log = left < leastLog ? [] : [rule(width + 2), ...logLines(session, reading, width, left)];
  return { lines: [...upper, ...log].slice(0, height), tasks, terminal: null };
}

/** The terminal has at least half of the height. It keeps its size during a lesson, whatever the verdicts are. */
function withTerminal(session: Session, terminal: TerminalPane, reading: Reading, width: number, height: number): Side {
  const shown = Math.max(Math.min(Math.floor(height / 2) - 3, session.tasks.length + verdictRoom), 1);
  const prose = proseFor(session, reading, width);
  const isChosen = session.pane === 'tasks';
  const { tasks, more } = tasksIn(session, prose, () => shown);
  const from = shown + 3; // two headings and a rule
  const rows = Math.max(height - from, 1);
  const lines = [
    heading((isChosen ? '▸ ' : '') + messages.panes.tasks, progressWords(session), width),
    ...tasks.lines,
    rule(width + 2, more),
    terminalHeading(session, terminal, width),
    ...terminalRows(terminal, { columns: width + 1, rows }), // up to the edge
  ];
  return { lines: lines.slice(0, height), tasks, terminal: { from, rows } };
}

const verdictRoom = 12;

/** The tasks; shortened when they do not fit and the learner is in another pane, with a text on how to see all. */
function tasksIn(session: Session, prose: ProseContext, height: (lines: number) => number) {
  const pane = tasksPane(session, prose, height);
  const isScrolled = session.scroll.tasks > 0;
  if (session.pane === 'tasks' || isScrolled || pane.bound === 0)
    return { tasks: pane, more: pane.more ? messages.more : '' };
  const { lines, isShort } = compactTasks(session, prose, pane.page);
  return { tasks: { ...pane, lines, top: 0 }, more: isShort ? messages.moreTasks : '' };
}

export function logLines(session: Session, { notes }: Reading, width: number, height: number): readonly Line[] {
  const server = currentServer(session);
  const log = session.now?.servers[server]?.log;
  const newest = newestLog(session, server, notes, width, height - 1);
  const lines =
    newest.length > 0 ? newest : hang([], [piece(log?.file ? messages.logEmpty : messages.logAbsent, 'detail')], width);
  return [heading(messages.log(server), messages.otherLog, width), ...lines].slice(0, height);
}
