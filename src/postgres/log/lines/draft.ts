/** A log record that is being assembled from its lines. */
import type { LogHead } from './head.ts';
import type { LogRecord } from './record.ts';
import type { Carried } from './transport.ts';

type Field = 'message' | 'detail' | 'hint' | 'context' | 'statement';
export type Draft = {
  record: { -readonly [key in keyof LogRecord]: LogRecord[key] };
  text: string; // its lines
  last: Field;
  until: number; // number of its last line so far
};
/** A piece of a log that is one text: a line, or several where the transport or a quoted field breaks it. */
export type LogPiece = {
  readonly text: string;
  readonly source: string;
  readonly line: number;
  readonly lines: number;
};
export const tab = 9;

export const serverOf = (carrier: Carried | undefined) => (carrier?.server ? { server: carrier.server } : {});

/** The server indents further lines of a text with a tab. Lines of other programs may be indented with spaces. */
export function continuesDraft(
  draft: Draft,
  text: string,
  head: LogHead | undefined,
  carrier: Carried | undefined,
): boolean {
  const { record, last } = draft;
  if (text.charCodeAt(0) === tab) record[last] += `\n${text.slice(1)}`;
  else if (text === '') record[last] += '\n';
  else if (head) return false;
  else if (carrier?.rest === 'more')
    record[last] += text; // syslog cuts long lines between two words
  else if (record.level === null && text.startsWith('  ')) record[last] += `\n${text}`;
  else return false;
  return true;
}

/** DETAIL, HINT and the like have their own prefix, and follow their record from the same process. */
export function joins(draft: Draft, { word, pid, rest }: LogHead, carrier: Carried | undefined): boolean {
  const { record } = draft;
  if (word.part === null || record.level === null || (pid ?? carrier?.pid ?? null) !== record.pid) return false;
  const text = /QUERY|LOCATION|BACKTRACE/.test(word.word) ? `${word.word}:  ${rest}` : rest;
  const before = record[word.part];
  record[word.part] = before === undefined ? text : `${before}\n${text}`;
  draft.last = word.part;
  if (!word.english) record.foreign = true;
  return true;
}

const ownPrograms = /postgres|postmaster|^pg_/;

export function newRecord(
  { text, line, lines }: LogPiece,
  head: LogHead | undefined,
  carrier: Carried | undefined,
): Draft['record'] {
  const level = head?.word.level ?? null;
  const part = head && level === null ? `${head.word.word}:  ${head.rest}` : undefined; // begins with a part
  const program = carrier?.program && !head && !ownPrograms.test(carrier.program) ? `${carrier.program}: ` : '';
  const record: Draft['record'] = {
    line,
    lines,
    time: head?.time ?? carrier?.time ?? null,
    pid: head?.pid ?? carrier?.pid ?? null,
    level,
    message: part ?? (head ? head.rest : program + text),
  };
  if (carrier?.server) record.server = carrier.server;
  if (head && !head.word.english) record.foreign = true;
  return record;
}

export function finished({ record }: Draft): LogRecord {
  for (const field of ['message', 'detail', 'hint', 'context', 'statement'] as const) {
    const text = record[field];
    if (text !== undefined && text.charCodeAt(text.length - 1) <= 32) record[field] = text.trimEnd();
  }
  return record;
}
