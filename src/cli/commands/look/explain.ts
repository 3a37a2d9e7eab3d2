/**
 * `explain`: copies a server's log line by line, and writes below each record what it means. It runs in constant
 * memory.
 */
import type { LogRecord } from '../../../postgres/log/lines/record.ts';
import { logReader } from '../../../postgres/log/log.ts';
import { noteReader } from '../../../postgres/log/neighbours.ts';
import type { LogNote, Note } from '../../../postgres/log/notes.ts';
import { type Story, storyText } from '../../../postgres/log/story.ts';
import { summaryOf } from '../../../postgres/log/summary.ts';
import { maskText } from '../../../postgres/mask/mask.ts';
import { columns } from '../../../terminal/width.ts';
import { messages } from '../../../ui/messages.ts';
import { linesOf } from '../../log-lines.ts';

const { cause: causeLabel, next: nextLabel, lesson: lessonLabel } = messages.logView;

export type ExplainOptions = {
  readonly json?: boolean; // one JSON object for each record instead of text
  readonly only?: 'trouble';
  readonly width?: number; // of notes and summary, in columns, default 100; lines of the log are never wrapped
  readonly quietMs?: number; // the last record counts as complete after this time without input, default 300
};

/** Counts over the whole input. `explained`: records with a note; `left`: records without one. */
export type ExplainSummary = {
  readonly lines: number;
  readonly records: number;
  readonly explained: number;
  readonly left: number;
  readonly good: number;
  readonly normal: number;
  readonly trouble: number;
  /** `line`: of the first record with this note, from 1. */
  readonly troubles: readonly { readonly id: string; readonly times: number; readonly line: number }[];
  readonly story: Story;
};

type Explained = { readonly record: LogRecord; readonly note: Note | undefined; readonly source: string };

/** Yields pieces of output: each consists of whole lines, without the last line end. Secrets are masked. */
export async function* explain(
  input: string | AsyncIterable<string>,
  notes: readonly LogNote[],
  options: ExplainOptions = {},
): AsyncGenerator<string, void, undefined> {
  const width = options.width ?? 100;
  const count = tally(notes);
  const show = options.json ? jsonOf : textOf(width);
  let ready: string[] = [];
  const noted = noteReader(notes, (record, note, text) => {
    count.add(record, note);
    if (options.only === undefined || note?.severity === options.only)
      ready.push(show({ record, note, source: maskedSource(record, text) }));
  });
  const reader = logReader(noted.push);
  for await (const lines of linesOf(input, options.quietMs ?? 300)) {
    for (const line of lines) reader.push(line);
    count.lines += lines.length;
    if (lines.length === 0) {
      reader.flush();
      noted.flush();
    }
    if (ready.length > 0) yield ready.join('\n');
    ready = [];
  }
  reader.end();
  noted.flush();
  const summary = count.summary();
  yield [...ready, options.json ? JSON.stringify({ schema: 1, summary }) : summaryText(summary, width)].join('\n');
}

/**
 * Masks the lines of a record. syslog may cut a line inside a secret, so words that are masked in the record's message,
 * detail, context or statement are masked in its lines too, word by word.
 */
function maskedSource(record: LogRecord, text: string): string {
  const masked = maskText(text);
  if (record.lines === 1) return masked;
  const own = [record.message, record.detail, record.context, record.statement].join('\n');
  const shown = maskText(own);
  if (shown === own) return masked;
  const left = new Set(shown.split(/\s+/));
  const hidden = own.split(/\s+/).filter((word) => word.length > 2 && !left.has(word));
  return hidden.reduce((whole, word) => whole.replaceAll(word, '********'), masked);
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

/**
 * The first record with a note shows it in full, later ones only its meaning. A meaning that repeats the first one
 * becomes a reference to that line.
 */
function textOf(width: number): (explained: Explained) => string {
  const firstSeen = new Map<string, { readonly means: string; readonly line: number }>();
  return ({ record, note, source }) => {
    if (!note) return source;
    const before = firstSeen.get(note.id);
    const text = source.charCodeAt(source.length - 1) <= 32 ? source.trimEnd() : source;
    const blank = source.slice(text.length); // blank lines after the record stay below the note
    if (before?.means === note.means) return `${text}\n  ╰ as on line ${before.line}${blank}`;
    if (!before) firstSeen.set(note.id, { means: note.means, line: record.line });
    const parts = before ? [note.means] : inFull(note);
    const lines = parts.flatMap((part, index) => wrapped(part, width, index === 0 ? '  ╰ ' : '    '));
    return `${text}\n${lines.join('\n')}${blank}`;
  };
}

function inFull(note: Note): readonly string[] {
  const lesson = note.severity === 'trouble' ? note.lesson : undefined;
  return [
    note.means,
    ...(note.cause === undefined ? [] : [`${causeLabel} ${note.cause}`]),
    ...(note.next === undefined ? [] : [`${nextLabel} ${note.next}`]),
    ...(lesson === undefined ? [] : [`${lessonLabel}: ${lesson}`]),
  ];
}

/** Breaks at spaces only: a word that is wider than a line stays whole, so that a path can be copied. */
function wrapped(text: string, width: number, lead: string): readonly string[] {
  const most = Math.max(width - columns(lead), 1);
  const indent = ' '.repeat(columns(lead));
  const lines: string[] = [];
  let line = lead;
  let used = -1; // columns of this line after its lead; -1: no word yet
  for (const word of text.split(' ')) {
    const wordColumns = columns(word);
    if (used >= 0 && used + 1 + wordColumns > most) {
      lines.push(line);
      line = indent;
      used = -1;
    }
    line += used < 0 ? word : ` ${word}`;
    used += 1 + wordColumns;
  }
  return [...lines, line];
}

type Tally = {
  lines: number;
  readonly add: (record: LogRecord, note: Note | undefined) => void;
  readonly summary: () => ExplainSummary;
};

function tally(notes: readonly LogNote[]): Tally {
  const by = { good: 0, normal: 0, trouble: 0 };
  const troubles = new Map<string, { times: number; line: number }>();
  const story = summaryOf(notes);
  let records = 0;
  const count: Tally = {
    lines: 0,
    add(record, note) {
      records++;
      story.add(record, note);
      if (!note) return;
      by[note.severity]++;
      if (note.severity !== 'trouble') return;
      const seen = troubles.get(note.id);
      if (seen) seen.times++;
      else troubles.set(note.id, { times: 1, line: record.line });
    },
    summary() {
      const explained = by.good + by.normal + by.trouble;
      const each = [...troubles].map(([id, seen]) => ({ id, ...seen }));
      return {
        lines: count.lines,
        records,
        explained,
        left: records - explained,
        ...by,
        troubles: each,
        story: story.story(),
      };
    },
  };
  return count;
}

function summaryText(summary: ExplainSummary, width: number): string {
  const { lines, records, explained, good, normal, trouble, story } = summary;
  const storyLines = storyText(story).flatMap((line) => {
    const lead = /^ *(?:- )?/.exec(line)?.[0] ?? '';
    return wrapped(line.slice(lead.length), width, lead);
  });
  return [
    '',
    ...storyLines,
    ...(storyLines.length > 0 ? [''] : []),
    `${lines} lines, ${records} records: ${explained} explained (${good} good, ${normal} normal, ${trouble} trouble).`,
  ].join('\n');
}
