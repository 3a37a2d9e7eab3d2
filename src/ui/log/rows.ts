/** The lines of one record in the log view: time, server, level and message, and its note when that is open. */

import type { LabPlan } from '../../lab/plan/plan.ts';
import { shownText } from '../../lab/secrets/secrets.ts';
import type { LogRecord } from '../../postgres/log/lines/record.ts';
import type { LogNote, Note } from '../../postgres/log/notes.ts';
import { isNews, type LogBuffer, type RecordSelection, recordPlace, severityBits } from '../../session/log/buffer.ts';
import { wordsAsPattern } from '../../session/log/matches.ts';
import { noteAt, recordAt } from '../../session/log/record.ts';
import type { OpenLog } from '../../session/log/state.ts';
import type { Session } from '../../session/session.ts';
import { columns } from '../../terminal/width.ts';
import { indented } from '../layout/fit.ts';
import { type Line, lineColumns, type Piece, piece, type Style, wrap } from '../layout/wrap.ts';
import { messages } from '../messages.ts';
import { hang } from '../tasks/verdict.ts';
import { inlineCode, levelPiece, meaningLines, noteHere, noteStyle, recordTime } from './records.ts';

export type LogDrawing = {
  readonly session: Session;
  readonly view: OpenLog;
  readonly shown: RecordSelection;
  readonly hits: RecordSelection | undefined;
  readonly cursor: number | undefined;
  readonly notes: readonly LogNote[];
  readonly width: number;
};

const words = messages.logView;
const roomy = 60; // columns; on a narrower screen text continues below its lead
const maxText = { closed: 700, open: 8000 }; // characters of each text; a statement may have a megabyte

/** Returns the lines of a record by its number. Each record is laid out once a frame, and only when it is in sight. */
export function rowMaker(drawing: LogDrawing): (number: number) => readonly Line[] {
  const cache = new Map<number, readonly Line[]>();
  return (number) => {
    const cached = cache.get(number);
    if (cached) return cached;
    const rows = rowsOf(drawing, number);
    cache.set(number, rows);
    return rows;
  };
}

function rowsOf(drawing: LogDrawing, number: number): readonly Line[] {
  const { view, notes, width } = drawing;
  const place = recordPlace(view.buffer, number);
  if (!place) return [[]];
  const { chunk, index } = place;
  const record = recordAt(chunk, index);
  const mark = chunk.severityBits[index] ?? 0;
  const server = view.servers[chunk.servers[index] ?? 0] ?? '';
  const noteOfLog = mark === severityBits.none ? undefined : noteAt(chunk, index, record, notes);
  const note = noteHere(noteOfLog, record, server, drawing.session);
  const isOpen = isNoteOpen(view, number, mark);
  const lead = leadOf(drawing, number, record, server);
  const indent = width < roomy ? Math.min(4, width - 10) : lineColumns(lead);
  const limit = isOpen ? maxText.open : maxText.closed;
  const text = [
    ...withHits(shortened(record.message, limit, drawing.session.plan), 'text', view),
    ...(note && !isOpen ? closedNote(note) : []),
  ];
  return [
    ...(width < roomy ? wrapBelow(lead, text, indent, width) : hang(lead, text, width)),
    ...indented([...partLines(record, limit, drawing, width - indent)], indent),
    ...(note && isOpen ? indented(openNote(note, drawing.session, width - indent), indent) : []),
  ];
}

function isNoteOpen({ notes, turned }: OpenLog, number: number, mark: number): boolean {
  const isOpenByDefault = notes === 'usual' ? isNews(mark) : notes === 'open';
  return isOpenByDefault !== turned.has(number);
}

/** Cursor, hit, time, server, level; the server only when the view shows all servers. */
function leadOf({ view, hits, cursor }: LogDrawing, number: number, record: LogRecord, server: string): Line {
  const place = recordPlace(view.buffer, number);
  const isHit = hits && place && hits(place.chunk).includes(place.index);
  const wide = Math.max(...view.servers.map(columns));
  return [
    piece(number === cursor ? '▸' : ' ', 'key'),
    ...(view.search ? [piece(isHit ? '●' : ' ', 'key')] : []),
    piece(` ${recordTime(record)}`, 'detail'),
    ...(view.server === null ? [piece(`${server.padEnd(wide)} `)] : []),
    levelPiece(record, 5),
  ];
}

/** For a narrow screen: the text begins behind the lead and continues below it, indented. */
function wrapBelow(lead: Line, text: readonly Piece[], indent: number, width: number): readonly Line[] {
  const [cursor, ...more] = lead;
  const [first = [], ...rest] = wrap([...more, ...text], width - indent);
  return [[...(cursor ? [cursor] : []), piece(' '), ...first], ...indented(rest, indent)];
}

function partLines(record: LogRecord, limit: number, { session, view }: LogDrawing, width: number): readonly Line[] {
  return (['detail', 'hint', 'context', 'statement'] as const).flatMap((part) => {
    const text = record[part];
    if (text === undefined) return [];
    const [name, value] = [
      piece(`${part.toUpperCase()} `, 'detail'),
      withHits(shortened(text, limit, session.plan), 'detail', view),
    ];
    if (width >= roomy - 10) return hang([name], value, width);
    const [first = [], ...rest] = wrap([name, ...value], width - 2);
    return [first, ...indented(rest, 2)];
  });
}

function shortened(text: string, limit: number, plan: LabPlan): string {
  const masked = shownText(text, plan);
  return masked.length <= limit ? masked : `${masked.slice(0, limit)} ${words.cut(masked.length - limit)}`;
}

/** Highlights the searched text. `leadOf` marks the record with a glyph too, so that colour is not the only mark. */
function withHits(text: string, style: Style, { search }: OpenLog): readonly Piece[] {
  if (!search || search.text === '') return [piece(text, style)];
  const pieces: Piece[] = [];
  let from = 0;
  for (const { 0: hit, index } of text.matchAll(wordsAsPattern(search.text))) {
    pieces.push(piece(text.slice(from, index), style), piece(hit, 'chosen'));
    from = index + hit.length;
  }
  return [...pieces, piece(text.slice(from), style)];
}

/** A no-break space keeps a lone glyph on the line of the last word. */
const closedNote = (note: Note): readonly Piece[] => [
  piece(note.severity === 'normal' ? '\u00a0' : '  '),
  piece(words.closed[note.severity], note.severity === 'normal' ? 'detail' : noteStyle(note)),
];

function openNote(note: Note, { lessons }: Session, width: number): readonly Line[] {
  const lesson = note.severity === 'trouble' ? lessons.find(({ id }) => id === note.lesson) : undefined;
  const further = [
    ...(note.cause ? [[words.cause, note.cause]] : []),
    ...(note.next ? [[words.next, note.next]] : []),
    ...(lesson ? [[words.lesson, `${lesson.number}, “${lesson.words.title}”`]] : []),
  ];
  return [
    ...meaningLines(note, width),
    ...further.flatMap(([name = '', text = '']) =>
      hang([piece(`  ${name} `, 'detail')], inlineCode(text, 'text'), width),
    ),
  ];
}

/** Lines above the first record: how many older lines are only in the file. */
export function olderLines({ session, view, width }: LogDrawing): readonly Line[] {
  return view.servers.flatMap((name, server) => {
    const count = view.server === null || view.server === server ? skippedOf(view.buffer, server) : 0;
    const file = session.now?.servers[name]?.log.file;
    return count === 0 ? [] : wrap([piece(words.older(count, name, file ?? ''), 'detail')], width);
  });
}

function skippedOf({ chunks }: LogBuffer, server: number): number {
  for (const { servers, lines } of chunks) {
    const index = servers.indexOf(server);
    if (index >= 0) return (lines[index] ?? 1) - 1;
  }
  return 0;
}
