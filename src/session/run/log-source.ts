/** Buffers one server's log: takes pieces of text and gives records on demand. Keeps the newest part of a long log. */
import { ProblemError } from '../../lab/problem.ts';
import type { LogRecord } from '../../postgres/log/lines/record.ts';
import { millisecondsOf } from '../../postgres/log/lines/time.ts';
import { logReader } from '../../postgres/log/log.ts';

export type LogIntake = {
  readonly name: string;
  /**
   * Adds pieces until they end or `signal` aborts, and calls `notify` after each. Resolves when the log cannot be read:
   * then it counts as absent. Rejects with any other error.
   */
  readonly fill: (pieces: () => AsyncIterable<string>, notify: () => void, signal: AbortSignal) => Promise<void>;
  readonly isThere: () => boolean; // all bytes that the log had at the last look have arrived
  readonly isAbsent: () => boolean; // the log does not exist, or no longer
  // The time of the next record in ms; undefined: there is none for now. `whole`: the last record is complete.
  readonly next: (whole: boolean) => number | undefined;
  readonly take: () => Incoming; // removes and returns the next record; throws when `next` has found none
};
type Incoming = { readonly record: LogRecord; readonly text: string; readonly at: number };

export function logIntakeOf(name: string, size: number, maxLength: number): LogIntake {
  const text = lineBuffer(maxLength);
  const records: Incoming[] = [];
  let lastTime = 0;
  let absent = false;
  const reader = logReader((record, own) => {
    lastTime = (record.time === null ? undefined : millisecondsOf(record.time)) ?? lastTime;
    const line = record.line + text.skipped();
    records.push({ record: { ...record, line, server: name }, text: own, at: lastTime });
  });
  return {
    name,
    isThere: () => absent || text.received() >= size,
    isAbsent: () => absent,
    async fill(pieces, notify, signal) {
      try {
        for await (const piece of pieces()) {
          if (signal.aborted) return;
          text.add(piece);
          notify();
        }
      } catch (error) {
        if (!isRefusal(error)) throw error;
      }
      absent = true;
      notify();
    },
    next(whole) {
      while (records.length === 0) {
        const line = text.line();
        if (line === undefined) {
          if (whole) reader.flush();
          break;
        }
        reader.push(line);
      }
      return records[0]?.at;
    },
    take() {
      const record = records.shift();
      if (!record) throw new Error(`no record of ${name} is ready`);
      return record;
    },
  };
}

/** The log does not exist, was removed, or may not be read. */
const isRefusal = (error: unknown): boolean =>
  error instanceof ProblemError || (error instanceof Error && 'syscall' in error);

/** Takes pieces of text, gives lines. Drops the oldest pieces beyond `maxLength` characters and counts their lines. */
function lineBuffer(maxLength: number) {
  const pieces: string[] = [];
  let length = 0; // characters of `pieces`
  let received = 0; // bytes
  let skipped = 0; // lines
  let lines: string[] = []; // of the piece that is being read, the next line last
  let rest = ''; // the beginning of a line that goes on in the next piece
  let torn = false; // the beginning of the next line was dropped
  const nextPiece = (): boolean => {
    const piece = pieces.shift();
    if (piece === undefined) return false;
    length -= piece.length;
    lines = (rest + piece).split('\n').reverse();
    rest = lines.shift() ?? '';
    if (torn && lines.pop() !== undefined) {
      torn = false;
      skipped++;
    }
    return true;
  };
  return {
    received: () => received,
    skipped: () => skipped,
    add(piece: string) {
      received += Buffer.byteLength(piece);
      pieces.push(piece);
      length += piece.length;
      while (length - (pieces[0]?.length ?? 0) > maxLength) {
        const dropped = pieces.shift() ?? '';
        length -= dropped.length;
        skipped += dropped.split('\n').length - 1;
        torn = true;
        rest = '';
      }
    },
    line(): string | undefined {
      while (lines.length === 0 && nextPiece());
      return lines.pop();
    },
  };
}
