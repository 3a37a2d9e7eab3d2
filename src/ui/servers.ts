/** The lab's servers in lines, and the newest records of one server's log. */

import type { Sender, ServerView, Sql } from '../lab/observation.ts';
import type { LabPlan } from '../lab/plan/plan.ts';
import { isProblem } from '../lab/problem.ts';
import { shownText } from '../lab/secrets/secrets.ts';
import { notesOf } from '../postgres/log/neighbours.ts';
import type { LogNote } from '../postgres/log/notes.ts';
import { currentServer, type Session } from '../session/session.ts';
import { columns } from '../terminal/width.ts';
import { type Line, lineColumns, type Piece, piece, type Style } from './layout/wrap.ts';
import { briefLines, noteHere } from './log/records.ts';
import { messages } from './messages.ts';
import { hang } from './tasks/verdict.ts';

export function serverLines(session: Session, width: number): readonly Line[] {
  const current = currentServer(session);
  const names = session.plan.servers.map(({ name }) => name);
  const wide = Math.max(...names.map(columns));
  return session.plan.servers.flatMap(({ name, port }): Line[] => {
    const view = session.now?.servers[name];
    const lead = [piece(name === current ? '▸ ' : '  ', 'key'), piece(`${name.padEnd(wide)} :${port}  `, 'strong')];
    return view
      ? [...hang(lead, stateOf(view, session.plan, width - lineColumns(lead)), width), ...connectionsOf(view)]
      : [lead];
  });
}

function stateOf({ process, sql }: ServerView, plan: LabPlan, room: number): readonly Piece[] {
  if (process.state !== 'up') {
    const reason = process.reason ? `: ${shownText(process.reason, plan)}` : '';
    return [
      piece(
        messages.server[process.state] + reason,
        process.state === 'failed' || process.state === 'hung' ? 'trouble' : 'detail',
      ),
    ];
  }
  if (isProblem(sql)) return [piece(`${messages.server.up}, `), piece(shownText(sql.what, plan), 'warning')];
  const role = roleOf(sql);
  const timeline = sql.timeline === null ? '' : messages.timeline(sql.timeline);
  const fitting = [`${timeline && '  '}${timeline}  ${positionOf(sql)}`, `  ${positionOf(sql)}`].find(
    (text) => columns(role + text) <= room,
  );
  return [piece(role, 'good'), piece(fitting ?? '', 'detail')]; // never a truncated position: it would read as another
}

function roleOf({ inRecovery, receiver }: Sql): string {
  if (!inRecovery) return messages.role.primary;
  return receiver ? messages.follows(receiver.status) : messages.role.standby;
}

const positionOf = ({ position }: Sql): string =>
  position.role === 'primary' ? position.current : (position.replayed ?? position.received ?? '');

/** Lines below a server: its standbys and waiting commits, or what is unusual about a standby. */
function connectionsOf({ sql }: ServerView): readonly Line[] {
  if (isProblem(sql)) return [];
  const below = (text: string, style: Style): Line => [piece('    ╰ ', 'detail'), piece(text, style)];
  const waiting = sql.waiting.length > 0 ? [below(messages.waiting(sql.waiting.length), 'warning')] : [];
  if (sql.position.role === 'standby')
    return [
      ...(sql.receiver ? [] : [below(messages.alone, 'warning')]),
      ...(sql.position.paused ? [below(messages.replayPaused, 'warning')] : []),
    ];
  const senders = sql.senders.map((sender) =>
    below(senderWords(sender), sender.state === 'streaming' ? 'good' : 'warning'),
  );
  return [...(senders.length > 0 ? senders : [below(messages.nobody, 'detail')]), ...waiting];
}

const senderWords = ({ applicationName, state, syncState }: Sender): string =>
  messages.sender(applicationName, state, syncState);

/** The newest records that fit, oldest first, with their notes. A repeated message is shown once, at its last time. */
export function newestLog(
  session: Session,
  server: string,
  notes: readonly LogNote[],
  width: number,
  height: number,
): readonly Line[] {
  const records = session.now?.servers[server]?.log.records ?? [];
  const lines: Line[] = [];
  const counts = new Map<string, number>();
  for (const { message } of records) counts.set(message, (counts.get(message) ?? 0) + 1);
  const meanings = notesOf(records, notes)
    .map((note, at) => (records[at] ? noteHere(note, records[at], server, session) : note))
    .toReversed();
  const newest = records.toReversed();
  for (const [at, record] of newest.entries()) {
    if (newest.findIndex(({ message }) => message === record.message) < at) continue;
    const count = messages.times(counts.get(record.message) ?? 1);
    const entry = briefLines(record, meanings[at], session.plan, width, count);
    if (lines.length + entry.length > height) return lines.length === 0 ? entry.slice(0, height) : lines;
    lines.unshift(...entry);
  }
  return lines;
}
