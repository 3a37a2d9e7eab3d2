/** goto and reset: bring the lab to the start of a lesson. What was there before becomes a step of undo. */
import { ProblemError } from '../../../lab/problem.ts';
import type { OpenedLab } from '../../../learner/opened-lab.ts';
import { type Move, moveLab } from '../../../learner/operations/operations.ts';
import { movePlan } from '../../../learner/operations/plans.ts';
import { flag, type Invocation, type Run } from '../../command.ts';
import { askConfirmation, seenToConfirm } from '../../confirm.ts';
import { atMost, chosenLesson, openToLook, recoverFirst } from '../../opening/access.ts';
import { needImage } from '../../opening/image.ts';
import { onFreePorts } from '../../opening/on-free-ports.ts';
import { prepareLater } from '../../opening/prepare-later.ts';
import { watcher } from '../../opening/watcher.ts';

export const goto: Run = (invocation) => {
  atMost(invocation, 1, 'goto <lesson>|--end');
  const [wanted] = invocation.args;
  const end = flag(invocation.options, 'end');
  if (end && wanted !== undefined)
    throw new ProblemError({ what: 'goto takes a lesson or --end, not both.', fix: 'Leave one of them out.' }, 2);
  if (end) return performMove(invocation, () => ({ how: 'goto', lesson: 'end' }));
  if (wanted === undefined)
    throw new ProblemError(
      {
        what: 'goto needs a lesson.',
        fix: '"repl-workshop list" shows them: repl-workshop goto 5; goto --end is the state after the last one.',
      },
      2,
    );
  return performMove(invocation, ({ lessons, learner }) => ({
    how: 'goto',
    lesson: chosenLesson(lessons, learner, wanted),
  }));
};

export const reset: Run = (invocation) => {
  atMost(invocation, 1, 'reset [lesson|--all]');
  const all = flag(invocation.options, 'all');
  if (all && invocation.args.length > 0)
    throw new ProblemError({ what: 'reset takes a lesson or --all, not both.', fix: 'Leave one of them out.' }, 2);
  return performMove(invocation, ({ lessons, learner }) => ({
    how: 'reset',
    lesson: all ? null : chosenLesson(lessons, learner, invocation.args[0]),
  }));
};

async function performMove(invocation: Invocation, chosen: (opened: OpenedLab) => Move): Promise<number> {
  await recoverFirst(invocation);
  const before = await openToLook(invocation);
  const wanted = chosen(before);
  if (!(await askConfirmation(invocation, movePlan(before, wanted, await seenToConfirm(invocation, before.lab)))))
    return 0;
  using watched = watcher(invocation);
  const backup = await onFreePorts(invocation, async (opened) => {
    await needImage(invocation, opened.lab);
    return moveLab(opened, wanted, watched);
  });
  if (backup === null) return watched.stopped();
  watched.end();
  invocation.io.out(`${whereWords(wanted)} What was before is in ${backup}; "repl-workshop undo" brings it back.`);
  prepareLater(invocation);
  return 0;
}

function whereWords({ lesson }: Move): string {
  if (lesson === null) return 'The lab is empty.';
  return lesson === 'end'
    ? 'This is the state after the last lesson.'
    : `This is the start of lesson ${lesson.number}, "${lesson.words.title}".`;
}
