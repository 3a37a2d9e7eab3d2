/** An observation without its secrets: for every output. */
import { maskText } from '../postgres/mask.ts';
import type { Observation } from './observation.ts';

const hidden = '********';

/** Stored passwords are replaced as a whole; connection strings, statements and log lines keep all but the password. */
export const maskObservation = (seen: Observation): Observation =>
  JSON.parse(JSON.stringify(seen), (key, value: unknown) => {
    if (typeof value !== 'string') return value;
    return key === 'password' ? hidden : maskText(value);
  }) as Observation;
