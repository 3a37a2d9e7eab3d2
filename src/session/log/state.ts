/** The log view: whose lines it shows, where its reader is, what is open. Its records stand in a book; how they look is the screen's affair. */
import { atRank, countOf, type LogBuffer, type RecordSelection, rankOf } from './buffer.ts';
import { type LogFilter, type RecordFilter, selectionOf } from './filter.ts';
import { recordsWith } from './matches.ts';

export type OpenLog = {
  readonly kind: 'log';
  readonly servers: readonly string[];
  readonly book: LogBuffer;
  readonly server: number | null; // place in the list; null: all of them
  readonly filter: LogFilter;
  readonly task: LogOfTask;
  readonly cursor: number; // a record; where it is not shown, the next one that is
  readonly top: LogTop | null; // the first line in sight
  readonly follows: boolean; // the newest record is in sight, with the cursor on it
  readonly left: number; // records from this number on have come since it stopped following
  readonly notes: LogNotes;
  readonly turned: ReadonlySet<number>; // records whose note is not as `notes` says
  readonly search: LogSearch | null;
  readonly story: boolean; // shown in place of the records
};

/** What the filter "this task" lets through: since when, and the record that the verdict names. */
export type LogOfTask = Omit<RecordFilter, 'server' | 'filter' | 'begins'>;

/** Which notes are open. usual: those on a trouble that is told for the first time, or again after a while. */
type LogNotes = 'usual' | 'open' | 'closed';
export type LogTop = { readonly record: number; readonly line: number };

export type LogSearch = {
  readonly text: string;
  readonly typing: boolean;
  readonly origin: { readonly cursor: number; readonly follows: boolean }; // where it began
  readonly ahead: number; // chunks that are still to be looked through, from the first on
  readonly wanted: 'first' | 1 | -1 | null; // the hit to go to when all are
};

/** What a key does to it. The screen knows how far a page goes, so it says where. */
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

export function shownOf({ book: buffer, server, filter, task }: OpenLog): RecordSelection {
  return selectionOf({ server, filter, begins: buffer.startRecords, ...task });
}

/** The record that the cursor is on; undefined where nothing is shown. */
export function cursorOf(view: OpenLog, shown: RecordSelection): number | undefined {
  const { book: buffer, cursor, follows } = view;
  const last = countOf(buffer, shown) - 1;
  return atRank(buffer, shown, follows ? last : Math.min(rankOf(buffer, shown, cursor), last));
}

/** How many records are shown that came since it stopped following. */
export const newOf = ({ book: buffer, left }: OpenLog, shown: RecordSelection): number =>
  countOf(buffer, shown) - rankOf(buffer, shown, left);

/** The shown records that have the words searched for; undefined while they are still looked for. */
export function foundIn({ search }: OpenLog, shown: RecordSelection): RecordSelection | undefined {
  return search && search.text !== '' && search.ahead === 0 ? recordsWith(search.text, shown) : undefined;
}

/** The next hit from a record on, round the ends. */
export function hitFrom(
  { book: buffer }: OpenLog,
  hits: RecordSelection,
  number: number,
  by: 1 | -1,
): number | undefined {
  const count = countOf(buffer, hits);
  const rank = by === 1 ? rankOf(buffer, hits, number + 1) : rankOf(buffer, hits, number) - 1;
  return count === 0 ? undefined : atRank(buffer, hits, (rank + count) % count);
}
