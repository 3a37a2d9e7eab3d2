import type { Seen } from './journal.ts';
import type { CauseId, Fail, Pass, Verdict } from './verdict.ts';

/** A pure function from what is seen to a verdict; never waits, does no I/O, never asks the time. It lists every cause it can give. */
export type Check = ((seen: Seen) => Verdict) & { readonly causes: readonly CauseId[] };

/** The identity of checks: the compiler holds the function to the causes it names. */
export function defineCheck<const C extends CauseId>(
  causes: readonly C[],
  look: (seen: Seen) => Pass | (Fail & { cause: C }) | Extract<Verdict, { kind: 'unknown' }>,
): Check {
  return Object.assign((seen: Seen): Verdict => look(seen), { causes });
}
