/** What a moment cannot show, kept in the lab folder as plain JSON (`journal.json`). */
import type { Measurement } from '../lab/measure.ts';
import type { Observation } from '../lab/observation.ts';

export type Journal = {
  readonly schema: 1;
  readonly answers: Readonly<Record<string, Answer>>; // by 'lesson/question'
  readonly events: Readonly<Record<string, KeptEvent>>; // by 'lesson/task': an event task that was seen once
  readonly measurements: readonly Measurement[]; // oldest first
};

export type Answer = { readonly choice: string; readonly at: string; readonly before?: readonly string[] }; // choice: 'a', 'b' …; before: other ones, oldest first
export type KeptEvent = { readonly at: string; readonly seen: string };

export const emptyJournal: Journal = { schema: 1, answers: {}, events: {}, measurements: [] };

/** What a check looks at. */
export type Seen = { readonly now: Observation; readonly journal: Journal };
