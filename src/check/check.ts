import type { Seen } from './journal.ts';
import { doableSteps } from './steps/doable.ts';
import { withRefusedLines } from './steps/refused-lines.ts';
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
      if (verdict.kind === 'unknown') return verdict;
      const all = withRefusedLines<Pass | Fail>(verdict, seen.now);
      return all.kind === 'fail' ? { ...all, next: doableSteps(all.next, seen.now) } : all;
    },
    { causes },
  );
}
