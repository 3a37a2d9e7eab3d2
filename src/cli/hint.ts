/** hint: one hint more each time it is asked for with a higher level; reading hints here writes nothing. */
import { ProblemError } from '../lab/problem.ts';
import { isFinished } from '../session/judge.ts';
import { atMost, chosenLesson, lookAtLab } from './access.ts';
import { type Run, text } from './command.ts';
import { renderHints } from './plain.ts';
import { judge, plainOf } from './seeing.ts';

export const hint: Run = async (invocation) => {
  atMost(invocation, 1, 'hint [lesson] [--level N]');
  const looking = await lookAtLab(invocation);
  const { kept, lessons, lab } = looking;
  const given = text(invocation.options, 'level');
  if (given !== undefined && !/^[1-9]$/.test(given))
    throw new ProblemError({ what: `--level ${given}: this is no level.`, fix: 'Say 1, 2 or 3.' }, 2);
  const lesson = chosenLesson(lessons, kept, invocation.args[0]);
  const states = judge(looking, lesson, { now: await lab.observe(), journal: kept.journal }, kept);
  const state = states.find((one) => !isFinished(one)) ?? states.at(-1);
  const level = given === undefined ? (kept.progress.hints[state?.key ?? ''] ?? 1) : Number(given);
  if (state) invocation.io.out(renderHints(state, level, plainOf(looking, kept, invocation)));
  if (state && level < state.words.hints.length) invocation.io.out(`More: repl-workshop hint --level ${level + 1}`);
  return 0;
};
