/** adopt: gives the lab containers that were made as the tutorial makes them, also while a screen is open. */
import { ProblemError } from '../../../lab/problem.ts';
import { refuseOthers } from '../../../lab/trust/others.ts';
import { flag, type Run } from '../../command.ts';
import { atMost, openToLook } from '../../opening/access.ts';
import { askAbout, candidates, keepAnswer } from '../../opening/adopt.ts';

export const adoptCommand: Run = async (invocation) => {
  atMost(invocation, 0, 'adopt');
  const { io, dir, signal, options } = invocation;
  refuseOthers(invocation.named);
  // Opening the lab to change it would ask about new containers by itself, and then again here.
  const { lab } = await openToLook(invocation);
  const found = await candidates(lab);
  for (const one of found) {
    if (flag(options, 'yes')) await keepAnswer(dir, one.foreign.id, true, signal);
    else if (!io.terminal) throw needsAnswer();
    else if (!(await askAbout(invocation, one))) continue;
    io.out(`${one.foreign.name} is the ${one.name} of this lab now.`);
  }
  if (found.length === 0) io.out('No container waits for an answer: "repl-workshop status" shows what there is.');
  return 0;
};

const needsAnswer = (): ProblemError =>
  new ProblemError({ what: 'This is not a terminal, so no question can be asked.', fix: 'Say it with --yes.' }, 2);
