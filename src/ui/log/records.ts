/** Lines for a log record with its note below it, for the right column and for the log view. */

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

/** The message in one line, and the note. `count`: how often the message appeared, as text behind its time. */
export function briefLines(
  record: LogRecord,
  note: Note | undefined,
  plan: LabPlan,
  width: number,
  count: string,
): readonly Line[] {
  const lead = [piece(`${recordTime(record)}${count}`, 'detail'), levelPiece(record)];
  const message = oneLine([...lead, piece(shownText(record.message, plan))], width);
  return [message, ...(note ? meaningLines(note, width) : [])];
}

export const recordTime = ({ time }: LogRecord): string => (time ? `${clockOf(time)} ` : '');

/** `wide`: the width of a column of levels. */
export const levelPiece = ({ level }: LogRecord, wide = 0): Piece =>
  piece(level ? `${level.padEnd(wide)} ` : '', level ? levelStyle(level) : 'text');

const levelStyle = (level: string): Style =>
  level === 'FATAL' || level === 'ERROR' || level === 'PANIC' ? 'error' : level === 'WARNING' ? 'warning' : 'detail';

/**
 * Corrects a note with the observation: the note `ready` is a trouble when the server is a copy of the primary and
 * accepts writes, as a second primary.
 */
export function noteHere(note: Note | undefined, { time }: LogRecord, server: string, { now, plan }: Session) {
  const primary = plan.servers[0]?.name ?? '';
  const [view, original] = [now?.servers[server], now?.servers[primary]];
  if (note?.kind !== 'ready' || server === primary || !view || !original || isProblem(view.sql)) return note;
  const since = view.log.records[0]?.time ?? '';
  const { systemIdentifier } = view.sql;
  const isCopy =
    !isProblem(original.sql) && systemIdentifier !== null && original.sql.systemIdentifier === systemIdentifier;
  if (view.sql.inRecovery || !isCopy || (time ?? '') < since) return note;
  return { ...note, severity: 'trouble', means: messages.logView.notAStandby(server, primary) } as const;
}

export const noteStyle = ({ severity }: Pick<Note, 'severity'>): Style => (severity === 'normal' ? 'note' : severity);

export function meaningLines(note: Note, width: number): readonly Line[] {
  const style = noteStyle(note);
  return hang([piece('╰ ', style)], inlineCode(note.means, style), width);
}

/** Styles the text between backticks as code. */
export const inlineCode = (text: string, style: Style): readonly Piece[] =>
  text.split('`').map((part, at) => piece(part, at % 2 === 0 ? style : 'code'));
