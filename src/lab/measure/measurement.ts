/** What was measured of the cost of a commit, as the journal keeps it. */
import * as v from 'valibot';
import { amount, count, isoTime, listOf, shape } from '../store/json.ts';

const level = v.picklist(['off', 'async', 'local', 'remote_write', 'on', 'remote_apply']);
export type Level = v.InferOutput<typeof level>;

const levelResult = shape({
  level,
  commits: count,
  medianMs: amount,
  p95Ms: amount,
  staleReads: count, // rows not yet on the standby straight after their commit
  reads: count,
});
export type LevelResult = v.InferOutput<typeof levelResult>;

export const measurement = shape({
  at: isoTime, // of our clock
  on: v.string(), // the server that was asked to write
  distance: amount, // ms put between the servers, one way; 0: near
  names: v.string(), // synchronous_standby_names as the learner had it
  syncStandby: v.nullable(v.string()), // application_name of the sync standby then
  refused: v.exactOptional(v.string()), // why nothing was measured, in words
  because: v.exactOptional(v.picklist(['wrong server', 'nobody is waited for'])), // the same, for a check
  levels: listOf(levelResult),
});
export type Measurement = v.InferOutput<typeof measurement>;
