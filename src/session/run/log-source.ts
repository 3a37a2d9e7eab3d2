/** One server's log on its way in: pieces of text as they come, records as they are wanted. Of a log that is too long the newest part is kept. */
import { ProblemError } from '../../lab/problem.ts';
import type { LogRecord } from '../../postgres/log/lines/record.ts';
import { millisecondsOf } from '../../postgres/log/lines/time.ts';
import { logReader } from '../../postgres/log/log.ts';

export type LogIntake = {
  readonly name: string;
  /** Takes pieces until they end, or the signal says so; rings after each. */
  readonly fill: (pieces: () => AsyncIterable<string>, ring: () => void, signal: AbortSignal) => Promise<void>;
  readonly isThere: () => boolean; // as much has come as there was at the last look
  readonly isAbsent: () => boolean; // there is no such log, or no longer
  readonly next: (whole: boolean) => number | undefined; // when the next record was written; undefined: there is none for now
  readonly take: () => Incoming; // the record that `next` spoke of
};
type Incoming = { readonly record: LogRecord; readonly text: string; readonly at: number };

export function logIntakeOf(name: string, size: number, most: number): LogIntake {
  const text = textKept(most);
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
    isThere: () => absent || text.come() >= size,
    isAbsent: () => absent,
    async fill(pieces, ring, signal) {
      try {
        for await (const piece of pieces()) {
          if (signal.aborted) return;
          text.add(piece);
          ring();
        }
      } catch (error) {
        if (!isOfMachine(error)) throw error;
      }
      absent = true;
      ring();
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

/** There is no log, or it vanished, or may not be read. */
const isOfMachine = (error: unknown): boolean =>
  error instanceof ProblemError || (error instanceof Error && 'syscall' in error);

/** Pieces of text, taken out line by line. What has no room is dropped from the beginning, and its lines are counted. */
function textKept(most: number) {
  const pieces: string[] = [];
  let held = 0;
  let come = 0;
  let skipped = 0;
  let lines: string[] = []; // of the piece that is being taken out, the next one last
  let rest = ''; // the line that goes on in the next piece
  let torn = false; // the beginning of the next line was dropped
  const nextPiece = (): boolean => {
    const piece = pieces.shift();
    if (piece === undefined) return false;
    held -= piece.length;
    lines = (rest + piece).split('\n').reverse();
    rest = lines.shift() ?? '';
    if (torn && lines.pop() !== undefined) {
      torn = false;
      skipped++;
    }
    return true;
  };
  return {
    come: () => come,
    skipped: () => skipped,
    add(piece: string) {
      come += Buffer.byteLength(piece);
      pieces.push(piece);
      held += piece.length;
      while (held - (pieces[0]?.length ?? 0) > most) {
        const dropped = pieces.shift() ?? '';
        held -= dropped.length;
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
