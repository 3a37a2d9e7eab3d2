/** Selects the records of a log buffer that are shown: those of one server, and those that match a filter. */
import { type LogChunk, type RecordSelection, severityBits, sizeOf } from './buffer.ts';

export const logFilters = ['all', 'trouble', 'start', 'task'] as const;
export type LogFilter = (typeof logFilters)[number];

export type RecordFilter = {
  readonly server: number | null; // index in the list of servers; null: all of them
  readonly filter: LogFilter;
  readonly begins: readonly number[]; // for each server: the number of the record that its last start begins with
  readonly since: number; // when the current task began, in milliseconds since 1970
  readonly named: { readonly server: number; readonly at: number } | null; // the record that the task's verdict names
};

/** Caches the list of each chunk. Chunks never change, so a key press walks over numbers only. */
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

function listOf(chunk: LogChunk, { server, ...filter }: RecordFilter): Uint16Array {
  const matches = filterOf(chunk, filter);
  const list: number[] = [];
  for (let index = 0; index < sizeOf(chunk); index++)
    if ((server === null || chunk.servers[index] === server) && matches(index)) list.push(index);
  return Uint16Array.from(list);
}

function filterOf(
  { from, servers, times, severityBits: bits }: LogChunk,
  { filter, begins, since, named }: Omit<RecordFilter, 'server'>,
): (index: number) => boolean {
  switch (filter) {
    case 'all':
      return () => true;
    case 'trouble':
      return (index) => ((bits[index] ?? 0) & severityBits.severity) === severityBits.trouble;
    case 'start':
      return (index) => from + index >= (begins[servers[index] ?? 0] ?? 0);
    case 'task':
      return (index) =>
        (times[index] ?? 0) >= since || (named?.server === servers[index] && named?.at === times[index]);
  }
}
