/** Logs for a test session: text that is read as the workshop reads log files. */
import { readLogNotes } from '../../assets/compile.ts';
import type { LogPart } from '../../src/session/log/buffer.ts';
import { readLogs } from '../../src/session/run/log-reader.ts';

export const notes = readLogNotes();

/** Resolves with the parts that the log reader makes of one text for each server. */
export async function partsOf(texts: Readonly<Record<string, string>>): Promise<readonly LogPart[]> {
  const parts: LogPart[] = [];
  const allRead = new AbortController();
  const sources = Object.entries(texts).map(([name, text]) => ({
    name,
    size: Buffer.byteLength(text),
    async *pieces() {
      yield text;
      await new Promise((resolve) => allRead.signal.addEventListener('abort', resolve, { once: true }));
    },
  }));
  const take = (part: LogPart) => {
    parts.push(part);
    if (!part.reading) allRead.abort();
  };
  await readLogs(sources, notes, take, allRead.signal);
  return parts;
}

/** A log line with the default prefix of the tests. */
export const line = (time: string, rest: string, pid = 30): string => `2026-11-23 ${time} UTC [${pid}] ${rest}`;
