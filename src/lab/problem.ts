/** What the machine refuses: what happened, and what to do. The learner's own mistakes are verdicts instead. */
export type Problem = { readonly what: string; readonly fix: string };

export const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' && value !== null && 'what' in value && 'fix' in value;

/** Carries a problem to the code that reports it. `status` is the exit status: 2 wrong usage, 3 not possible. */
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
