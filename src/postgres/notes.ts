/** What the lines of a server log mean. The notes stand in assets/log-notes.yaml. */
import type { LogRecord } from './log.ts';
import { parseLsn, walFileName } from './lsn.ts';
import { maskText } from './mask.ts';

export type NoteSeverity = 'good' | 'normal' | 'trouble';
/**
 * As in the YAML file. `pattern` is a regular expression with named groups on "LEVEL:  message" (a dot matches line ends too); texts hold {name} for its values.
 * A value `lsn` adds {fileEnd}, the last two digits of the name of the 16 MB WAL file it lies in; with a value `timeline`, {file} is the whole name.
 */
export type LogNote = {
  readonly id: string;
  readonly pattern: string;
  readonly detail?: string; // a further pattern, on the DETAIL; its named groups join the values
  readonly severity: NoteSeverity;
  readonly means: string;
  readonly cause?: string;
  readonly next?: string;
  readonly lesson?: string; // lesson id
};
/** A note with the values of one record filled in, secrets masked. */
export type Note = {
  readonly id: string;
  readonly severity: NoteSeverity;
  readonly values: Readonly<Record<string, string>>;
  readonly means: string;
  readonly cause?: string;
  readonly next?: string;
  readonly lesson?: string;
};

/** The first note that fits. */
export function noteOf(record: LogRecord, notes: readonly LogNote[]): Note | undefined {
  const text = record.level ? `${record.level}:  ${record.message}` : record.message;
  for (const { note, pattern, detail } of compiled(notes)) {
    const found = pattern.exec(text);
    if (!found) continue;
    const more = detail?.exec(record.detail ?? '');
    if (detail && !more) continue;
    return filled(note, { ...found.groups, ...more?.groups });
  }
  return undefined;
}

type Compiled = { readonly note: LogNote; readonly pattern: RegExp; readonly detail: RegExp | undefined };
const compiledOnce = new WeakMap<readonly LogNote[], readonly Compiled[]>();

function compiled(notes: readonly LogNote[]): readonly Compiled[] {
  const before = compiledOnce.get(notes);
  if (before) return before;
  const made = notes.map((note) => ({
    note,
    pattern: new RegExp(note.pattern, 's'),
    detail: note.detail === undefined ? undefined : new RegExp(note.detail, 's'),
  }));
  compiledOnce.set(notes, made);
  return made;
}

function filled(note: LogNote, found: Readonly<Record<string, string | undefined>>): Note {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(found)) if (value !== undefined) values[name] = maskText(value);
  Object.assign(values, walFileOf(values.lsn, values.timeline));
  const fill = (text: string) => text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  return {
    id: note.id,
    severity: note.severity,
    values,
    means: fill(note.means),
    ...(note.cause !== undefined && { cause: fill(note.cause) }),
    ...(note.next !== undefined && { next: fill(note.next) }),
    ...(note.lesson !== undefined && { lesson: note.lesson }),
  };
}

function walFileOf(lsn: string | undefined, timeline: string | undefined): { file?: string; fileEnd?: string } {
  if (lsn === undefined || parseLsn(lsn) === undefined) return {};
  const file = walFileName(Number(timeline ?? 1), lsn);
  return { fileEnd: file.slice(-2), ...(timeline !== undefined && { file }) };
}
