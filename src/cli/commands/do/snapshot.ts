/** snapshot: keeps the state of the lab under a name, lists such states, and brings one back. */
import { type Backup, listBackups } from '../../../lab/backup/backup-folder.ts';
import { needRoom } from '../../../lab/backup/room.ts';
import { sizeWords } from '../../../lab/files/disk-usage.ts';
import { ProblemError } from '../../../lab/problem.ts';
import { refuseOthers } from '../../../lab/trust/others.ts';
import { restorePlan } from '../../../learner/operations/plans.ts';
import {
  dropSnapshot,
  findSnapshot,
  listSnapshots,
  restoreSnapshot,
  saveSnapshot,
} from '../../../learner/operations/snapshots.ts';
import { messages } from '../../../ui/messages.ts';
import { flag, type Invocation, type Run } from '../../command.ts';
import { askConfirmation, seenToConfirm } from '../../confirm.ts';
import { atMost, openToLook, openWhole, recoverFirst } from '../../opening/access.ts';
import { watcher } from '../../opening/watcher.ts';
import { reportPorts } from './undo.ts';

const usage = 'snapshot save|restore|drop <name>, or snapshot list';
const words = messages.snapshot;

export const snapshot: Run = async (invocation) => {
  const [what, name] = invocation.args;
  atMost(invocation, what === 'list' ? 1 : 2, usage);
  const action = { save, list, restore, drop }[what ?? ''];
  if (!action) throw new ProblemError(words.which(what, usage), 2);
  refuseOthers(invocation.named);
  if (what !== 'list' && name === undefined) throw new ProblemError(words.noName(what ?? ''), 2);
  return action(invocation, name ?? '');
};

async function save(invocation: Invocation, name: string): Promise<number> {
  if (flag(invocation.options, 'dry-run')) {
    invocation.io.out(words.wouldSave(name));
    return 0;
  }
  await recoverFirst(invocation);
  const { lab } = await openWhole(invocation);
  const saved = await saveSnapshot(lab, name, invocation.signal);
  invocation.io.out(words.saved(name, sizeWords(saved.bytes)));
  return 0;
}

async function list({ dir, io, options }: Invocation): Promise<number> {
  const named = listSnapshots(dir);
  if (flag(options, 'json')) {
    const step = ({ about, at, bytes }: Backup) => ({ about, at, bytes: bytes ?? null });
    const of = (kind: Backup['kind']) => listBackups(dir).filter((one) => one.kind === kind);
    const snapshots = named.map(({ about, at, bytes }) => ({ name: about, at, bytes: bytes ?? null }));
    io.out(JSON.stringify({ schema: 1, snapshots, undo: of('undo').map(step), redo: of('redo').map(step) }));
    return 0;
  }
  if (named.length === 0) io.out(words.none);
  const width = Math.max(...named.map(({ about }) => about.length));
  for (const { about, at, bytes } of named)
    io.out(`${about.padEnd(width)}  ${at.slice(0, 16).replace('T', ' ')} UTC  ${sizeWords(bytes)}`);
  return 0;
}

async function restore(invocation: Invocation, name: string): Promise<number> {
  await recoverFirst(invocation);
  const found = findSnapshot(invocation.dir, name);
  const { lab } = await openToLook(invocation);
  needRoom(lab.dir, found.bytes);
  if (!(await askConfirmation(invocation, restorePlan(lab, found, await seenToConfirm(invocation, lab))))) return 0;
  using watched = watcher(invocation);
  const opened = await openWhole(invocation);
  const backup = await restoreSnapshot(opened.lab, found, watched);
  if (backup === null) return watched.stopped();
  watched.end();
  invocation.io.out(words.restored(name));
  reportPorts(invocation, opened.file);
  return 0;
}

async function drop(invocation: Invocation, name: string): Promise<number> {
  const found = findSnapshot(invocation.dir, name);
  if (!(await askConfirmation(invocation, [words.wouldDrop(name, sizeWords(found.bytes))]))) return 0;
  const { lab } = await openWhole(invocation);
  const problems = await dropSnapshot(lab, found);
  for (const { what, fix } of problems) invocation.io.err(`${what}\n  → ${fix}`);
  invocation.io.out(words.dropped(name));
  return problems.length === 0 ? 0 : 3;
}
