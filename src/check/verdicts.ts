/** The three verdicts of a check: it passes, fails with a cause, or could not look. */
import type { Problem } from '../lab/problem.ts';
import type { CauseId, Fail, Pass, Verdict } from './verdict.ts';

export type Failure<C extends CauseId> = Fail & { readonly cause: C };
export type Unknown = Extract<Verdict, { kind: 'unknown' }>;

export const pass = (seen: string, more: Pick<Pass, 'layers' | 'warning'> = {}): Pass => ({
  kind: 'pass',
  seen,
  ...more,
});

export const fail = <const C extends CauseId>(cause: C, found: Omit<Fail, 'kind' | 'cause'>): Failure<C> => ({
  ...found, // may be another fail, of another cause
  kind: 'fail',
  cause,
});

export const unknown = (problem: Problem): Unknown => ({ kind: 'unknown', problem });
