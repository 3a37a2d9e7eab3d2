/** Logs for a session in a room: read as the workshop reads them, from text. */
import { readLogNotes } from '../../assets/compile.ts';
import type { LogPart } from '../../src/session/log/buffer.ts';
import { readLogs } from '../../src/session/run/log-reader.ts';

export const notes = readLogNotes();

/** Some text for each server, whole; what reading gives of it. */
export async function partsOf(texts: Readonly<Record<string, string>>): Promise<readonly LogPart[]> {
  const parts: LogPart[] = [];
  const enough = new AbortController();
  const sources = Object.entries(texts).map(([name, text]) => ({
    name,
    size: Buffer.byteLength(text),
    async *pieces() {
      yield text;
      await new Promise((resolve) => enough.signal.addEventListener('abort', resolve, { once: true }));
    },
  }));
  const take = (part: LogPart) => {
    parts.push(part);
    if (!part.reading) enough.abort();
  };
  await readLogs(sources, notes, take, enough.signal);
  return parts;
}

/** A line as a server writes it. */
export const line = (time: string, rest: string, pid = 30): string => `2026-11-23 ${time} UTC [${pid}] ${rest}`;
