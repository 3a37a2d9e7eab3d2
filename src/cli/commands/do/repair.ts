/** repair: brings a broken lab to the nearest consistent state, and leaves alone what lessons teach. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { interrupted } from '../../../lab/backup/interrupted.ts';
import { ProblemError } from '../../../lab/problem.ts';
import { repairWords } from '../../../lab/repair/repair.ts';
import { refuseOthers } from '../../../lab/trust/others.ts';
import { findRepairs, repairLab } from '../../../learner/operations/repair-lab.ts';
import { messages } from '../../../ui/messages.ts';
import { flag, type Invocation, type Run } from '../../command.ts';
import { askConfirmation } from '../../confirm.ts';
import { atMost, openLab, openToLook, openWhole, readLabIfReadable, refuseLeading } from '../../opening/access.ts';
import { watcher } from '../../opening/watcher.ts';
import { serverLine } from '../lab/servers.ts';

const words = messages.repair;

export const repair: Run = async (invocation) => {
  atMost(invocation, 0, 'repair [--dry-run] [--yes]');
  const { dir, named, io, options } = invocation;
  refuseOthers(named);
  if (!existsSync(join(dir, 'lab.json'))) throw new ProblemError(words.noLab(dir), 2);
  const first = firstRepairs(dir);
  if (first.length > 0) {
    const plan = flag(options, 'dry-run') ? [...first, words.afterwards] : first;
    if (!(await askConfirmation(invocation, plan))) return 0;
    await openLab(invocation); // makes them, and says so
  }
  const { lab: seen } = await openToLook(invocation);
  refuseLeading(seen); // of folders that cannot be looked into nobody knows whether they are broken
  const repairs = await findRepairs(seen);
  if (repairs.length === 0) {
    if (first.length === 0) io.out(words.nothing);
    return 0;
  }
  if (!(await askConfirmation(invocation, [...repairs.map(repairWords), words.leftAlone]))) return 0;
  using watched = watcher(invocation);
  const { lab } = await openWhole(invocation);
  await repairLab(lab, repairs, watched);
  return report(invocation, repairs.length);
};

/** What each opening of a lab puts right, in words. */
function firstRepairs(dir: string): readonly string[] {
  if (!readLabIfReadable(dir)) return [words.labJson];
  const found = interrupted(dir);
  return found ? [words.pending(found.problem.what)] : [];
}

async function report(invocation: Invocation, made: number): Promise<number> {
  const { lab } = await openToLook(invocation);
  const { io } = invocation;
  for (const view of Object.values((await lab.observe()).servers)) io.out(serverLine(view));
  const left = await findRepairs(lab);
  if (left.length > 0) throw new ProblemError(words.left(left.map(repairWords)));
  io.out(words.done(made));
  return 0;
}
