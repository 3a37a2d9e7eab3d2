/** undo and redo: go one step back in the states of the lab, or forth again. */
import { listSteps } from '../../../lab/backup/backup-folder.ts';
import { type LabFile, readLab } from '../../../lab/folder.ts';
import { ProblemError } from '../../../lab/problem.ts';
import { refuseOthers } from '../../../lab/trust/others.ts';
import { stepPlan } from '../../../learner/operations/plans.ts';
import { takeStep } from '../../../learner/operations/replace-state.ts';
import { messages } from '../../../ui/messages.ts';
import type { Invocation, Run } from '../../command.ts';
import { askConfirmation, seenToConfirm } from '../../confirm.ts';
import { atMost, openToLook, openWhole, recoverFirst } from '../../opening/access.ts';
import { prepareLater } from '../../opening/prepare-later.ts';

export const undoCommand: Run = (invocation) => step(invocation, 'undo');
export const redoCommand: Run = (invocation) => step(invocation, 'redo');

async function step(invocation: Invocation, kind: 'undo' | 'redo'): Promise<number> {
  atMost(invocation, 0, kind);
  const { dir, io, named, signal } = invocation;
  refuseOthers(named);
  const words = messages.step[kind];
  const recovered = await recoverFirst(invocation);
  const next = listSteps(dir, kind)[0];
  if (recovered) {
    io.out(words.recovered(next?.about));
    return 0;
  }
  if (!next) throw new ProblemError(words.none, 2);
  const { lab } = await openToLook(invocation);
  if (!(await askConfirmation(invocation, stepPlan(lab, next, await seenToConfirm(invocation, lab))))) return 0;
  const opened = await openWhole(invocation);
  await takeStep(opened.lab, next, { onWarning: ({ what, fix }) => io.err(`${what}\n  → ${fix}`), signal });
  io.out(words.done(next.about));
  reportPorts(invocation, opened.file);
  prepareLater(invocation);
  return 0;
}

/** A state that comes back has the ports that it had: other programs may expect the later ones. */
export function reportPorts({ dir, io }: Invocation, { plan }: LabFile): void {
  const { servers = [] } = readLab(dir)?.plan ?? {};
  const moved = servers.filter(({ port }, at) => port !== plan.servers[at]?.port);
  if (moved.length > 0) io.out(messages.step.ports(moved));
}
