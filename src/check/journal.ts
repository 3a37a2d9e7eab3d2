/**
 * What no observation can show: answers, events seen once, measurements. Plain JSON in the lab folder (`journal.json`).
 */
import * as v from 'valibot';
import { measurement } from '../lab/measure/measurement.ts';
import type { Observation } from '../lab/observation.ts';
import { isoTime, listOf, recordOf, schemaNumber, shape } from '../lab/store/json.ts';

// choice: 'a', 'b' …; before: the choices made earlier, oldest first
const answer = shape({ choice: v.string(), at: isoTime, before: v.exactOptional(listOf(v.string())) });
const keptEvent = shape({ at: isoTime, seen: v.string() });
export type Answer = v.InferOutput<typeof answer>;
export type KeptEvent = v.InferOutput<typeof keptEvent>;

export const journalJson = shape({
  schema: schemaNumber,
  answers: v.optional(recordOf(answer), {}), // key: 'lesson/question'
  events: v.optional(recordOf(keptEvent), {}), // key: 'lesson/task', of an event task that has passed
  measurements: v.optional(listOf(measurement), []), // oldest first
});
export type Journal = v.InferOutput<typeof journalJson>;

export const emptyJournal: Journal = v.parse(journalJson, { schema: 1 });

/** The input of a check. */
export type Seen = { readonly now: Observation; readonly journal: Journal };
