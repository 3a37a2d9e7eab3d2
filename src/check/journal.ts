/** What a moment cannot show, kept in the lab folder as plain JSON (`journal.json`). */
import * as v from 'valibot';
import { measurement } from '../lab/measure/measurement.ts';
import type { Observation } from '../lab/observation.ts';
import { isoTime, listOf, recordOf, schemaNumber, shape } from '../lab/store/json.ts';

const answer = shape({ choice: v.string(), at: isoTime, before: v.exactOptional(listOf(v.string())) }); // choice: 'a', 'b' …; before: other ones, oldest first
const keptEvent = shape({ at: isoTime, seen: v.string() });
export type Answer = v.InferOutput<typeof answer>;
export type KeptEvent = v.InferOutput<typeof keptEvent>;

export const journalJson = shape({
  schema: schemaNumber,
  answers: v.optional(recordOf(answer), {}), // by 'lesson/question'
  events: v.optional(recordOf(keptEvent), {}), // by 'lesson/task': an event task that was seen once
  measurements: v.optional(listOf(measurement), []), // oldest first
});
export type Journal = v.InferOutput<typeof journalJson>;

export const emptyJournal: Journal = v.parse(journalJson, { schema: 1 });

/** What a check looks at. */
export type Seen = { readonly now: Observation; readonly journal: Journal };
