/** The lab's servers, and what their logs said last. */
import type { Sender, ServerView, Sql } from '../lab/observation.ts';
import { isProblem } from '../lab/problem.ts';
import { clockOf } from '../lesson/step.ts';
import type { LogRecord } from '../postgres/log.ts';
import { notesOf } from '../postgres/log-neighbours.ts';
import { maskText } from '../postgres/mask.ts';
import type { LogNote, Note } from '../postgres/notes.ts';
import { currentServer, type Session } from '../session/session.ts';
import { cut } from './fit.ts';
import { messages } from './messages.ts';
import { hang } from './verdict.ts';
import { columns, type Line, lineColumns, type Piece, piece, type Style } from './wrap.ts';

export function serverLines(session: Session, width: number): readonly Line[] {
  const current = currentServer(session);
  const names = session.plan.servers.map(({ name }) => name);
  const wide = Math.max(...names.map(columns));
  return session.plan.servers.flatMap(({ name, port }): Line[] => {
    const view = session.now?.servers[name];
    const lead = [piece(name === current ? '▸ ' : '  ', 'key'), piece(`${name.padEnd(wide)} :${port}  `, 'strong')];
    return view ? [[...lead, ...stateOf(view, width - lineColumns(lead))], ...connectionsOf(view)] : [lead];
  });
}

function stateOf({ process, sql }: ServerView, room: number): readonly Piece[] {
  if (process.state !== 'up') {
    const reason = process.reason ? `: ${maskText(process.reason)}` : '';
    return [
      piece(
        messages.server[process.state] + reason,
        process.state === 'failed' || process.state === 'hung' ? 'trouble' : 'detail',
      ),
    ];
  }
  if (isProblem(sql)) return [piece(`${messages.server.up}, `), piece(maskText(sql.what), 'warning')];
  const role = roleOf(sql);
  const timeline = sql.timeline === null ? '' : messages.timeline(sql.timeline);
  const further = [`${timeline && '  '}${timeline}  ${positionOf(sql)}`, `  ${positionOf(sql)}`].find(
    (text) => columns(role + text) <= room,
  );
  return [piece(role, 'good'), piece(further ?? '', 'detail')]; // a position that is cut would be another one
}

function roleOf({ inRecovery, receiver }: Sql): string {
  if (!inRecovery) return messages.role.primary;
  return receiver ? messages.follows(receiver.status) : messages.role.standbyAlone;
}

const positionOf = ({ position }: Sql): string =>
  position.role === 'primary' ? position.current : (position.replayed ?? position.received ?? '');

/** What hangs on a server: who receives its log, and who waits. */
function connectionsOf({ sql }: ServerView): readonly Line[] {
  if (isProblem(sql)) return [];
  const below = (text: string, style: Style): Line => [piece('    ╰ ', 'detail'), piece(text, style)];
  const waiting = sql.waiting.length > 0 ? [below(messages.waiting(sql.waiting.length), 'warning')] : [];
  if (sql.position.role === 'standby') return sql.position.paused ? [below(messages.replayPaused, 'warning')] : [];
  const senders = sql.senders.map((sender) =>
    below(senderWords(sender), sender.state === 'streaming' ? 'good' : 'warning'),
  );
  return [...(senders.length > 0 ? senders : [below(messages.nobody, 'detail')]), ...waiting];
}

const senderWords = ({ applicationName, state, syncState }: Sender): string =>
  messages.sender(applicationName, state, syncState);

/** The newest explained records that have room, oldest first. What a server says again and again stands once, at its last time. */
export function newestLog(
  records: readonly LogRecord[],
  notes: readonly LogNote[],
  width: number,
  height: number,
): readonly Line[] {
  const lines: Line[] = [];
  const times = new Map<string, number>();
  for (const { message } of records) times.set(message, (times.get(message) ?? 0) + 1);
  const meanings = notesOf(records, notes).toReversed();
  const newest = records.toReversed();
  for (const [at, record] of newest.entries()) {
    if (newest.findIndex(({ message }) => message === record.message) < at) continue;
    const again = messages.times(times.get(record.message) ?? 1);
    const entry = recordLines(record, meanings[at], width, { brief: true, again });
    if (lines.length + entry.length > height) return lines.length === 0 ? entry.slice(0, height) : lines;
    lines.unshift(...entry);
  }
  return lines;
}

/** A record and what it means. `brief`: the message takes one line, further parts are left out; `again`: how often it came, behind its time. */
export function recordLines(
  record: LogRecord,
  note: Note | undefined,
  width: number,
  how: { readonly brief: boolean; readonly again?: string },
): readonly Line[] {
  const time = record.time ? `${clockOf(record.time)} ` : '';
  const level = record.level ?? '';
  const lead = [piece(`${time}${how.again ?? ''}`, 'detail'), piece(level ? `${level} ` : '', levelStyle(level))];
  const message = hang(lead, [piece(maskText(record.message))], width);
  const [first = [], ...more] = message;
  const shown = how.brief ? [more.length > 0 ? shortened(first, width) : first] : message;
  return [...shown, ...(how.brief ? [] : partsOf(record, width)), ...(note ? noteLines(note, width) : [])];
}

const shortened = (line: Line, width: number): Line => [...cut(line, width - 2), piece(' …', 'detail')];

const partsOf = (record: LogRecord, width: number): readonly Line[] =>
  (['detail', 'hint', 'context', 'statement'] as const).flatMap((part) => {
    const text = record[part];
    return text === undefined
      ? []
      : hang([piece(`  ${part.toUpperCase()} `, 'detail')], [piece(maskText(text), 'detail')], width);
  });

function noteLines(note: Note, width: number): readonly Line[] {
  const style = note.severity === 'normal' ? 'note' : note.severity;
  return hang([piece('╰ ', style)], inlineCode(note.means, style), width);
}

/** `code` in a note's text */
export const inlineCode = (text: string, style: Style): readonly Piece[] =>
  text.split('`').map((part, at) => piece(part, at % 2 === 0 ? style : 'code'));

const levelStyle = (level: string): Style =>
  level === 'FATAL' || level === 'ERROR' || level === 'PANIC' ? 'error' : level === 'WARNING' ? 'warning' : 'detail';
