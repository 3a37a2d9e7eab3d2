import type { Problem } from '../lab/problem.ts';

/** How far a deed of the workshop has come, for whoever waits for it. */
export type StepProgress = {
  readonly steps: readonly string[]; // all of them, in words
  readonly at: number; // the one under way
  readonly now: string; // what is done in it at this moment; '': the step says it all
  readonly share: number; // of the whole, 0 to 1
};

/** Who waits hears of each step, and may stop the deed: then the lab is as it was before. */
export type OperationWatcher = {
  readonly onProgress: (progress: StepProgress) => void;
  readonly onWarning: (problem: Problem) => void; // the deed went well, and something beside it did not
  readonly signal: AbortSignal;
};

export type OperationOutcome = 'done' | 'stopped';
