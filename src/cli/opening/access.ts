/** Opens the lab for a command: to look, which writes nothing, or to change it, which completes the folder first. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import lessons from '../../../lessons/index.ts';
import { type LabFile, type LabWish, openFolder, planFolder, readLab } from '../../lab/folder.ts';
import type { Lab } from '../../lab/lab.ts';
import { isTakenByOthers } from '../../lab/lock/lock.ts';
import { isOperationPending } from '../../lab/lock/operation-lock.ts';
import { supportedPlatform } from '../../lab/machine/platform.ts';
import { refuseShut } from '../../lab/native/data/shut.ts';
import type { NativeLab } from '../../lab/native/lab.ts';
import type { LabPlan } from '../../lab/plan/plan.ts';
import { cacheFolder } from '../../lab/prepared/cache.ts';
import { ProblemError } from '../../lab/problem.ts';
import { type OthersWay, othersLab, othersRefusal, othersWay, refuseOthers, unseenOf } from '../../lab/trust/others.ts';
import { outsideProblem } from '../../lab/trust/outside.ts';
import type { OpenedLab } from '../../learner/opened-lab.ts';
import { recoverInterrupted, recoverMeasuring, sweepLeftovers } from '../../learner/operations/recover.ts';
import { type LearnerState, lessonHere } from '../../learner/progress.ts';
import { readLearner, setUnreadableAside } from '../../learner/store.ts';
import { type Reader, readerOf as readerOn } from '../../lesson/format/fill.ts';
import { lessonsFor } from '../../lesson/format/reader.ts';
import type { Lesson } from '../../lesson/lesson.ts';
import { flag, type Invocation, textOption } from '../command.ts';
import { adopt } from './adopt.ts';
import { adoptFolders } from './adopt-folder.ts';
import { chosenEngine, dockerWish, openOn, publishedOn, readyNative, viewOn } from './engines.ts';

/**
 * For commands that write nothing. Where there is no lab yet, the plan is the one that a new lab would get. Of another
 * user's lab only its JSON files are read.
 */
export async function openToLook(invocation: Invocation): Promise<OpenedLab> {
  const wish = wishOf(invocation);
  const others = othersWay(invocation.named);
  if (others) return lookAtOthers(invocation, others);
  const file = readLab(invocation.dir) ?? (await planned(invocation, wish));
  sameEngine(file, invocation);
  const { learner, says } = readLearner(invocation.dir);
  for (const line of says) invocation.io.err(line);
  const lab = await viewOn(invocation, file, wish);
  return { lab, file, learner, lessons: lessonsOf(file), cache: cacheFolder(invocation.io.env) };
}

function lookAtOthers({ dir, io }: Invocation, way: OthersWay): OpenedLab {
  const refusal = othersRefusal(way);
  const file = way.link === null ? readOthers(dir, refusal) : undefined;
  if (!file) throw refusal;
  const { learner, says } = readLearner(dir);
  for (const line of says) io.err(line);
  const unseen = unseenOf(way);
  return { lab: othersLab(dir, file.plan, unseen), file, learner, lessons: lessonsOf(file), unseen };
}

/**
 * Reads lab.json of another user's lab. A ProblemError about it says whose lab it is, since only its owner can repair
 * the file.
 */
function readOthers(dir: string, { problem: { what, fix } }: ProblemError): LabFile | undefined {
  try {
    return readLab(dir);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    throw new ProblemError({ what: `${error.problem.what} ${what}`, fix });
  }
}

const planned = async (invocation: Invocation, wish: LabWish): Promise<LabFile> =>
  (
    await planFolder(invocation.dir, {
      ...wish,
      docker: await dockerWish(invocation, wish),
      published: publishedOn(invocation),
    })
  ).file;

export type OpenedNativeLab = Omit<OpenedLab, 'lab'> & { readonly lab: NativeLab };

/** For initdb and pg_ctl of bin/, which only native labs have. Throws a ProblemError for a lab on Docker. */
export async function openNativeToLook(invocation: Invocation): Promise<OpenedNativeLab> {
  const wish = wishOf(invocation);
  refuseOthers(invocation.named);
  const file = readLab(invocation.dir) ?? (await planFolder(invocation.dir, wish)).file;
  if (file.plan.engine !== 'native')
    throw new ProblemError(
      { what: 'The servers of this lab are containers.', fix: 'Use docker: the lessons show the commands.' },
      2,
    );
  return {
    lab: await readyNative(invocation, file, wish),
    file,
    learner: readLearner(invocation.dir).learner,
    lessons: lessonsOf(file),
  };
}

/**
 * For commands that change the lab. Creates the lab where there is none, recovers what killed operations and
 * measurements left behind, and prints what it had to do.
 */
export async function openLab(invocation: Invocation, more: Pick<LabWish, 'anywhere'> = {}): Promise<OpenedLab> {
  const wish = wishOf(invocation);
  refuseOthers(invocation.named);
  const known = readLabIfReadable(invocation.dir);
  const docker = known ? undefined : await dockerWish(invocation, wish);
  const published = publishedOn(invocation);
  const { file, notices } = await openFolder(invocation.dir, { ...wish, ...more, docker, published });
  sameEngine(file, invocation);
  for (const line of [...notices, ...setUnreadableAside(invocation.dir)]) invocation.io.err(line);
  if (isTakenByOthers(invocation.dir, 'deed') && isOperationPending(invocation.dir))
    invocation.io.err('Another command of the workshop is at work on this lab; this one goes on when it has ended.');
  await adoptFolders(invocation, file.plan); // before openOn looks at who can reach the folders
  const lab = await openOn(invocation, file, wish);
  for (const line of [...(lab.left ?? []), ...(lab.notices ?? [])]) invocation.io.err(line);
  await adopt(invocation, lab);
  const recovered = await recoverInterrupted(lab, invocation.signal);
  for (const line of [...recovered, await recoverMeasuring(lab)]) if (line) invocation.io.err(line);
  await sweepLeftovers(lab);
  if (recovered.length > 0) return openLab(invocation, more); // the recovered plan may have other ports
  const { learner } = readLearner(invocation.dir);
  return { lab, file, learner, lessons: lessonsOf(file), cache: cacheFolder(invocation.io.env) };
}

/**
 * Recovers what a killed operation left behind, and sets an unreadable lab.json aside, before a command shows its plan:
 * the plan would describe a broken state. Resolves with true when a state was brought back. With --dry-run nothing is
 * recovered.
 */
export async function recoverFirst(invocation: Invocation): Promise<boolean> {
  if (flag(invocation.options, 'dry-run')) return false;
  refuseOthers(invocation.named);
  const file = readLabIfReadable(invocation.dir);
  const isUnreadable = !file && existsSync(join(invocation.dir, 'lab.json'));
  if (isUnreadable || file?.moving || file?.undo) await openLab(invocation);
  return Boolean(file?.moving && !file.moving.copied);
}

/** For operations on the whole lab. Throws a ProblemError where a folder of it is outside, or shut. */
export async function openWhole(invocation: Invocation, more: Pick<LabWish, 'anywhere'> = {}): Promise<OpenedLab> {
  const opened = await openLab(invocation, more);
  refuseLeading(opened.lab);
  return opened;
}

/**
 * Throws a ProblemError where an operation would meet a folder outside of the lab, or one that its owner cannot enter.
 */
export function refuseLeading(lab: Lab): void {
  const [first] = lab.outside();
  const isNative = lab.plan.engine === 'native';
  if (first) throw new ProblemError(outsideProblem(first, isNative));
  if (isNative) for (const { data } of lab.plan.servers) refuseShut(join(lab.dir, data), data);
}

/** Returns undefined for a lab.json that cannot be read: `openFolder` sets it aside and makes a new one. */
export function readLabIfReadable(dir: string): LabFile | undefined {
  try {
    return readLab(dir);
  } catch (error) {
    if (error instanceof ProblemError && error.status === 3) return undefined;
    throw error;
  }
}

/** Throws a ProblemError where --engine differs from the engine that the lab was made on. */
function sameEngine({ plan }: LabFile, { options }: Invocation): void {
  const wanted = chosenEngine(options);
  if (wanted === 'auto' || wanted === plan.engine) return;
  throw new ProblemError(
    {
      what: `This lab was made on ${plan.engine === 'docker' ? 'Docker' : 'native servers'}, and stays there.`,
      fix: `Leave --engine out, or choose another folder with --lab DIR for --engine ${wanted}.`,
    },
    2,
  );
}

const lessonsOf = ({ plan }: LabFile): readonly Lesson[] => lessonsFor(lessons, readerHere(plan), plan);

/**
 * Returns the reader of this lab's lessons: a text may depend on the lab's engine and version, and on whether root runs
 * us.
 */
export const readerHere = (plan: LabPlan): Reader => readerOn(plan, process.getuid?.() === 0);

/** Reads --pg and --bindir. Throws a ProblemError for wrong options, and on a platform that is not supported. */
export function wishOf({ options }: Invocation): LabWish {
  supportedPlatform();
  chosenEngine(options);
  const pg = textOption(options, 'pg');
  if (pg !== undefined && !/^\d+$/.test(pg))
    throw new ProblemError(
      { what: `--pg ${pg}: this is no major version.`, fix: 'Give a number, such as --pg 17.' },
      2,
    );
  return { major: pg === undefined ? undefined : Number(pg), bindir: textOption(options, 'bindir') };
}

/** Returns a lesson by number or id; the current one when `wanted` is undefined. */
export function chosenLesson(lessons: readonly Lesson[], learner: LearnerState, wanted: string | undefined): Lesson {
  if (wanted === undefined) return lessonHere(lessons, learner.progress);
  const found = lessons.find(
    ({ id, number }) =>
      id === wanted || String(number) === wanted || `${String(number).padStart(2, '0')}-${id}` === wanted,
  );
  if (found) return found;
  throw new ProblemError(
    {
      what: `There is no lesson "${wanted}".`,
      fix: `Name one of 1 to ${lessons.length}; "repl-workshop list" shows them.`,
    },
    2,
  );
}

/** Throws a ProblemError where more than `most` arguments follow the command's name. */
export function atMost({ args }: Invocation, most: number, usage: string): void {
  if (args.length > most)
    throw new ProblemError({ what: `"${args[most]}" is one word too many.`, fix: `Usage: repl-workshop ${usage}` }, 2);
}
