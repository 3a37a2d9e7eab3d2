import type { Seen } from './journal.ts';
import { doableSteps } from './steps.ts';
import type { CauseId, Fail, Pass, Verdict } from './verdict.ts';

/** A pure function from an observation and the journal to a verdict: it never waits, does no I/O and reads no clock. */
export type Check = ((seen: Seen) => Verdict) & { readonly causes: readonly CauseId[] };

/** Returns `look` as a check. The compiler refuses a cause that `causes` does not list. */
export function defineCheck<const C extends CauseId>(
  causes: readonly C[],
  look: (seen: Seen) => Pass | (Fail & { cause: C }) | Extract<Verdict, { kind: 'unknown' }>,
): Check {
  return Object.assign(
    (seen: Seen): Verdict => {
      const verdict = look(seen);
      return verdict.kind === 'fail' ? { ...verdict, next: doableSteps(verdict.next, seen.now) } : verdict;
    },
    { causes },
  );
}
