/** A record of a book, read again from its text, with the note that was found for it when its neighbours were at hand. */

import type { LogRecord } from '../../postgres/log/lines/record.ts';
import { parseLog } from '../../postgres/log/log.ts';
import { filledNote, finderOf, type LogNote, type Note, type NoteCase } from '../../postgres/log/notes.ts';
import { type LogChunk, textOf } from './buffer.ts';

type Words = { readonly note: LogNote; readonly words: LogNote | NoteCase };
const tables = new WeakMap<readonly LogNote[], readonly Words[]>();

/** All that notes and their cases can say, in a fixed order. */
export function noteWords(notes: readonly LogNote[]): readonly Words[] {
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
  return { line, lines: 1, time: null, pid: null, level: null, message: text }; // lines of a record whose beginning was not read
}

export function noteAt(chunk: LogChunk, index: number, record: LogRecord, notes: readonly LogNote[]): Note | undefined {
  const said = noteWords(notes)[(chunk.noteNumbers[index] ?? 0) - 1];
  const found = said && finderOf(notes)(record);
  return found && found.note === said.note ? filledNote(found, said.words) : undefined;
}
