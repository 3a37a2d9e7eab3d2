/** goto, reset and undo: bring the lab into another state. goto and reset keep the old state in a backup. */
import { listBackups } from '../../../lab/backup/backup-folder.ts';
import { readLab } from '../../../lab/folder.ts';
import { ProblemError } from '../../../lab/problem.ts';
import { refuseOthers } from '../../../lab/trust/others.ts';
import type { OpenedLab } from '../../../learner/opened-lab.ts';
import { type Move, moveLab, movePlan, undo } from '../../../learner/operations/operations.ts';
import { flag, type Invocation, type Run } from '../../command.ts';
import { askConfirmation } from '../../confirm.ts';
import { atMost, chosenLesson, openToLook, openWhole, recoverFirst } from '../../opening/access.ts';
import { needImage } from '../../opening/image.ts';
import { onFreePorts } from '../../opening/on-free-ports.ts';
import { watcher } from '../../opening/watcher.ts';

export const goto: Run = (invocation) => {
  atMost(invocation, 1, 'goto <lesson>');
  const [wanted] = invocation.args;
  if (wanted === undefined)
    throw new ProblemError(
      { what: 'goto needs a lesson.', fix: '"repl-workshop list" shows them: repl-workshop goto 5' },
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
  if (!(await askConfirmation(invocation, movePlan(before, wanted)))) return 0;
  using watched = watcher(invocation);
  const backup = await onFreePorts(invocation, async (opened) => {
    await needImage(invocation, opened.lab);
    return moveLab(opened, wanted, watched);
  });
  if (backup === null) return watched.stopped();
  watched.end();
  const where = wanted.lesson
    ? `This is the start of lesson ${wanted.lesson.number}, "${wanted.lesson.words.title}".`
    : 'The lab is empty.';
  invocation.io.out(`${where} What was before is in ${backup}; "repl-workshop undo" brings it back.`);
  return 0;
}

export const undoCommand: Run = async (invocation) => {
  atMost(invocation, 0, 'undo');
  refuseOthers(invocation.named);
  const broughtBack = await recoverFirst(invocation);
  const newest = listBackups(invocation.dir)[0];
  if (broughtBack) {
    const more = newest ? ` To go back further, to what was before "${newest.about}", say undo again.` : '';
    invocation.io.out(`That was all there was to take back.${more}`);
    return 0;
  }
  if (!newest)
    throw new ProblemError(
      {
        what: 'There is nothing to undo: no backup lies in backups/.',
        fix: 'goto, reset and solve make one before they change anything.',
      },
      2,
    );
  const plan = [
    `stop the servers of ${invocation.dir}`,
    `put back what was before "${newest.about}" (${newest.at}): data directories, logs, progress, answers; what is there now is gone`,
  ];
  if (!(await askConfirmation(invocation, plan))) return 0;
  const opened = await openWhole(invocation);
  await undo(opened, newest, ({ what, fix }) => invocation.io.err(`${what}\n  → ${fix}`));
  invocation.io.out(`The lab is as it was before "${newest.about}".`);
  const { servers = [] } = readLab(invocation.dir)?.plan ?? {};
  const moved = servers.filter(({ port }, at) => port !== opened.file.plan.servers[at]?.port);
  const ports = moved.map(({ name, port }) => `${name} has port ${port}`).join(' and ');
  if (ports) invocation.io.out(`As then, ${ports}.`);
  return 0;
};
