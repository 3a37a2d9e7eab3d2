/** Notes for the records of a whole log, in their order: where one line is not enough, its neighbours decide which reading of it holds. */

import type { LogRecord } from './lines/record.ts';
import { type Found, filledNote, finderOf, type LogNote, type Note, type NoteCase, type NoteWhen } from './notes.ts';

/** Takes records in their order, and gives each back with its note: at once, or as soon as the records that follow have said enough. */
export type NoteReader = {
  readonly push: (record: LogRecord, text: string) => void;
  readonly flush: () => void; // gives all that is held: at the end, or when nothing more comes for a while
};
export type TakeNote = (record: LogRecord, note: Note | undefined, text: string) => void; // text: as it was pushed

const near = 8; // records of the same server; a round of a standby that tries again every five seconds has up to seven

const mostSeen = 10_000; // users and slots; a log of any length is read in constant memory

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
  const seen = new Set<string>(); // what `elsewhere` asks for, as far as it was said
  const asked = new Set(notes.flatMap(({ cases = [] }) => cases.flatMap(({ when }) => when.elsewhere ?? [])));
  let waiting: Waiting[] = []; // the first one waits for what follows, the others for the first

  const decide = (mayWait: boolean) => {
    let given = 0;
    for (const each of waiting) {
      if (mayWait && wantsMore(each)) break;
      take(each.record, each.found && filledNote(each.found, wordsOf(each, seen)), each.text);
      given++;
    }
    if (given > 0) waiting = waiting.slice(given);
  };

  return {
    push(record, text) {
      const found = find(record);
      const server = record.server ?? '';
      const kinds = above.get(server) ?? [];
      if (kinds.length === 0) above.set(server, kinds);
      const kind = found?.note.id ?? '';
      for (const each of waiting)
        if ((each.record.server ?? '') === server && each.below.length < near) each.below.push(kind);
      if (found && asked.has(kind) && seen.size < mostSeen) for (const key of keysOf(kind, found.values)) seen.add(key);
      const cases = found?.note.cases;
      if (waiting.length === 0 && !cases) take(record, found && filledNote(found, found.note), text);
      else {
        waiting.push({ record, text, found, above: cases ? [...kinds] : [], below: [] });
        decide(waiting.length < 4 * near);
      }
      if (kinds.push(kind) > near) kinds.shift();
    },
    flush: () => decide(false),
  };
}

/** A case that asks for what follows holds as soon as it is there, and is out when nothing near can be it any more. */
function wantsMore({ found, above, below }: Waiting): boolean {
  for (const { when } of found?.note.cases ?? []) {
    if (!fitsAbove(when, above)) continue;
    const directly = when.rightBefore;
    if (directly && below.length === 0) return true;
    if (when.before && below.length < near && !below.some((kind) => when.before?.includes(kind))) return true;
  }
  return false;
}

const wordsOf = ({ found, above, below }: Waiting, seen: ReadonlySet<string>): LogNote | NoteCase => {
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

/** What two servers say about one thing carries the same user or slot. */
export function keysOf(kind: string, { user, slot }: Readonly<Record<string, string>>): readonly string[] {
  return [
    kind,
    ...(user === undefined ? [] : [`${kind} user ${user}`]),
    ...(slot === undefined ? [] : [`${kind} slot ${slot}`]),
  ];
}

/** Also for the summary, which looks back on all that was said. */
export function repeatedElsewhere(
  { elsewhere }: NoteWhen,
  values: Readonly<Record<string, string>>,
  seen: ReadonlySet<string>,
): boolean {
  return !elsewhere || elsewhere.some((kind) => seen.has(keysOf(kind, values).at(-1) ?? kind));
}
