/** Writes records with their notes into chunks for a log buffer, and summarizes all of them into a story. */

import type { LogRecord } from '../../postgres/log/lines/record.ts';
import { millisecondsOf } from '../../postgres/log/lines/time.ts';
import type { LogNote, Note } from '../../postgres/log/notes.ts';
import { startFinder } from '../../postgres/log/start.ts';
import { summaryOf } from '../../postgres/log/summary.ts';
import { type LogChunk, type LogPart, severityBits } from './buffer.ts';
import { noteWords } from './record.ts';

const chunkRecords = 4000;
const chunkText = 1_000_000; // characters

export type ChunkWriter = {
  readonly add: (record: LogRecord, note: Note | undefined, text: string) => void;
  readonly close: (absent: readonly string[]) => void; // emits what is left: there are no more records for now
};

export function chunkWriter(
  notes: readonly LogNote[],
  names: readonly string[],
  emit: (part: LogPart) => void,
): ChunkWriter {
  const summary = summaryOf(notes);
  const starts = names.map(() => startFinder());
  const isFirst = firstOccurrences();
  const numberOf = new Map(noteWords(notes).map(({ words }, at) => [words.id, at + 1]));
  const startRecords = () => starts.map(({ begin }) => begin());
  let draft = draftOf(0);
  let length = 0;
  let absentBefore: string | undefined;
  const flush = () => {
    const { from, ends } = draft;
    const chunk = ends.length > 0 ? written(draft) : null;
    draft = draftOf(from + ends.length);
    length = 0;
    return chunk;
  };
  return {
    add(record, note, text) {
      const number = draft.from + draft.ends.length;
      const server = names.indexOf(record.server ?? '');
      const above = draft.times.at(-1) ?? 0;
      length += text.length + 1;
      draft.texts.push(text);
      draft.ends.push(length - 1);
      draft.servers.push(server);
      draft.lines.push(record.line);
      draft.times.push((record.time === null ? undefined : millisecondsOf(record.time)) ?? above);
      draft.severityBits.push(
        note
          ? severityBits[note.severity] | (isFirst(server, note, number) ? severityBits.first : 0)
          : severityBits.none,
      );
      draft.noteNumbers.push((note && numberOf.get(note.id)) ?? 0);
      starts[server]?.add(record, number);
      summary.add(record, note);
      if (draft.ends.length >= chunkRecords || length >= chunkText)
        emit({ chunk: flush(), startRecords: startRecords(), absent: [], story: null, reading: true });
    },
    close(absent) {
      const chunk = flush();
      if (!chunk && absent.join() === absentBefore) return;
      absentBefore = absent.join();
      emit({ chunk, startRecords: startRecords(), absent, story: summary.story(), reading: false });
    },
  };
}

const outOfSight = 30; // records

/**
 * Whether a trouble of a server appears for the first time since the server started, since a note of severity `good`,
 * or since it was marked as first `outOfSight` records ago. Numbers (pids, ports, positions) make no difference.
 */
function firstOccurrences(): (server: number, note: Note, number: number) => boolean {
  const byServer = new Map<number, Map<string, number>>();
  return (server, { severity, turns, means }, number) => {
    const seen = byServer.get(server) ?? new Map<string, number>();
    byServer.set(server, seen);
    if (severity === 'good' || turns === 'starting') seen.clear();
    if (severity !== 'trouble') return false;
    const meaning = means.replace(/\d+/g, '');
    const isNew = number - (seen.get(meaning) ?? Number.NEGATIVE_INFINITY) >= outOfSight;
    if (isNew) seen.set(meaning, number);
    return isNew;
  };
}

type Draft = { readonly from: number; readonly texts: string[] } & {
  readonly [column in Exclude<keyof LogChunk, 'from' | 'text'>]: number[];
};

const draftOf = (from: number): Draft => ({
  from,
  texts: [],
  ends: [],
  servers: [],
  lines: [],
  times: [],
  severityBits: [],
  noteNumbers: [],
});

const written = ({ from, texts, ends, servers, lines, times, severityBits, noteNumbers }: Draft): LogChunk => ({
  from,
  text: texts.join('\n'),
  ends: Uint32Array.from(ends),
  servers: Uint8Array.from(servers),
  lines: Uint32Array.from(lines),
  times: Float64Array.from(times),
  severityBits: Uint8Array.from(severityBits),
  noteNumbers: Uint16Array.from(noteNumbers),
});
