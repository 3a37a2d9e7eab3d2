/** The state of the log view: servers and filter, cursor, open notes and search. ui/log/ draws it. */
import { atRank, countOf, type LogBuffer, type RecordSelection, rankOf } from './buffer.ts';
import { type LogFilter, type RecordFilter, selectionOf } from './filter.ts';
import { recordsWith } from './matches.ts';

export type OpenLog = {
  readonly kind: 'log';
  readonly servers: readonly string[];
  readonly buffer: LogBuffer;
  readonly server: number | null; // index in `servers`; null: all of them
  readonly filter: LogFilter;
  readonly task: LogOfTask;
  readonly cursor: number; // number of a record; when it is not shown, the next shown one counts
  readonly top: LogTop | null; // the first line in sight
  readonly follows: boolean; // the cursor stays on the newest record
  readonly left: number; // number of the first record that was added after the view stopped following
  readonly notes: LogNotes;
  readonly turned: ReadonlySet<number>; // numbers of records whose note is open or closed contrary to `notes`
  readonly search: LogSearch | null;
  readonly story: boolean; // the story is shown in place of the records
};

/** Parameters of the filter "this task": when the task began, and the record that its verdict names. */
export type LogOfTask = Omit<RecordFilter, 'server' | 'filter' | 'begins'>;

/** Which notes are open. usual: those on a trouble that appears for the first time, or again after a while. */
type LogNotes = 'usual' | 'open' | 'closed';
export type LogTop = { readonly record: number; readonly line: number };

export type LogSearch = {
  readonly text: string;
  readonly typing: boolean;
  readonly origin: { readonly cursor: number; readonly follows: boolean }; // the view when the search began
  readonly ahead: number; // number of chunks that are still to be searched, from the oldest one on
  readonly wanted: 'first' | 1 | -1 | null; // the hit that the cursor goes to when all chunks are searched
};

/** A change of the log view by a key. `place` is absolute, because only the frame knows how far a page goes. */
export type LogMove =
  | { readonly to: 'place'; readonly cursor: number; readonly top: LogTop }
  | { readonly to: 'end' | 'next filter' | 'note' | 'all notes' | 'story' }
  | { readonly to: 'server'; readonly by: 1 | -1 }
  | { readonly to: 'record'; readonly server: string; readonly line: number }
  | SearchMove;
export type SearchMove =
  | { readonly to: 'search' | 'keep' | 'clear' }
  | { readonly to: 'type'; readonly text: string }
  | { readonly to: 'hit'; readonly by: 1 | -1 };

export function shownOf({ buffer, server, filter, task }: OpenLog): RecordSelection {
  return selectionOf({ server, filter, begins: buffer.startRecords, ...task });
}

/** The number of the record that the cursor is on; undefined when no record is shown. */
export function cursorOf(view: OpenLog, shown: RecordSelection): number | undefined {
  const { buffer, cursor, follows } = view;
  const last = countOf(buffer, shown) - 1;
  return atRank(buffer, shown, follows ? last : Math.min(rankOf(buffer, shown, cursor), last));
}

/** How many of the shown records were added after the view stopped following. */
export const newOf = ({ buffer, left }: OpenLog, shown: RecordSelection): number =>
  countOf(buffer, shown) - rankOf(buffer, shown, left);

/** Selects the shown records with the searched text; undefined without a search, and until all chunks are searched. */
export function foundIn({ search }: OpenLog, shown: RecordSelection): RecordSelection | undefined {
  return search && search.text !== '' && search.ahead === 0 ? recordsWith(search.text, shown) : undefined;
}

/** The number of the next or previous hit from a record on; wraps around. Undefined when there are no hits. */
export function hitFrom({ buffer }: OpenLog, hits: RecordSelection, number: number, by: 1 | -1): number | undefined {
  const count = countOf(buffer, hits);
  const rank = by === 1 ? rankOf(buffer, hits, number + 1) : rankOf(buffer, hits, number) - 1;
  return count === 0 ? undefined : atRank(buffer, hits, (rank + count) % count);
}
