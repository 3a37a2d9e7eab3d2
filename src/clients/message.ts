/**
 * Formats a server's error or notice as libpq does: severity, LINE with a caret, DETAIL, HINT, CONTEXT. Source:
 * documentation, "Error and Notice Message Fields".
 */
import { visible } from '../postgres/visible.ts';
import { columns } from '../terminal/width.ts';

export type ServerMessage = {
  readonly severity: string | undefined;
  readonly message: string | undefined;
  readonly code?: string | undefined;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  readonly position?: string | undefined; // in characters, from 1
  readonly where?: string | undefined;
  readonly internalPosition?: string | undefined;
  readonly internalQuery?: string | undefined;
};

/** `query`: the text that was sent; LINE is left out without it. The result ends with a newline. */
export function reportMessage(message: ServerMessage, query?: string): string {
  const isNotice = !/^(ERROR|FATAL|PANIC)$/.test(message.severity ?? '');
  const lineAndCaret = message.position
    ? pointAt(query, message.position)
    : pointAt(message.internalQuery, message.internalPosition);
  return visible(
    [
      `${message.severity}:  ${message.message}\n`,
      lineAndCaret,
      part('DETAIL', message.detail),
      part('HINT', message.hint),
      part('QUERY', message.internalQuery),
      isNotice ? '' : part('CONTEXT', message.where), // psql's default: SHOW_CONTEXT errors
    ].join(''),
  );
}

const part = (title: string, text: string | undefined) => (text ? `${title}:  ${text}\n` : '');

const widest = 60; // columns of the statement that libpq shows
const afterCaret = 10; // columns that libpq shows to the right of the error's position

/**
 * Returns `LINE 1: selec 1` with the caret below it. A line that is too wide is cut around the error's position; only
 * the characters near the position are measured, since a statement may be long.
 */
function pointAt(query: string | undefined, position: string | undefined): string {
  const chars = [...(query ?? '')].map((char) => (char === '\t' ? ' ' : char));
  const place = Number(position) - 1;
  if (!position || place < 0 || place > chars.length) return '';
  const lineStart = chars.lastIndexOf('\n', place - 1) + 1;
  const lineEnd = chars.indexOf('\n', place);
  let start = place === 0 ? 0 : lineStart;
  let end = lineEnd < 0 ? chars.length : lineEnd;
  const whole = { start, end };
  if (upTo(chars, start, end, widest) < end) {
    const isFar = upTo(chars, start, place, widest - afterCaret) < place;
    end = isFar ? upTo(chars, place, end, afterCaret) : upTo(chars, start, end, widest);
    start = downTo(chars, start, end, widest);
  }
  let number = 1;
  for (let at = 0; at < place; at++) if (chars[at] === '\n') number++;
  const lead = `LINE ${number}: ${start > whole.start ? '...' : ''}`;
  const shown = chars.slice(start, end).join('') + (end < whole.end ? '...' : '');
  return `${lead}${shown}\n${' '.repeat(columns(lead) + columns(chars.slice(start, place).join('')))}^\n`;
}

/** Returns the index up to which the characters from `start` fit into `width` columns, at most `end`. */
function upTo(chars: readonly string[], start: number, end: number, width: number): number {
  let at = start;
  for (let used = 0; at < end; at++) {
    used += columns(chars[at] ?? '');
    if (used > width) break;
  }
  return at;
}

/** Returns the index from which the characters up to `end` fit into `width` columns, at least `start`. */
function downTo(chars: readonly string[], start: number, end: number, width: number): number {
  let at = end;
  for (let used = 0; at > start; at--) {
    used += columns(chars[at - 1] ?? '');
    if (used > width) break;
  }
  return at;
}
