/** Removes the secrets from an observation, for every output. */
import { maskedJson } from '../postgres/mask/mask.ts';
import type { Observation } from './observation.ts';

/**
 * Replaces stored passwords as a whole; of connection strings, statements and log lines only the password. The texts of
 * files are left out: what a look reads in them is beside them.
 */
export const maskObservation = (now: Observation): Observation =>
  JSON.parse(maskedJson(now), (key, value: unknown) =>
    key === 'content' || key === 'texts' ? undefined : value,
  ) as Observation;
