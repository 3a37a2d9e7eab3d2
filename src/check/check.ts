import type { Observation, ProcessState } from '../lab/observation.ts';
import type { Seen } from './journal.ts';
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
      return verdict.kind === 'fail' ? { ...verdict, next: withoutIdleSteps(verdict.next, seen.now) } : verdict;
    },
    { causes },
  );
}

/** Leaves out the steps that stop or reload a server without a process: such a command would only end in an error. */
function withoutIdleSteps(next: Fail['next'], now: Observation): Fail['next'] {
  const down = new Set(
    Object.values(now.servers).flatMap(({ name, process }) =>
      statesWithoutProcess.includes(process.state) ? [name] : [],
    ),
  );
  const left = next.filter((step) => {
    if (step.do === 'start' || step.do === 'restart') down.delete(step.on);
    return !((step.do === 'stop' && step.folder === undefined) || step.do === 'reload') || !down.has(step.on);
  });
  return left.length > 0 ? left : next;
}

const statesWithoutProcess: readonly ProcessState[] = ['absent', 'created', 'stopped', 'failed'];
