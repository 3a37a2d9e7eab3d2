/**
 * The part of a server's log that belongs to its current start. Parsed again only when the file or the process changed.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import logNotes from '../../../assets/log-notes.yaml';
import { type LogRecord, parseLog, startOfThisRun } from '../../postgres/log/log.ts';
import { noteOf } from '../../postgres/log/notes.ts';
import { statIfThere } from './files.ts';

const mostBytes = 512 * 1024; // of a longer log, only the end is read
const mostRecords = 200;

export type LogView = {
  readonly file: string | null; // 'logs/master.log'
  readonly since: number; // byte offset at which this start begins
  readonly size: number; // bytes of the whole file
  readonly records: readonly LogRecord[]; // records of this start that have a note, at most the last 200
};

type ThisRun = { readonly view: LogView; readonly all: readonly LogRecord[] };
export type LogTail = (file: string, shownAs: string, postmasterPid: number | undefined) => ThisRun;

export function createLogTail(): LogTail {
  const cache = new Map<string, { key: string; run: ThisRun }>();
  return (file, shownAs, pid) => {
    const stat = statIfThere(file);
    if (!stat?.isFile()) return { view: { file: null, since: 0, size: 0, records: [] }, all: [] };
    const key = `${stat.ino} ${stat.size} ${pid ?? ''}`;
    const previous = cache.get(file);
    if (previous?.key === key) return previous.run;
    const run = thisRun(file, shownAs, stat.size, pid);
    cache.set(file, { key, run });
    return run;
  };
}

function thisRun(file: string, shownAs: string, size: number, pid: number | undefined): ThisRun {
  const from = Math.max(0, size - mostBytes);
  const text = readFrom(file, from, size);
  const lines = from === 0 ? text : text.slice(text.indexOf('\n') + 1); // the first line may be incomplete
  const records = parseLog(lines);
  const all = records.slice(startOfThisRun(records, pid));
  const skipped = lineOffset(lines, all[0]?.line ?? Number.POSITIVE_INFINITY);
  const noted = all.filter((record) => noteOf(record, logNotes)).slice(-mostRecords);
  return { view: { file: shownAs, since: size - Buffer.byteLength(lines) + skipped, size, records: noted }, all };
}

/** Number of bytes before this line (lines count from 1). */
function lineOffset(text: string, line: number): number {
  let at = 0;
  for (let n = 1; n < line && at !== -1; n++) at = text.indexOf('\n', at) + 1 || -1;
  return Buffer.byteLength(at === -1 ? text : text.slice(0, at));
}

function readFrom(file: string, from: number, to: number): string {
  const bytes = Buffer.alloc(to - from);
  const handle = openSync(file, 'r');
  try {
    return bytes.toString('utf8', 0, readSync(handle, bytes, 0, bytes.length, from));
  } finally {
    closeSync(handle);
  }
}
