/** The measured cost of commits, as the journal stores it. */
import * as v from 'valibot';
import { amount, count, isoTime, listOf, shape } from '../store/json.ts';

const level = v.picklist(['off', 'async', 'local', 'remote_write', 'on', 'remote_apply']);
export type Level = v.InferOutput<typeof level>;

const levelResult = shape({
  level,
  commits: count,
  medianMs: amount,
  p95Ms: amount,
  staleReads: count, // rows that the standby did not have straight after their commit
  reads: count,
});
export type LevelResult = v.InferOutput<typeof levelResult>;

export const measurement = shape({
  at: isoTime, // by this program's clock
  on: v.string(), // the server that wrote
  distance: amount, // one-way delay between the servers in ms; 0: none was added
  names: v.string(), // synchronous_standby_names as the learner had it
  syncStandby: v.nullable(v.string()), // application_name of the synchronous standby at that time
  refused: v.exactOptional(v.string()), // why nothing was measured, as a sentence
  because: v.exactOptional(v.picklist(['wrong server', 'nobody is waited for'])), // the same for a check
  levels: listOf(levelResult),
});
export type Measurement = v.InferOutput<typeof measurement>;
