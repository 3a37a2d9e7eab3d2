/**
 * Campaigns: seeded choices, made for a share of time; each campaign prints how many it made. `REPL_WORKSHOP_SHARE=20`
 * gives each of them twenty times as long, `REPL_WORKSHOP_SEED=7` makes other choices.
 */
import { newRandom } from './postgres/against/random.ts';

const times = Number(process.env.REPL_WORKSHOP_SHARE ?? 1);

/** The end of a share of time that begins now, on the clock of `performance`. */
export const endOfShare = (ms: number): number => performance.now() + ms * times;

/** Numbers from 0 on until the share is over, with a random generator of their own; one at least. */
export function* forShareOf(ms: number) {
  const end = endOfShare(ms);
  for (let n = 0; n === 0 || performance.now() < end; n++) yield { n, random: newRandom(`${n}`) };
}

/** The list in another order, until the share is over; one at least, where there is one. */
export function* shareOf<T>(all: readonly T[], ms: number, salt: string): Iterable<T> {
  const end = endOfShare(ms);
  const random = newRandom(salt);
  const left = [...all];
  while (left.length > 0) {
    yield* left.splice(random.int(left.length), 1);
    if (performance.now() >= end) return;
  }
}
