/**
 * Finds the notes for the records of a whole log, in order. Where one line is ambiguous, its neighbours decide which
 * case of a note applies.
 */

import type { LogRecord } from './lines/record.ts';
import { type Found, filledNote, finderOf, type LogNote, type Note, type NoteCase, type NoteWhen } from './notes.ts';

/** Accepts records in order, and passes each on with its note: at once, or when following records have decided. */
export type NoteReader = {
  readonly push: (record: LogRecord, text: string) => void;
  readonly flush: () => void; // passes on all that wait: at the end, or when nothing more comes for a while
};
/** `text` is that of `push`. */
export type TakeNote = (record: LogRecord, note: Note | undefined, text: string) => void;

const nearCount = 8; // records of the same server; a standby that retries every five seconds logs up to seven per try

const mostSeen = 10_000; // users and slots; limits the memory for a log of any length

type Waiting = {
  readonly record: LogRecord;
  readonly text: string;
  readonly found: Found | undefined;
  readonly above: readonly string[]; // kinds, the newest last
  readonly below: string[]; // kinds, the next first
};

export function notesOf(records: readonly LogRecord[], notes: readonly LogNote[]): readonly (Note | undefined)[] {
  const all: (Note | undefined)[] = [];
  const reader = noteReader(notes, (_, note) => all.push(note));
  for (const record of records) reader.push(record, '');
  reader.flush();
  return all;
}

export function noteReader(notes: readonly LogNote[], take: TakeNote): NoteReader {
  const find = finderOf(notes);
  const above = new Map<string, string[]>(); // by server: kinds of its last records, the newest last
  const seen = new Set<string>(); // keys for `elsewhere` that were logged so far
  const elsewhereKinds = new Set(notes.flatMap(({ cases = [] }) => cases.flatMap(({ when }) => when.elsewhere ?? [])));
  let waiting: Waiting[] = []; // the first one waits for following records, the others wait for the first

  const decide = (mayWait: boolean) => {
    let decided = 0;
    for (const each of waiting) {
      if (mayWait && wantsMore(each)) break;
      take(each.record, each.found && filledNote(each.found, noteOrCase(each, seen)), each.text);
      decided++;
    }
    if (decided > 0) waiting = waiting.slice(decided);
  };

  return {
    push(record, text) {
      const found = find(record);
      const server = record.server ?? '';
      const kinds = above.get(server) ?? [];
      if (kinds.length === 0) above.set(server, kinds);
      const kind = found?.note.id ?? '';
      for (const each of waiting)
        if ((each.record.server ?? '') === server && each.below.length < nearCount) each.below.push(kind);
      if (found && elsewhereKinds.has(kind) && seen.size < mostSeen)
        for (const key of keysOf(kind, found.values)) seen.add(key);
      const cases = found?.note.cases;
      if (waiting.length === 0 && !cases) take(record, found && filledNote(found, found.note), text);
      else {
        waiting.push({ record, text, found, above: cases ? [...kinds] : [], below: [] });
        decide(waiting.length < 4 * nearCount);
      }
      if (kinds.push(kind) > nearCount) kinds.shift();
    },
    flush: () => decide(false),
  };
}

/** True while a following record may still decide: until it is there, or all near records are known. */
function wantsMore({ found, above, below }: Waiting): boolean {
  for (const { when } of found?.note.cases ?? []) {
    if (!fitsAbove(when, above)) continue;
    const directly = when.rightBefore;
    if (directly && below.length === 0) return true;
    if (when.before && below.length < nearCount && !below.some((kind) => when.before?.includes(kind))) return true;
  }
  return false;
}

const noteOrCase = ({ found, above, below }: Waiting, seen: ReadonlySet<string>): LogNote | NoteCase => {
  const { note, values } = found as Found;
  return (
    note.cases?.find(
      ({ when }) => fitsAbove(when, above) && fitsBelow(when, below) && repeatedElsewhere(when, values, seen),
    ) ?? note
  );
};

function fitsAbove({ after, rightAfter, notAfter }: NoteWhen, above: readonly string[]): boolean {
  const last = above.at(-1) ?? '';
  if (rightAfter && !rightAfter.includes(last)) return false;
  if (after && !above.some((kind) => after.includes(kind))) return false;
  return !notAfter || !above.some((kind) => notAfter.includes(kind));
}

function fitsBelow({ before, rightBefore }: NoteWhen, below: readonly string[]): boolean {
  if (rightBefore && !rightBefore.includes(below[0] ?? '')) return false;
  return !before || below.some((kind) => before.includes(kind));
}

/** Keys by which messages of two servers about one user or slot are recognised. */
export function keysOf(kind: string, { user, slot }: Readonly<Record<string, string>>): readonly string[] {
  return [
    kind,
    ...(user === undefined ? [] : [`${kind} user ${user}`]),
    ...(slot === undefined ? [] : [`${kind} slot ${slot}`]),
  ];
}

/** The summary uses this too, after the whole log. */
export function repeatedElsewhere(
  { elsewhere }: NoteWhen,
  values: Readonly<Record<string, string>>,
  seen: ReadonlySet<string>,
): boolean {
  return !elsewhere || elsewhere.some((kind) => seen.has(keysOf(kind, values).at(-1) ?? kind));
}
