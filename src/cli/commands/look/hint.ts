/**
 * hint: prints hints of the current task, first those for the mistake seen now, up to a level. It does not count them
 * as read.
 */
import { ProblemError } from '../../../lab/problem.ts';
import { hintsOf } from '../../../learner/hints.ts';
import { isFinished } from '../../../learner/judge.ts';
import { messages } from '../../../ui/messages.ts';
import { type Run, textOption } from '../../command.ts';
import { atMost, chosenLesson, openToLook } from '../../opening/access.ts';
import { judge, plainOf } from '../../opening/evaluate.ts';
import { renderHints } from '../../plain.ts';

export const hint: Run = async (invocation) => {
  atMost(invocation, 1, 'hint [lesson] [--level N]');
  const opened = await openToLook(invocation);
  const { learner, lessons, lab } = opened;
  const given = textOption(invocation.options, 'level');
  if (given !== undefined && !/^[1-9]$/.test(given))
    throw new ProblemError({ what: `--level ${given}: this is no level.`, fix: 'Say 1, 2, 3 and so on.' }, 2);
  const lesson = chosenLesson(lessons, learner, invocation.args[0]);
  const now = await lab.observe();
  const states = judge(opened, lesson, { now, journal: learner.journal }, learner);
  const state = states.find((one) => !isFinished(one)) ?? states.at(-1);
  if (!state) return 0;
  const { all, shown, isNews } = hintsOf(state, learner.progress);
  const level = given === undefined ? Math.max(shown.length + (isNews ? 1 : 0), 1) : Number(given);
  invocation.io.out(renderHints(state, all, level, plainOf(opened, learner, invocation, now)));
  const { moreThere, solvesThere } = messages.hint;
  if (level < all.length) invocation.io.out(moreThere(level + 1));
  else if (all.length > 0 && !isFinished(state)) invocation.io.out(solvesThere);
  return 0;
};
