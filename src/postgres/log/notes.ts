/** What the lines of a server log mean. The notes: assets/log-notes/; how one is written: assets/log-notes.yaml. */

import { parseLsn, walFileName } from '../lsn.ts';
import { maskText } from '../mask/mask.ts';
import { quoteName } from '../quote.ts';
import type { LogRecord } from './lines/record.ts';
import { type Index, indexed } from './note-index.ts';

export type NoteSeverity = 'good' | 'normal' | 'trouble';
/** What a trouble is about; the summary knows what ends each (src/postgres/log/summary.ts). */
export type NoteTopic =
  | 'start'
  | 'standby'
  | 'login'
  | 'files'
  | 'crash'
  | 'replay'
  | 'slot'
  | 'archive'
  | 'disk'
  | 'sync'
  | 'statement'
  | 'client';
/** What has become of the server with this line; the summary says it at the end. */
export type NoteTurn =
  | 'starting'
  | 'primary'
  | 'standby'
  | 'reading'
  | 'streaming'
  | 'cut'
  | 'stopping'
  | 'stopped'
  | 'failed'
  | 'crashed';

type Words = {
  readonly severity: NoteSeverity;
  readonly means: string;
  readonly cause?: string;
  readonly next?: string;
  readonly lesson?: string; // lesson id
  readonly about?: NoteTopic; // of trouble
  readonly turns?: NoteTurn;
  readonly result?: boolean; // only what follows from a trouble told in another line; the summary leaves it out
  readonly tells?: boolean; // no trouble, and yet the summary names it: a crash that is over, a promotion
};
/** Where the neighbours say more than the line alone. Ids of notes; all that is said must hold. "Near" is 8 records of the same server. */
export type NoteWhen = {
  readonly after?: readonly string[]; // one of these stands near above
  readonly rightAfter?: readonly string[]; // one of these is the record directly above
  readonly before?: readonly string[]; // one of these comes near below
  readonly rightBefore?: readonly string[]; // one of these is the record directly below
  readonly notAfter?: readonly string[]; // none of these stands near above
  readonly elsewhere?: readonly string[]; // one of these was said above by any server, about the same user or slot
};
/** Another reading of a note's lines. What it does not say is as in its note. */
export type NoteCase = Partial<Words> & { readonly id: string; readonly when: NoteWhen };
/**
 * As in the YAML files. `pattern` is a regular expression with named groups on "LEVEL:  message" (a dot matches line ends too); texts hold {name} for its values.
 * A value `lsn` adds {fileEnd}, the last two digits of the name of the 16 MB WAL file it lies in; with a value `timeline`, {file} is the whole name.
 */
export type LogNote = Words & {
  readonly id: string;
  readonly pattern: string;
  readonly detail?: string; // further patterns, on these parts; their named groups join the values
  readonly context?: string;
  readonly statement?: string;
  readonly cases?: readonly NoteCase[];
};
/** A note with the values of one record filled in, secrets masked. */
export type Note = Words & {
  readonly id: string;
  readonly kind: string; // the note's id; `id` is that of the case where one holds
  readonly values: Readonly<Record<string, string>>;
};

/** The first note that fits. The neighbours of a record are not known here, so no case holds: see log-neighbours.ts. */
export function noteOf(record: LogRecord, notes: readonly LogNote[]): Note | undefined {
  const found = finderOf(notes)(record);
  return found && filledNote(found, found.note);
}

/** A note that fits a record. Its texts are filled when they are asked for. */
export type Found = {
  readonly note: LogNote;
  readonly values: Readonly<Record<string, string>>;
  told?: Note; // once filled
};

/** The first note that fits a record, of these. Made once for a table of notes. */
export type Finder = (record: LogRecord) => Found | undefined;
const finders = new WeakMap<readonly LogNote[], Finder>();

export function finderOf(notes: readonly LogNote[]): Finder {
  const before = finders.get(notes);
  if (before) return before;
  const byLevel: Record<string, OfLevel> = {};
  const made: Finder = (record) => {
    const level = record.level ?? '';
    byLevel[level] ??= compiled(notes, record.level);
    return foundIn(record, byLevel[level]);
  };
  finders.set(notes, made);
  return made;
}

function foundIn(record: LogRecord, known: OfLevel): Found | undefined {
  const { message, level } = record;
  const text = message.length > longest ? message.slice(0, longest) : message;
  for (const { note, levels, begins, pattern, parts } of candidates(known, text)) {
    if (!text.startsWith(begins)) continue; // Node compiles a pattern when it is first tried: a start would wait for hundreds
    const match = pattern.exec(levels || level === null ? text : `${level}:  ${text}`);
    if (!match) continue;
    const values: Record<string, string> = {};
    take(match, values);
    if (parts.length > 0 && !parts.every((each) => take(each.pattern.exec(record[each.part] ?? ''), values))) continue;
    if (values.lsn !== undefined) Object.assign(values, walFileOf(values.lsn, values.timeline));
    return { note, values };
  }
  return undefined;
}

/** The named groups of a match join the values. */
function take(match: RegExpExecArray | null, values: Record<string, string>): boolean {
  for (const name in match?.groups) {
    const value = match.groups[name];
    if (value !== undefined) values[name] = maskText(value);
  }
  return match !== null;
}

/** The words of a note or of one of its cases, with the values of a record. */
export function filledNote(found: Found, words: LogNote | NoteCase): Note {
  if (found.told?.id === words.id) return found.told;
  const { note, values } = found;
  const { means, cause, next, rest } = templates.get(words) ?? templateOf(note, words);
  const made = { ...rest, values, means: means(values) };
  if (cause) made.cause = cause(values);
  if (next) made.next = next(values);
  found.told = made;
  return made;
}

type Fill = (values: Readonly<Record<string, string>>) => string;
type Template = {
  readonly means: Fill;
  readonly cause: Fill | undefined;
  readonly next: Fill | undefined;
  readonly rest: { -readonly [key in keyof Note]: Note[key] }; // all but the texts with values
};
const templates = new WeakMap<LogNote | NoteCase, Template>(); // a log has few kinds of lines, and millions of lines

function templateOf(note: LogNote, words: LogNote | NoteCase): Template {
  const { severity, means, cause, next, lesson, about, turns, result, tells } = { ...note, ...words };
  const template: Template = {
    means: fillOf(means),
    cause: cause === undefined ? undefined : fillOf(cause),
    next: next === undefined ? undefined : fillOf(next),
    rest: {
      id: words.id,
      kind: note.id,
      severity,
      values: {},
      means,
      ...(lesson !== undefined && { lesson }),
      ...(about !== undefined && { about }),
      ...(turns !== undefined && { turns }),
      ...(result !== undefined && { result }),
      ...(tells !== undefined && { tells }),
    },
  };
  templates.set(words, template);
  return template;
}

function fillOf(text: string): Fill {
  const parts = text.split(/\{(\w+)\}/); // text, name, text, …
  if (parts.length === 1) return () => text;
  const inSql = parts.map((_, at) => at % 2 === 1 && /\b(?:ROLE|DATABASE) $/.test(parts[at - 1] ?? ''));
  const filledWith = (given: string | undefined, name: string, at: number) =>
    given === undefined ? `{${name}}` : inSql[at] ? quoteName(given) : given;
  return (values) => parts.map((part, at) => (at % 2 === 0 ? part : filledWith(values[part], part, at))).join('');
}

const longest = 8000; // characters of a message; no note looks further

type Part = 'detail' | 'context' | 'statement';
type Compiled = {
  readonly note: LogNote;
  readonly levels: readonly Level[] | undefined; // undefined: the pattern does not begin at the beginning
  readonly begins: string; // what every message that fits begins with; may be ''
  readonly pattern: RegExp; // on the message alone, where there are levels
  readonly parts: readonly { readonly part: Part; readonly pattern: RegExp }[];
};
type Level = LogRecord['level'];
type OfLevel = { readonly all: readonly Compiled[]; asked: number; index?: Index<Compiled> };
const few = 40; // records; an index pays only for more: the first frame of the workshop should not wait for it

/** The notes that a text may have, in their order. */
function candidates(known: OfLevel, text: string): readonly Compiled[] {
  if (known.asked < few) {
    known.asked++;
    return known.all;
  }
  known.index ??= indexed(known.all, ({ levels, pattern }) => (levels ? pattern.source : ''));
  return known.index.candidates(text);
}

function compiled(notes: readonly LogNote[], level: Level): OfLevel {
  return { all: notes.filter((note) => levelsOf(note)?.includes(level) ?? true).map(compile), asked: 0 };
}

const levelWord = /^\^(?:\(\?:([A-Z|]+)\)|([A-Z]+)): {2}/;

/** undefined: the pattern does not begin at the beginning, so it says nothing about the level. */
function levelsOf({ pattern }: LogNote): readonly Level[] | undefined {
  const [, several, one] = levelWord.exec(pattern) ?? [];
  if (several ?? one) return (several ?? one)?.split('|') as Level[];
  return pattern.startsWith('^') ? [null] : undefined;
}

/** The level is compared by itself: a record keeps it apart from its message. */
function compile(note: LogNote): Compiled {
  const levels = levelsOf(note);
  const pattern = levels ? note.pattern.replace(levelWord, '^') : note.pattern;
  return {
    note,
    levels,
    begins: beginningOf(pattern),
    pattern: new RegExp(pattern, 's'),
    parts: (['detail', 'context', 'statement'] as const).flatMap((part) =>
      note[part] === undefined ? [] : [{ part, pattern: new RegExp(note[part], 's') }],
    ),
  };
}

/** Characters that mean themselves; the last one not, where it may be missing. Two patterns in one have no beginning of their own. */
const beginningOf = (pattern: string): string =>
  /\|(?![^(]*\))/.test(pattern) ? '' : (/^\^([\w "'/;:,<>=@-]*)(?![*?{])/.exec(pattern)?.[1] ?? '');

function walFileOf(lsn: string, timeline: string | undefined): { file?: string; fileEnd?: string } {
  if (parseLsn(lsn) === undefined) return {};
  const file = walFileName(Number(timeline ?? 1), lsn);
  return { fileEnd: file.slice(-2), ...(timeline !== undefined && { file }) };
}
