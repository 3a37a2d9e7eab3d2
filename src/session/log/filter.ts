/** Which records of a book are shown: those of a server, and those that a filter lets through. */
import { type LogChunk, type RecordSelection, severityBits, sizeOf } from './buffer.ts';

export const logFilters = ['all', 'trouble', 'start', 'task'] as const;
export type LogFilter = (typeof logFilters)[number];

export type RecordFilter = {
  readonly server: number | null; // place in the list of servers; null: all
  readonly filter: LogFilter;
  readonly begins: readonly number[]; // of each server's last start
  readonly since: number; // milliseconds: when the current task began
  readonly named: { readonly server: number; readonly at: number } | null; // the record that the task's verdict speaks of
};

/** The lists are kept beside the chunks, which never change: a key walks over numbers only. */
const cache = new WeakMap<LogChunk, { readonly key: string; readonly list: Uint16Array }>();

export function selectionOf(filter: RecordFilter): RecordSelection {
  const key = JSON.stringify(filter);
  return (chunk) => {
    const before = cache.get(chunk);
    if (before?.key === key) return before.list;
    const list = listOf(chunk, filter);
    cache.set(chunk, { key, list });
    return list;
  };
}

function listOf(chunk: LogChunk, { server, ...sieve }: RecordFilter): Uint16Array {
  const through = filterOf(chunk, sieve);
  const list: number[] = [];
  for (let index = 0; index < sizeOf(chunk); index++)
    if ((server === null || chunk.servers[index] === server) && through(index)) list.push(index);
  return Uint16Array.from(list);
}

function filterOf(
  { from, servers, times, severityBits: marked }: LogChunk,
  { filter, begins, since, named }: Omit<RecordFilter, 'server'>,
): (index: number) => boolean {
  switch (filter) {
    case 'all':
      return () => true;
    case 'trouble':
      return (index) => ((marked[index] ?? 0) & severityBits.severity) === severityBits.trouble;
    case 'start':
      return (index) => from + index >= (begins[servers[index] ?? 0] ?? 0);
    case 'task':
      return (index) =>
        (times[index] ?? 0) >= since || (named?.server === servers[index] && named?.at === times[index]);
  }
}
