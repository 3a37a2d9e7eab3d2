/** What stands beside a lesson's words: the tasks, the servers, and the newest lines of one server's log. */
import { currentServer, type Session } from '../session/session.ts';
import { boundOf, heading, rule, window } from './fit.ts';
import { messages } from './messages.ts';
import { proseFor, type Reading } from './page.ts';
import { newestLog, serverLines } from './servers.ts';
import { progressWords, taskLines } from './tasks.ts';
import { hang } from './verdict.ts';
import { type Line, piece } from './wrap.ts';

export type Side = { readonly lines: readonly Line[]; readonly bound: number; readonly page: number }; // of the tasks, which alone scroll

const leastLog = 4;

export function sideColumn(session: Session, reading: Reading, width: number, height: number): Side {
  const tasks = taskLines(session, proseFor(session, reading, width));
  const servers = serverLines(session, width);
  const shown = Math.min(tasks.length, Math.max(height - servers.length - leastLog - 4, 4));
  const bound = boundOf(tasks, shown);
  const more = session.scroll.tasks < bound ? messages.more : '';
  const mark = session.pane === 'tasks' && bound > 0 ? '▸ ' : '';
  const upper = [
    heading(mark + messages.panes.tasks, progressWords(session), width),
    ...window(tasks, session.scroll.tasks, shown),
    rule(width + 2, more),
    heading(messages.panes.servers, '', width),
    ...servers,
    rule(width + 2),
  ];
  const lines = [...upper, ...logLines(session, reading, width, Math.max(height - upper.length, 0))].slice(0, height);
  return { lines, bound, page: shown };
}

export function logLines(session: Session, { notes }: Reading, width: number, height: number): readonly Line[] {
  const server = currentServer(session);
  const log = session.now?.servers[server]?.log;
  const newest = newestLog(log?.records ?? [], notes, width, height - 1);
  const lines =
    newest.length > 0 ? newest : hang([], [piece(log?.file ? messages.logEmpty : messages.logAbsent, 'detail')], width);
  return [heading(messages.log(server), messages.otherLog, width), ...lines].slice(0, height);
}
