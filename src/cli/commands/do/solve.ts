/** solve: the workshop does what is left of a lesson. */

import { bytesOfState, needRoom } from '../../../lab/backup/room.ts';
import { ProblemError } from '../../../lab/problem.ts';
import { solvePlan } from '../../../learner/operations/plans.ts';
import { openTasks, solve } from '../../../learner/operations/solve.ts';
import { lessonHere } from '../../../learner/progress.ts';
import type { Run } from '../../command.ts';
import { askConfirmation } from '../../confirm.ts';
import { atMost, chosenLesson, openToLook, recoverFirst } from '../../opening/access.ts';
import { needImage } from '../../opening/image.ts';
import { onFreePorts } from '../../opening/on-free-ports.ts';
import { watcher } from '../../opening/watcher.ts';

export const solveCommand: Run = async (invocation) => {
  atMost(invocation, 1, 'solve [lesson]');
  await recoverFirst(invocation);
  const before = await openToLook(invocation);
  const lesson = chosenLesson(before.lessons, before.learner, invocation.args[0]);
  const here = lessonHere(before.lessons, before.learner.progress);
  if (lesson.number > here.number) {
    throw new ProblemError(
      {
        what: `You are in lesson ${here.number}, and lesson ${lesson.number} builds on the lessons between.`,
        fix: `"repl-workshop goto ${lesson.number}" brings you to its start.`,
      },
      2,
    );
  }
  const tasks = await openTasks(before, lesson);
  if (tasks.length === 0) {
    invocation.io.out(`Lesson ${lesson.number}, "${lesson.words.title}": there is nothing left to solve.`);
    return 0;
  }
  needRoom(before.lab.dir, bytesOfState(before.lab.dir));
  const now = before.lab.plan.docker ? await before.lab.observe() : null;
  if (!(await askConfirmation(invocation, solvePlan(before, tasks, now)))) return 0;
  using watched = watcher(invocation);
  const outcome = await onFreePorts(invocation, async (opened) => {
    await needImage(invocation, opened.lab);
    return solve(opened, { lesson, tasks }, watched);
  });
  if (outcome === 'stopped') return watched.stopped();
  watched.end();
  invocation.io.out(
    `Lesson ${lesson.number} is solved; it is marked as done with help. "repl-workshop check" shows the verdicts, "next" goes on, "undo" brings back what was before.`,
  );
  return 0;
};
