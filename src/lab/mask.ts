/** An observation without its secrets: for every output. */
import { maskedJson } from '../postgres/mask/mask.ts';
import type { Observation } from './observation.ts';

/** Stored passwords are replaced as a whole; connection strings, statements and log lines keep all but the password. */
export const maskObservation = (seen: Observation): Observation => JSON.parse(maskedJson(seen)) as Observation;
