/**
 * The log records of all servers in one order. To keep hundreds of thousands of records cheap, a chunk has their text
 * and a few numbers for each; a record is parsed again from its text when it is drawn.
 */
import type { Story } from '../../postgres/log/story.ts';

export type LogChunk = {
  readonly from: number; // the number of its first record; numbers count up from 0, and none is used again
  readonly text: string; // the records' own lines, "\n" between two records
  readonly ends: Uint32Array; // where each record ends in the text
  readonly servers: Uint8Array; // index in the list of servers
  readonly lines: Uint32Array; // line number of each record's first line in its server's log, from 1
  readonly times: Float64Array; // milliseconds since 1970; a record without a time has that of the record above it
  readonly severityBits: Uint8Array; // see the constant `severityBits`
  readonly noteNumbers: Uint16Array; // index in `noteWords`, plus 1; 0: no note
};

/** Two bits for the severity of a note; bit `first`: a trouble appears for the first time, or again after a while. */
export const severityBits = { none: 0, normal: 1, good: 2, trouble: 3, severity: 3, first: 4 } as const;

/** True when the record's note is open by default. */
export const isNews = (mark: number): boolean => mark === (severityBits.trouble | severityBits.first);

export type LogBuffer = {
  readonly chunks: readonly LogChunk[];
  readonly startRecords: readonly number[]; // for each server: the number of the record that its last start begins with
  readonly absent: readonly string[]; // servers without a log
  readonly story: Story | null;
  readonly reading: boolean; // the part of the logs that existed when reading began is not all read yet
};
/** A part that the log reader appends to a buffer. */
export type LogPart = Omit<LogBuffer, 'chunks'> & { readonly chunk: LogChunk | null };

export const emptyBuffer: LogBuffer = { chunks: [], startRecords: [], absent: [], story: null, reading: true };

export const maxText = 24_000_000; // characters of all servers together, some 200,000 lines; the files have older ones
const smallChunk = 1000; // records; smaller chunks are joined, because each key press walks over all chunks

export function append({ chunks, story }: LogBuffer, { chunk, ...news }: LogPart): LogBuffer {
  const last = chunks.at(-1);
  const all = !chunk
    ? chunks
    : last && sizeOf(last) + sizeOf(chunk) <= smallChunk
      ? [...chunks.slice(0, -1), joined(last, chunk)]
      : [...chunks, chunk];
  return { ...news, story: news.story ?? story, chunks: withoutOldest(all) };
}

function withoutOldest(chunks: readonly LogChunk[]): readonly LogChunk[] {
  let over = chunks.reduce((sum, { text }) => sum + text.length, -maxText);
  const first = chunks.findIndex(({ text }) => {
    if (over <= 0) return true;
    over -= text.length;
    return false;
  });
  return first <= 0 ? chunks : chunks.slice(first);
}

export const sizeOf = ({ ends }: LogChunk): number => ends.length;

function joined(a: LogChunk, b: LogChunk): LogChunk {
  const shift = a.text.length + 1;
  return {
    from: a.from,
    text: `${a.text}\n${b.text}`,
    ends: Uint32Array.from([...a.ends, ...b.ends.map((end) => end + shift)]),
    servers: Uint8Array.from([...a.servers, ...b.servers]),
    lines: Uint32Array.from([...a.lines, ...b.lines]),
    times: Float64Array.from([...a.times, ...b.times]),
    severityBits: Uint8Array.from([...a.severityBits, ...b.severityBits]),
    noteNumbers: Uint16Array.from([...a.noteNumbers, ...b.noteNumbers]),
  };
}

export const textOf = ({ text, ends }: LogChunk, index: number): string =>
  text.slice(index === 0 ? 0 : (ends[index - 1] ?? 0) + 1, ends[index]);

/** The chunk of a record, and the record's index in the chunk; undefined when the buffer does not have the record. */
export function recordPlace({ chunks }: LogBuffer, number: number): { chunk: LogChunk; index: number } | undefined {
  const chunk = chunks.findLast(({ from }) => from <= number);
  const index = number - (chunk?.from ?? 0);
  return chunk && index < sizeOf(chunk) ? { chunk, index } : undefined;
}

/** The number that the next record will have. */
export const endOf = ({ chunks }: LogBuffer): number => {
  const last = chunks.at(-1);
  return last ? last.from + sizeOf(last) : 0;
};

/** Selects records of a chunk: returns their indices in ascending order, and the same list for the same chunk. */
export type RecordSelection = (chunk: LogChunk) => Uint16Array;

export const countOf = ({ chunks }: LogBuffer, pick: RecordSelection): number =>
  chunks.reduce((sum, chunk) => sum + pick(chunk).length, 0);

/** The number of selected records above the record `number`. */
export function rankOf({ chunks }: LogBuffer, pick: RecordSelection, number: number): number {
  let rank = 0;
  for (const chunk of chunks) {
    if (chunk.from + sizeOf(chunk) > number) return rank + below(pick(chunk), number - chunk.from);
    rank += pick(chunk).length;
  }
  return rank;
}

/** The number of the selected record at a rank; undefined when there are fewer. */
export function atRank({ chunks }: LogBuffer, pick: RecordSelection, rank: number): number | undefined {
  let left = rank;
  for (const chunk of chunks) {
    const list = pick(chunk);
    if (left < list.length) return left < 0 ? undefined : chunk.from + (list[left] ?? 0);
    left -= list.length;
  }
  return undefined;
}

/** How many values of a sorted list are smaller than `value`. */
function below(list: Uint16Array, value: number): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
