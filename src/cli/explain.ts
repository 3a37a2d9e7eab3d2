/** `explain`: any server's log, line for line, with what each line means under it. A filter: text in, text out. */
import { type LogRecord, logReader } from '../postgres/log.ts';
import { maskText } from '../postgres/mask.ts';
import { type LogNote, type Note, noteOf } from '../postgres/notes.ts';

export type ExplainOptions = {
  readonly json?: boolean; // one object a line instead of text
  readonly only?: 'trouble';
  readonly width?: number; // of the text, default 100; the log's own lines are never cut
};

/** What is found in the whole input: `explained` has a note; `left` are the records that have none. */
export type ExplainSummary = {
  readonly lines: number;
  readonly records: number;
  readonly explained: number;
  readonly left: number;
  readonly good: number;
  readonly normal: number;
  readonly trouble: number;
  readonly troubles: readonly { readonly id: string; readonly times: number; readonly line: number }[]; // line: of the first, from 1
};

type Explained = { readonly record: LogRecord; readonly note: Note | undefined; readonly source: string };

/** Gives pieces of output, each of whole lines and without its last line end. Secrets are masked. */
export async function* explain(
  input: string | AsyncIterable<string>,
  notes: readonly LogNote[],
  options: ExplainOptions = {},
): AsyncGenerator<string, void, undefined> {
  const count = tally();
  const show = options.json ? jsonOf : textOf(options.width ?? 100);
  for await (const explained of explainRecords(input, notes)) {
    count.add(explained);
    if (options.only === undefined || explained.note?.severity === options.only) yield show(explained);
  }
  const summary = count.summary();
  yield options.json ? JSON.stringify({ schema: 1, summary }) : summaryText(summary);
}

async function* explainRecords(
  input: string | AsyncIterable<string>,
  notes: readonly LogNote[],
): AsyncGenerator<Explained> {
  const reader = logReader();
  let source: string[] = []; // of the record that is not finished yet
  const explained = (record: LogRecord): Explained => ({
    record,
    note: noteOf(record, notes),
    source: maskText(source.join('\n')),
  });
  for await (const line of linesOf(input)) {
    const record = reader.push(line);
    if (record) {
      yield explained(record);
      source = [];
    }
    source.push(line);
  }
  const last = reader.end();
  if (last) yield explained(last);
}

async function* linesOf(input: string | AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of typeof input === 'string' ? [input] : input) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

function jsonOf({ record, note }: Explained): string {
  const masked = (text: string | undefined) => (text === undefined ? null : maskText(text));
  return JSON.stringify({
    schema: 1,
    line: record.line,
    lines: record.lines,
    level: record.level,
    message: maskText(record.message),
    detail: masked(record.detail),
    hint: masked(record.hint),
    context: masked(record.context),
    statement: masked(record.statement),
    time: record.time,
    pid: record.pid,
    note: note ? jsonNote(note) : null,
  });
}

function jsonNote({ id, severity, values, means, cause, next, lesson }: Note) {
  return { id, severity, values, means, cause: cause ?? null, next: next ?? null, lesson: lesson ?? null };
}

/** A note is told in full once; after that only what it says anew. */
function textOf(width: number): (explained: Explained) => string {
  const told = new Map<string, { readonly means: string; readonly line: number }>();
  return ({ record, note, source }) => {
    if (!note) return source;
    const before = told.get(note.id);
    if (!before) told.set(note.id, { means: note.means, line: record.line });
    const parts = before ? [before.means === note.means ? `as on line ${before.line}` : note.means] : inFull(note);
    const lines = source.trimEnd().split('\n'); // blank lines that follow stay below the note
    const blank = source.slice(source.trimEnd().length);
    return (
      [...lines, ...parts.flatMap((part, index) => wrapped(part, width, index === 0 ? '  ╰ ' : '    '))].join('\n') +
      blank
    );
  };
}

function inFull(note: Note): readonly string[] {
  const lesson = note.severity === 'trouble' ? note.lesson : undefined;
  return [
    note.means,
    ...(note.cause === undefined ? [] : [`Cause: ${note.cause}`]),
    ...(note.next === undefined ? [] : [`Next: ${note.next}`]),
    ...(lesson === undefined ? [] : [`Lesson: ${lesson}`]),
  ];
}

function wrapped(text: string, width: number, lead: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && lead.length + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each, index) => (index === 0 ? lead : ' '.repeat(lead.length)) + each);
}

function tally(): { readonly add: (explained: Explained) => void; readonly summary: () => ExplainSummary } {
  const by = { good: 0, normal: 0, trouble: 0 };
  const troubles = new Map<string, { times: number; line: number }>();
  let lines = 0;
  let records = 0;
  return {
    add({ record, note }) {
      records++;
      lines = record.line + record.lines - 1;
      if (!note) return;
      by[note.severity]++;
      if (note.severity !== 'trouble') return;
      const seen = troubles.get(note.id);
      if (seen) seen.times++;
      else troubles.set(note.id, { times: 1, line: record.line });
    },
    summary() {
      const explained = by.good + by.normal + by.trouble;
      return {
        lines,
        records,
        explained,
        left: records - explained,
        ...by,
        troubles: [...troubles].map(([id, seen]) => ({ id, ...seen })),
      };
    },
  };
}

function summaryText({ lines, records, explained, good, normal, trouble, troubles }: ExplainSummary): string {
  const times = (count: number) => (count === 1 ? 'once' : `${count} times`);
  return [
    '',
    `${lines} lines, ${records} records: ${explained} explained (${good} good, ${normal} normal, ${trouble} trouble).`,
    ...troubles.map(({ id, times: count, line }) => `  trouble: ${id}, ${times(count)}, first on line ${line}`),
  ].join('\n');
}
