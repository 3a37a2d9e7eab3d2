/** What stands beside a lesson's words: the tasks, the servers, and the newest lines of one server's log. */
import { currentServer, type Session } from '../session/session.ts';
import { boundOf, heading, rule, window } from './fit.ts';
import { messages } from './messages.ts';
import { proseFor, type Reading } from './page.ts';
import { newestLog, serverLines } from './servers.ts';
import { progressWords, taskLines } from './tasks.ts';
import { hang } from './verdict.ts';
import { type Line, piece } from './wrap.ts';

export type Side = {
  readonly lines: readonly Line[];
  readonly bound: number;
  readonly top: number;
  readonly page: number;
}; // of the tasks, which alone scroll

const leastLog = 3;

export function sideColumn(session: Session, reading: Reading, width: number, height: number): Side {
  const tasks = taskLines(session, proseFor(session, reading, width));
  const servers = serverLines(session, width);
  const room = height - servers.length - 3; // two headings and a rule
  const shown = Math.max(Math.min(tasks.length, room), 4);
  const bound = boundOf(tasks, shown);
  const top = Math.min(session.scroll.tasks, bound);
  const more = top < bound ? messages.more : '';
  const mark = session.pane === 'tasks' && bound > 0 ? '▸ ' : '';
  const upper = [
    heading(mark + messages.panes.tasks, progressWords(session), width),
    ...window(tasks, top, shown),
    rule(width + 2, more),
    heading(messages.panes.servers, '', width),
    ...servers,
  ];
  const left = height - upper.length - 1; // the log gives way to a long verdict; `l` shows it
  const log = left < leastLog ? [] : [rule(width + 2), ...logLines(session, reading, width, left)];
  return { lines: [...upper, ...log].slice(0, height), bound, top, page: shown };
}

export function logLines(session: Session, { notes }: Reading, width: number, height: number): readonly Line[] {
  const server = currentServer(session);
  const log = session.now?.servers[server]?.log;
  const newest = newestLog(log?.records ?? [], notes, width, height - 1);
  const lines =
    newest.length > 0 ? newest : hang([], [piece(log?.file ? messages.logEmpty : messages.logAbsent, 'detail')], width);
  return [heading(messages.log(server), messages.otherLog, width), ...lines].slice(0, height);
}
