/** Finds the notes for records of a server log. Notes are in assets/log-notes/, their format in log-notes.yaml. */

import { parseLsn, walFileName } from '../lsn.ts';
import { maskText } from '../mask/mask.ts';
import { quoteName } from '../quote.ts';
import type { LogRecord } from './lines/record.ts';
import { type Index, indexed } from './note-index.ts';

export type NoteSeverity = 'good' | 'normal' | 'trouble';
/** The subject of a trouble. The summary knows what ends each (src/postgres/log/summary.ts). */
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
/** The state that the server has from this line on; the summary reports the last one. */
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
  readonly about?: NoteTopic; // only for trouble
  readonly turns?: NoteTurn;
  readonly result?: boolean; // a consequence of a trouble in another line; the summary omits it
  readonly tells?: boolean; // no trouble, but the summary mentions it: a crash that is over, a promotion
};
/** Conditions on neighbour records, as ids of notes; all must hold. "Near": within 8 records of the same server. */
export type NoteWhen = {
  readonly after?: readonly string[]; // one of these is near above
  readonly rightAfter?: readonly string[]; // one of these is directly above
  readonly before?: readonly string[]; // one of these is near below
  readonly rightBefore?: readonly string[]; // one of these is directly below
  readonly notAfter?: readonly string[]; // none of these is near above
  readonly elsewhere?: readonly string[]; // any server logged one of these above, about the same user or slot
};
/** Another meaning of a note's lines. Fields that it does not have are those of its note. */
export type NoteCase = Partial<Words> & { readonly id: string; readonly when: NoteWhen };
/**
 * As in the YAML files. `pattern` is a regular expression with named groups on "LEVEL:  message", in which a dot also
 * matches line ends; texts contain {name} for its values. A value `lsn` adds {fileEnd}, the last two digits of the name
 * of its 16 MB WAL file; with a value `timeline`, {file} is the whole name.
 */
export type LogNote = Words & {
  readonly id: string;
  readonly pattern: string;
  readonly detail?: string; // patterns on other parts; their named groups are added to the values
  readonly context?: string;
  readonly statement?: string;
  readonly cases?: readonly NoteCase[];
};
/** A note with the values of one record, in which secrets are masked. */
export type Note = Words & {
  readonly id: string;
  readonly kind: string; // the note's id; `id` is that of its case, if one applies
  readonly values: Readonly<Record<string, string>>;
};

/** The first note that fits. No case applies, because the neighbours are not known here: see neighbours.ts. */
export function noteOf(record: LogRecord, notes: readonly LogNote[]): Note | undefined {
  const found = finderOf(notes)(record);
  return found && filledNote(found, found.note);
}

/** A note that fits a record. Its texts are filled in on demand. */
export type Found = {
  readonly note: LogNote;
  readonly values: Readonly<Record<string, string>>;
  told?: Note; // the filled note, as a cache
};

/** Finds the first note of a table that fits a record. Compiled once per table. */
export type Finder = (record: LogRecord) => Found | undefined;
const finders = new WeakMap<readonly LogNote[], Finder>();

export function finderOf(notes: readonly LogNote[]): Finder {
  const cached = finders.get(notes);
  if (cached) return cached;
  const byLevel: Record<string, LevelNotes> = {};
  const finder: Finder = (record) => {
    const level = record.level ?? '';
    byLevel[level] ??= compiled(notes, record.level);
    return foundIn(record, byLevel[level]);
  };
  finders.set(notes, finder);
  return finder;
}

function foundIn(record: LogRecord, known: LevelNotes): Found | undefined {
  const { message, level } = record;
  const text = message.length > maxLength ? message.slice(0, maxLength) : message;
  for (const { note, levels, begins, pattern, parts } of candidates(known, text)) {
    if (!text.startsWith(begins)) continue; // Node compiles a pattern at its first use; this avoids hundreds
    const match = pattern.exec(levels || level === null ? text : `${level}:  ${text}`);
    if (!match) continue;
    const values: Record<string, string> = {};
    addGroups(match, values);
    if (parts.length > 0 && !parts.every((each) => addGroups(each.pattern.exec(record[each.part] ?? ''), values)))
      continue;
    if (values.lsn !== undefined) Object.assign(values, walFileOf(values.lsn, values.timeline));
    return { note, values };
  }
  return undefined;
}

/** Adds the named groups of a match to the values. Returns whether there was a match. */
function addGroups(match: RegExpExecArray | null, values: Record<string, string>): boolean {
  for (const name in match?.groups) {
    const value = match.groups[name];
    if (value !== undefined) values[name] = maskText(value);
  }
  return match !== null;
}

/** The texts of a note or of one of its cases, with the values of a record. */
export function filledNote(found: Found, words: LogNote | NoteCase): Note {
  if (found.told?.id === words.id) return found.told;
  const { note, values } = found;
  const { means, cause, next, rest } = templates.get(words) ?? templateOf(note, words);
  const filled = { ...rest, values, means: means(values) };
  if (cause) filled.cause = cause(values);
  if (next) filled.next = next(values);
  found.told = filled;
  return filled;
}

type Fill = (values: Readonly<Record<string, string>>) => string;
type Template = {
  readonly means: Fill;
  readonly cause: Fill | undefined;
  readonly next: Fill | undefined;
  readonly rest: { -readonly [key in keyof Note]: Note[key] }; // all but the texts with values
};
const templates = new WeakMap<LogNote | NoteCase, Template>(); // a log has millions of lines, but few kinds

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

const maxLength = 8000; // characters of a message; no note needs more

type Part = 'detail' | 'context' | 'statement';
type Compiled = {
  readonly note: LogNote;
  readonly levels: readonly Level[] | undefined; // undefined: the pattern is not anchored at the beginning
  readonly begins: string; // the literal beginning of every message that fits; may be ''
  readonly pattern: RegExp; // of the message alone, when `levels` is known
  readonly parts: readonly { readonly part: Part; readonly pattern: RegExp }[];
};
type Level = LogRecord['level'];
type LevelNotes = { readonly all: readonly Compiled[]; asked: number; index?: Index<Compiled> };
const indexAfter = 40; // records before the index is built, so that the first frame does not wait for it

/** The notes that may fit a text, in their order. */
function candidates(known: LevelNotes, text: string): readonly Compiled[] {
  if (known.asked < indexAfter) {
    known.asked++;
    return known.all;
  }
  known.index ??= indexed(known.all, ({ levels, pattern }) => (levels ? pattern.source : ''));
  return known.index.candidates(text);
}

function compiled(notes: readonly LogNote[], level: Level): LevelNotes {
  return { all: notes.filter((note) => levelsOf(note)?.includes(level) ?? true).map(compile), asked: 0 };
}

const levelWord = /^\^(?:\(\?:([A-Z|]+)\)|([A-Z]+)): {2}/;

/** undefined: the pattern is not anchored at the beginning, so it may fit any level. */
function levelsOf({ pattern }: LogNote): readonly Level[] | undefined {
  const [, several, one] = levelWord.exec(pattern) ?? [];
  if (several ?? one) return (several ?? one)?.split('|') as Level[];
  return pattern.startsWith('^') ? [null] : undefined;
}

/** The level is compared by itself, because a record has it apart from its message. */
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

/** The literal beginning of a pattern, without a last character that may be missing. '' for alternatives. */
const beginningOf = (pattern: string): string =>
  /\|(?![^(]*\))/.test(pattern) ? '' : (/^\^([\w "'/;:,<>=@-]*)(?![*?{])/.exec(pattern)?.[1] ?? '');

function walFileOf(lsn: string, timeline: string | undefined): { file?: string; fileEnd?: string } {
  if (parseLsn(lsn) === undefined) return {};
  const file = walFileName(Number(timeline ?? 1), lsn);
  return { fileEnd: file.slice(-2), ...(timeline !== undefined && { file }) };
}
