/** A folder of a native lab that is a link to another disk: asked once whether it is the lab's, and remembered by where it leads. */
import { existsSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
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

/**
 * `--yes` says it, too, where the files there name this lab: whoever made the link may have been somebody else, as in a lab that was copied from another
 * user. What cannot be the lab's is not asked about, and nothing is done to it.
 */
export async function adoptFolders({ io, dir, options, signal }: Invocation, plan: LabPlan): Promise<void> {
  if (plan.engine !== 'native') return;
  for (const one of outsideOf(dir, foldersOf(plan), agreedElsewhere(dir))) {
    const itself = saysItself(one, dir, plan);
    const agreed =
      mayBeTheLabs(one, plan) &&
      ((itself && flag(options, 'yes')) || (io.terminal && (await ask(one, itself, signal))));
    if (!agreed) {
      io.err(outsideProblem(one).what);
      continue;
    }
    const more = (file: LabFile) => ({ ...agreedIn(dir, file), [one.path]: one.real });
    await changeLab(dir, (file) => withElsewhere(dir, file, more(file)), signal);
    io.err(`${one.path} leads to ${one.real}; from now on this is where the lab keeps it (lab.json, "elsewhere").`);
  }
  await dropReturned(dir, signal);
}

/** The learner has put the folder itself back, or has taken the link away. */
async function dropReturned(dir: string, signal: AbortSignal): Promise<void> {
  const isLink = (path: string) => lstatSync(join(dir, path), { throwIfNoEntry: false })?.isSymbolicLink();
  const still = (file: LabFile) => Object.entries(agreedIn(dir, file)).filter(([path]) => isLink(path));
  const isTrue = (file: LabFile) => file.moving || still(file).length === Object.keys(file.elsewhere ?? {}).length;
  const file = readLab(dir);
  if (!file || isTrue(file)) return;
  await changeLab(dir, (now) => (isTrue(now) ? now : withElsewhere(dir, now, Object.fromEntries(still(now)))), signal);
}

/** After `down --remove`, under its lock. */
export function forgetElsewhere(dir: string): void {
  const file = readLab(dir);
  if (file?.elsewhere) saveLab(dir, withElsewhere(dir, file, {}));
}

async function ask({ path, real }: Outside, itself: boolean, signal: AbortSignal): Promise<boolean> {
  const question = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const words = `${path} is a link to ${real}.${itself ? '' : ' No file there names this lab.'} Does the lab keep its data there? The workshop may copy, move and remove what is in it then. [y/N] `;
    return /^y(es)?$/i.test((await question.question(words, { signal })).trim());
  } finally {
    question.close();
  }
}

/** A folder of the learner's own, of no other lab, that holds nothing but data directories of this one. */
function mayBeTheLabs({ path, real }: Outside, { servers }: LabPlan): boolean {
  if (!existsSync(real) || !statSync(real).isDirectory() || !isOwn(real) || isInALab(real)) return false;
  const names = readdirSync(real);
  if (names.length === 0) return true;
  if (servers.some(({ data }) => data === path)) return names.includes('PG_VERSION');
  const known = servers.filter(({ data }) => dirname(data) === path).map(({ data }) => basename(data));
  return names.every((name) => known.some((one) => name.startsWith(one)));
}

/** Nothing is there that could be lost, or all of it says that it is this lab's. */
function saysItself({ path, real }: Outside, dir: string, { id, servers }: LabPlan): boolean {
  if (!existsSync(real) || !statSync(real).isDirectory()) return false;
  const names = readdirSync(real);
  const sockets = socketFolder(dir, id);
  if (names.length === 0 || servers.some(({ data }) => data === path))
    return names.length === 0 || namesLab(real, dir, path, sockets);
  const known = servers.filter(({ data }) => dirname(data) === path).map(({ data }) => data);
  return names.every((name) => known.some((data) => namesLab(join(real, name), dir, data, sockets)));
}

/** Root's servers may have files of their own there. */
function isOwn(real: string): boolean {
  const { doubt } = walkTo(real);
  const uid = process.getuid?.();
  if (uid === 0) return doubt === null || (doubt.path === real && doubt.why === 'owner' && isGiven(doubt.uid ?? -1));
  return doubt === null && statSync(real).uid === uid;
}

const isInALab = (path: string): boolean =>
  path !== '/' && (existsSync(join(path, 'lab.json')) || isInALab(dirname(path)));
