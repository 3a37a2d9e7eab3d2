/** The machine's load: a group that begins while other programs are at work measures them, too. */
import { loadavg } from 'node:os';
import { setTimeout as rest } from 'node:timers/promises';

const mostLoad = 1.5;
const calmMs = 90_000; // a load of four has then become one

export const loadNow = (): number => loadavg()[0] ?? Number.NaN;
export const isQuiet = (load: number): boolean => load <= mostLoad;
export const quietLoad = `at most ${mostLoad}`;

/** Waits until the load that the bench itself has made is over. */
export async function calmDown(signal: AbortSignal): Promise<void> {
  for (const deadline = Date.now() + calmMs; !isQuiet(loadNow()) && Date.now() < deadline; )
    await rest(1000, undefined, { signal });
}
