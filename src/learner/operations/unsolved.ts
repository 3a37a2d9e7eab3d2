/** The error of a solution that does not pass. */
import { ProblemError } from '../../lab/problem.ts';
import type { Stuck } from '../../lesson/mend/mend.ts';

export const unsolvedProblem = ({ failed, verdict, refused }: Stuck): ProblemError => {
  const seen =
    verdict.kind === 'fail' ? `: ${verdict.seen}` : verdict.kind === 'unknown' ? `: ${verdict.problem.what}` : '.';
  return new ProblemError(
    {
      what: `The workshop's own solution of "${failed.words.title}" (lesson ${failed.lesson.number}) did not pass on this lab${seen}${refused ? ` (${refused.problem.what})` : ''}`,
      fix: '"repl-workshop check" says what is in its way; "repl-workshop doctor" looks at the machine.',
    },
    3,
    { cause: verdict },
  );
};
