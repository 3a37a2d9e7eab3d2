/** csvlog and jsonlog (log_destination): records with named or numbered fields. */

import { headWords } from '../words.ts';
import type { LogLevel } from './record.ts';
import { jsonObject } from './transport.ts';

export type StructuredRecord = {
  readonly time: string | null;
  readonly pid: number | null;
  readonly level: LogLevel;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly context?: string;
  readonly statement?: string;
  readonly foreign?: true;
};

const csvBegins = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? [A-Za-z+\-:\d]+,/;

/** True when a line may begin a csvlog record. Cheap. */
export function mayBeCsv(line: string): boolean {
  if (line.charCodeAt(4) !== 45) return false;
  const comma = line.indexOf(',');
  return comma > 19 && comma < 40 && csvBegins.test(line);
}

/** True when all quotes are closed. Until then the record continues on the next line. */
export function quotesClosed(text: string): boolean {
  let open = false;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) open = !open;
  return !open;
}

/** Columns of csvlog, in the same order since 9.0; 13 and 14 added some at the end. */
const column = {
  time: 0,
  pid: 3,
  level: 11,
  message: 13,
  detail: 14,
  hint: 15,
  query: 16,
  context: 18,
  statement: 19,
  location: 21,
};
const minColumns = 23;

export function csvRecord(text: string): StructuredRecord | undefined {
  const fields = csvFields(text);
  if (fields.length < minColumns) return undefined;
  const at = (name: keyof typeof column) => fields[column[name]] ?? '';
  const word = headWords.get(at('level'));
  if (!word?.level) return undefined;
  return {
    time: at('time') || null,
    pid: Number(at('pid')) || null,
    level: word.level,
    message: at('message'),
    ...parts(at('detail'), at('hint'), [at('context'), at('query'), at('location')], at('statement')),
    ...(!word.english && { foreign: true }),
  };
}

function parts(detail: string, hint: string, around: readonly [string, string, string], statement: string) {
  const [context, query, location] = around;
  const all = [context, query && `QUERY:  ${query}`, location && `LOCATION:  ${location}`].filter(
    (each) => each !== '',
  );
  return {
    ...(detail && { detail }),
    ...(hint && { hint }),
    ...(all.length > 0 && { context: all.join('\n') }),
    ...(statement && { statement }),
  };
}

function csvFields(text: string): readonly string[] {
  const fields: string[] = [];
  let at = 0;
  while (at <= text.length) {
    if (text.charCodeAt(at) !== 34) {
      const end = text.indexOf(',', at);
      if (end === -1) return [...fields, text.slice(at)];
      fields.push(text.slice(at, end));
      at = end + 1;
      continue;
    }
    let end = text.indexOf('"', at + 1);
    while (end !== -1 && text.charCodeAt(end + 1) === 34) end = text.indexOf('"', end + 2);
    if (end === -1) return []; // an unclosed quote: no record
    fields.push(text.slice(at + 1, end).replaceAll('""', '"'));
    if (text.charCodeAt(end + 1) !== 44) return fields;
    at = end + 2;
  }
  return fields;
}

/** jsonlog (since 15), also inside the JSON lines of an operator that puts the server's record into its own. */
export function jsonRecord(line: string): StructuredRecord | undefined {
  const about = jsonObject(line);
  const inner = about?.record;
  const record = typeof inner === 'object' && inner !== null ? (inner as Readonly<Record<string, unknown>>) : about;
  if (!record || typeof record.message !== 'string') return undefined;
  const text = (...names: readonly string[]) => {
    const value = names.map((name) => record[name]).find((each) => each !== undefined && each !== '');
    return value === undefined ? '' : String(value);
  };
  const word = headWords.get(text('error_severity'));
  if (!word?.level) return undefined;
  return {
    time: text('timestamp', 'log_time') || null,
    pid: Number(text('pid', 'process_id')) || null,
    level: word.level,
    message: record.message,
    ...parts(
      text('detail'),
      text('hint'),
      [text('context'), text('internal_query'), text('location')],
      text('statement', 'query'),
    ),
    ...(!word.english && { foreign: true }),
  };
}
