/**
 * Parses a record of a log buffer again, with its note. The note was chosen when the record was read, because that
 * depends on the neighbouring records.
 */

import type { LogRecord } from '../../postgres/log/lines/record.ts';
import { parseLog } from '../../postgres/log/log.ts';
import { filledNote, finderOf, type LogNote, type Note, type NoteCase } from '../../postgres/log/notes.ts';
import { type LogChunk, textOf } from './buffer.ts';

type NoteWords = { readonly note: LogNote; readonly words: LogNote | NoteCase };
const tables = new WeakMap<readonly LogNote[], readonly NoteWords[]>();

/** All notes and their cases in a fixed order. `LogChunk.noteNumbers` refers to this list. */
export function noteWords(notes: readonly LogNote[]): readonly NoteWords[] {
  const before = tables.get(notes);
  if (before) return before;
  const table = notes.flatMap((note) => [note, ...(note.cases ?? [])].map((words) => ({ note, words })));
  tables.set(notes, table);
  return table;
}

export function recordAt(chunk: LogChunk, index: number): LogRecord {
  const text = textOf(chunk, index);
  const [record, ...more] = parseLog(text);
  const line = chunk.lines[index] ?? 1;
  if (record && more.length === 0) return { ...record, line };
  // The text is the end of a record whose beginning was not read.
  return { line, lines: 1, time: null, pid: null, level: null, message: text };
}

export function noteAt(chunk: LogChunk, index: number, record: LogRecord, notes: readonly LogNote[]): Note | undefined {
  const chosen = noteWords(notes)[(chunk.noteNumbers[index] ?? 0) - 1];
  const found = chosen && finderOf(notes)(record);
  return found && found.note === chosen.note ? filledNote(found, chosen.words) : undefined;
}
