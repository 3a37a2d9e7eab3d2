/** A server's error or notice as libpq tells it: severity, LINE with a caret, DETAIL, HINT, CONTEXT. Source: documentation, "Error and Notice Message Fields". */
import stringWidth from 'string-width';

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

/** `query`: the text that was sent; without it there is no LINE. Ends with a newline. */
export function reportMessage(message: ServerMessage, query?: string): string {
  const isNotice = !/^(ERROR|FATAL|PANIC)$/.test(message.severity ?? '');
  const pointed = message.position
    ? pointAt(query, message.position)
    : pointAt(message.internalQuery, message.internalPosition);
  return [
    `${message.severity}:  ${message.message}\n`,
    pointed,
    part('DETAIL', message.detail),
    part('HINT', message.hint),
    part('QUERY', message.internalQuery),
    isNotice ? '' : part('CONTEXT', message.where), // psql's default: SHOW_CONTEXT errors
  ].join('');
}

const part = (title: string, text: string | undefined) => (text ? `${title}:  ${text}\n` : '');

const widest = 60; // columns of the statement that libpq shows
const afterCaret = 10; // columns it leaves to the right of the place

/** `LINE 1: selec 1` and the caret below it; a long line is cut around the place. */
function pointAt(query: string | undefined, position: string | undefined): string {
  const chars = [...(query ?? '')].map((char) => (char === '\t' ? ' ' : char));
  const place = Number(position) - 1;
  if (!position || place < 0 || place > chars.length) return '';
  const lineStart = chars.lastIndexOf('\n', place - 1) + 1;
  const lineEnd = chars.indexOf('\n', place);
  const width = (from: number, to: number) => stringWidth(chars.slice(from, to).join(''));
  let start = place === 0 ? 0 : lineStart;
  let end = lineEnd < 0 ? chars.length : lineEnd;
  const whole = { start, end };
  if (width(start, end) > widest) {
    const right = width(start, place) + afterCaret <= widest ? 0 : afterCaret;
    if (right) while (end > place && width(place, end) > right) end--;
    while (!right && width(start, end) > widest) end--;
    while (width(start, end) > widest) start++;
  }
  const number = chars.slice(0, place).filter((char) => char === '\n').length + 1;
  const lead = `LINE ${number}: ${start > whole.start ? '...' : ''}`;
  const shown = chars.slice(start, end).join('') + (end < whole.end ? '...' : '');
  return `${lead}${shown}\n${' '.repeat(stringWidth(lead) + width(start, place))}^\n`;
}
