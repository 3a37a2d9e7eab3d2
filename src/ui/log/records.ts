/** A record of a log in lines, and what it means under it: in the side column, and in the log view. */

import type { LabPlan } from '../../lab/plan/plan.ts';
import { isProblem } from '../../lab/problem.ts';
import { shownText } from '../../lab/secrets/secrets.ts';
import { clockOf } from '../../lesson/step.ts';
import type { LogRecord } from '../../postgres/log/lines/record.ts';
import type { Note } from '../../postgres/log/notes.ts';
import type { Session } from '../../session/session.ts';
import { oneLine } from '../layout/fit.ts';
import { type Line, type Piece, piece, type Style } from '../layout/wrap.ts';
import { messages } from '../messages.ts';
import { hang } from '../tasks/verdict.ts';

/** Its message in one line, and its note. `again`: how often it came, behind its time. */
export function briefLines(
  record: LogRecord,
  note: Note | undefined,
  plan: LabPlan,
  width: number,
  again: string,
): readonly Line[] {
  const lead = [piece(`${recordTime(record)}${again}`, 'detail'), levelPiece(record)];
  const said = oneLine([...lead, piece(shownText(record.message, plan))], width);
  return [said, ...(note ? meaningLines(note, width) : [])];
}

export const recordTime = ({ time }: LogRecord): string => (time ? `${clockOf(time)} ` : '');

/** `wide`: levels stand in a column. */
export const levelPiece = ({ level }: LogRecord, wide = 0): Piece =>
  piece(level ? `${level.padEnd(wide)} ` : '', level ? levelStyle(level) : 'text');

const levelStyle = (level: string): Style =>
  level === 'FATAL' || level === 'ERROR' || level === 'PANIC' ? 'error' : level === 'WARNING' ? 'warning' : 'detail';

/** A note in the light of what is known of its server: the copy of a primary that is open for writing has become another primary. */
export function noteHere(note: Note | undefined, { time }: LogRecord, server: string, { now, plan }: Session) {
  const primary = plan.servers[0]?.name ?? '';
  const [view, other] = [now?.servers[server], now?.servers[primary]];
  if (note?.kind !== 'ready' || server === primary || !view || !other || isProblem(view.sql)) return note;
  const since = view.log.records[0]?.time ?? '';
  const isCopy = !isProblem(other.sql) && other.sql.systemIdentifier === view.sql.systemIdentifier;
  if (view.sql.inRecovery || !isCopy || (time ?? '') < since) return note;
  return { ...note, severity: 'trouble', means: messages.logView.notAStandby(server, primary) } as const;
}

export const noteStyle = ({ severity }: Pick<Note, 'severity'>): Style => (severity === 'normal' ? 'note' : severity);

export function meaningLines(note: Note, width: number): readonly Line[] {
  const style = noteStyle(note);
  return hang([piece('╰ ', style)], inlineCode(note.means, style), width);
}

/** `code` in a note's text */
export const inlineCode = (text: string, style: Style): readonly Piece[] =>
  text.split('`').map((part, at) => piece(part, at % 2 === 0 ? style : 'code'));
