/** hint: first one for the mistake that is seen now; one more with each higher level. Reading hints here writes nothing. */
import { ProblemError } from '../../../lab/problem.ts';
import { hintsOf } from '../../../learner/hints.ts';
import { isFinished } from '../../../learner/judge.ts';
import { messages } from '../../../ui/messages.ts';
import { type Run, textOption } from '../../command.ts';
import { atMost, chosenLesson, lookAtLab } from '../../opening/access.ts';
import { judge, plainOf } from '../../opening/evaluate.ts';
import { renderHints } from '../../plain.ts';

export const hint: Run = async (invocation) => {
  atMost(invocation, 1, 'hint [lesson] [--level N]');
  const looking = await lookAtLab(invocation);
  const { kept, lessons, lab } = looking;
  const given = textOption(invocation.options, 'level');
  if (given !== undefined && !/^[1-9]$/.test(given))
    throw new ProblemError({ what: `--level ${given}: this is no level.`, fix: 'Say 1, 2, 3 and so on.' }, 2);
  const lesson = chosenLesson(lessons, kept, invocation.args[0]);
  const states = judge(looking, lesson, { now: await lab.observe(), journal: kept.journal }, kept);
  const state = states.find((one) => !isFinished(one)) ?? states.at(-1);
  if (!state) return 0;
  const { all, shown, isNews } = hintsOf(state, kept.progress);
  const level = given === undefined ? Math.max(shown.length + (isNews ? 1 : 0), 1) : Number(given);
  invocation.io.out(renderHints(state, all, level, plainOf(looking, kept, invocation)));
  const { moreThere, solvesThere } = messages.hint;
  if (level < all.length) invocation.io.out(moreThere(level + 1));
  else if (all.length > 0 && !isFinished(state)) invocation.io.out(solvesThere);
  return 0;
};
