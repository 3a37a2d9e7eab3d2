import type { Observation, ProcessState } from '../lab/observation.ts';
import type { Seen } from './journal.ts';
import type { CauseId, Fail, Pass, Verdict } from './verdict.ts';

/** A pure function from what is seen to a verdict; never waits, does no I/O, never asks the time. It lists every cause it can give. */
export type Check = ((seen: Seen) => Verdict) & { readonly causes: readonly CauseId[] };

/** The identity of checks: the compiler holds the function to the causes it names. */
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

/** A server without a process cannot be stopped or told to read its files: that step would end in an error, and the learner would stay at it. */
function withoutIdleSteps(next: Fail['next'], now: Observation): Fail['next'] {
  const rests = new Set(
    Object.values(now.servers).flatMap(({ name, process }) => (resting.includes(process.state) ? [name] : [])),
  );
  const left = next.filter((step) => {
    if (step.do === 'start' || step.do === 'restart') rests.delete(step.on);
    return !((step.do === 'stop' && step.folder === undefined) || step.do === 'reload') || !rests.has(step.on);
  });
  return left.length > 0 ? left : next;
}

const resting: readonly ProcessState[] = ['absent', 'created', 'stopped', 'failed'];
