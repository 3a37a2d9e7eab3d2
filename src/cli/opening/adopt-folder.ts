/**
 * Links in a native lab to folders elsewhere, on another disk for example. The learner is asked once whether such a
 * folder is the lab's; lab.json keeps the answer together with the target of the link.
 */
import { existsSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type LabFile, readLab, saveLab } from '../../lab/folder.ts';
import { changeLab } from '../../lab/lock/operation-lock.ts';
import { namesLab } from '../../lab/native/data/names-lab.ts';
import { isGiven } from '../../lab/native/user/give.ts';
import { socketFolder } from '../../lab/native/user/socket-folder.ts';
import type { LabPlan } from '../../lab/plan/plan.ts';
import { agreedElsewhere, agreedIn, withElsewhere } from '../../lab/trust/agreed.ts';
import { foldersOf, type Outside, outsideOf, outsideProblem } from '../../lab/trust/outside.ts';
import { walkTo } from '../../lab/trust/trust.ts';
import { flag, type Invocation } from '../command.ts';
import { askYes } from '../confirm.ts';

/**
 * Asks for each new link. `--yes` agrees only where the files behind the link name this lab: in a lab that was copied
 * from another user, that user may have made the link. A folder that cannot be the lab's is reported without a
 * question, and nothing is done to it.
 */
export async function adoptFolders({ io, dir, options, signal }: Invocation, plan: LabPlan): Promise<void> {
  if (plan.engine !== 'native') return;
  for (const link of outsideOf(dir, foldersOf(plan), agreedElsewhere(dir))) {
    const isNamed = namesThisLab(link, dir, plan);
    const agreed =
      mayBeTheLabs(link, plan) &&
      ((isNamed && flag(options, 'yes')) || (io.terminal && (await ask(link, isNamed, signal))));
    if (!agreed) {
      io.err(outsideProblem(link).what);
      continue;
    }
    const agreedFolders = (file: LabFile) => ({ ...agreedIn(dir, file), [link.path]: link.real });
    await changeLab(dir, (file) => withElsewhere(dir, file, agreedFolders(file)), signal);
    io.err(`${link.path} leads to ${link.real}; from now on this is where the lab keeps it (lab.json, "elsewhere").`);
  }
  await dropReturned(dir, signal);
}

/** Forgets agreed folders whose link is no longer there: the learner has moved the folder back, or removed the link. */
async function dropReturned(dir: string, signal: AbortSignal): Promise<void> {
  const isLink = (path: string) => lstatSync(join(dir, path), { throwIfNoEntry: false })?.isSymbolicLink();
  const stillLinked = (file: LabFile) => Object.entries(agreedIn(dir, file)).filter(([path]) => isLink(path));
  const isCurrent = (file: LabFile) =>
    file.moving || stillLinked(file).length === Object.keys(file.elsewhere ?? {}).length;
  const file = readLab(dir);
  if (!file || isCurrent(file)) return;
  await changeLab(
    dir,
    (now) => (isCurrent(now) ? now : withElsewhere(dir, now, Object.fromEntries(stillLinked(now)))),
    signal,
  );
}

/** Forgets all agreed folders, after `down --remove`. The caller has the lab's lock. */
export function forgetElsewhere(dir: string): void {
  const file = readLab(dir);
  if (file?.elsewhere) saveLab(dir, withElsewhere(dir, file, {}));
}

function ask({ path, real }: Outside, isNamed: boolean, signal: AbortSignal): Promise<boolean> {
  const words = `${path} is a link to ${real}.${isNamed ? '' : ' No file there names this lab.'} Does the lab keep its data there? The workshop may copy, move and remove what is in it then. [y/N] `;
  return askYes(words, signal);
}

/**
 * True for a folder of the learner's that is in no lab and contains nothing but data directories with names of this
 * plan.
 */
function mayBeTheLabs({ path, real }: Outside, { servers }: LabPlan): boolean {
  if (!existsSync(real) || !statSync(real).isDirectory() || !isOwn(real) || isInALab(real)) return false;
  const names = readdirSync(real);
  if (names.length === 0) return true;
  if (servers.some(({ data }) => data === path)) return names.includes('PG_VERSION');
  const known = servers.filter(({ data }) => dirname(data) === path).map(({ data }) => basename(data));
  return names.every((name) => known.some((one) => name.startsWith(one)));
}

/** True for an empty folder, and for one in which every data directory names this lab in its files. */
function namesThisLab({ path, real }: Outside, dir: string, { id, servers }: LabPlan): boolean {
  if (!existsSync(real) || !statSync(real).isDirectory()) return false;
  const names = readdirSync(real);
  const sockets = socketFolder(dir, id);
  if (names.length === 0 || servers.some(({ data }) => data === path))
    return names.length === 0 || namesLab(real, dir, path, sockets);
  const known = servers.filter(({ data }) => dirname(data) === path).map(({ data }) => data);
  return names.every((name) => known.some((data) => namesLab(join(real, name), dir, data, sockets)));
}

/**
 * True for a folder that belongs to the caller. Where root runs us, it may belong to the user whom the servers run as.
 */
function isOwn(real: string): boolean {
  const { doubt } = walkTo(real);
  const uid = process.getuid?.();
  if (uid === 0) return doubt === null || (doubt.path === real && doubt.why === 'owner' && isGiven(doubt.uid ?? -1));
  return doubt === null && statSync(real).uid === uid;
}

const isInALab = (path: string): boolean =>
  path !== '/' && (existsSync(join(path, 'lab.json')) || isInALab(dirname(path)));
