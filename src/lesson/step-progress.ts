import type { Problem } from '../lab/problem.ts';

/** The progress of an operation. */
export type StepProgress = {
  readonly steps: readonly string[]; // in words
  readonly at: number; // the index of the current step
  readonly now: string; // the current action of that step; '': none
  readonly share: number; // of the operation, 0 to 1
};

/** Follows an operation. An abort of `signal` stops it, and the lab is restored to its state before the operation. */
export type OperationWatcher = {
  readonly onProgress: (progress: StepProgress) => void;
  readonly onWarning: (problem: Problem) => void; // a problem that does not make the operation fail
  readonly signal: AbortSignal;
};

export type OperationOutcome = 'done' | 'stopped';
