/** What the machine refuses, in words for the learner: what happened, and what to do. Never the learner's mistake (those are verdicts). */
export type Problem = { readonly what: string; readonly fix: string };

export const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' && value !== null && 'what' in value && 'fix' in value;

/** A problem on its way to the front that can tell it. `status` is the program's exit status: 2 wrong usage, 3 could not look or do. */
export class ProblemError extends Error {
  readonly problem: Problem;
  readonly status: 2 | 3;

  constructor(problem: Problem, status: 2 | 3 = 3, options?: ErrorOptions) {
    super(problem.what, options);
    this.name = 'ProblemError';
    this.problem = problem;
    this.status = status;
  }
}
