/** Removes the secrets from an observation, for every output. */
import { maskedJson } from '../postgres/mask/mask.ts';
import type { Observation } from './observation.ts';

/** Replaces stored passwords as a whole; of connection strings, statements and log lines only the password. */
export const maskObservation = (now: Observation): Observation => JSON.parse(maskedJson(now)) as Observation;
