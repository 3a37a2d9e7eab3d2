/** How commands come to the lab: to look (nothing is written), or to do something (the folder is made complete, one deed at a time). */

import lessons from '../../lessons/index.ts';
import { binariesOf, type LabFile, type LabWish, openFolder, planFolder, readLab } from '../lab/folder.ts';
import { openNativeLab, viewNativeLab } from '../lab/native/lab.ts';
import { supportedPlatform } from '../lab/platform.ts';
import { ProblemError } from '../lab/problem.ts';
import type { Lesson } from '../lesson/lesson.ts';
import { lessonsFor } from '../lesson/reader.ts';
import { type Kept, lessonHere } from '../session/progress.ts';
import { type Invocation, text } from './command.ts';
import { mendInterrupted, mendMeasuring } from './deeds.ts';
import { readKept, setUnreadableAside } from './kept.ts';
import type { Looking } from './looking.ts';

/** For commands that write nothing. Without a lab yet, the plan is what a new one would get. */
export async function lookAtLab(invocation: Invocation): Promise<Looking> {
  const wish = wishOf(invocation);
  const known = readLab(invocation.dir);
  const { file, binaries } = known
    ? { file: known, binaries: await binariesOf(known, wish) }
    : await planFolder(invocation.dir, wish);
  const { kept, says } = readKept(invocation.dir);
  for (const line of says) invocation.io.err(line);
  return { lab: await viewNativeLab(invocation.dir, file.plan, binaries), file, kept, lessons: lessonsOf(file) };
}

/** For deeds: makes the lab where there is none, says what it had to do, and brings back what an interrupted measurement left. */
export async function openLab(invocation: Invocation): Promise<Looking> {
  const { file, binaries, says } = await openFolder(invocation.dir, wishOf(invocation));
  for (const line of [...says, ...setUnreadableAside(invocation.dir)]) invocation.io.err(line);
  const lab = await openNativeLab(invocation.dir, file.plan, binaries, invocation.program);
  for (const mended of [await mendInterrupted(lab), await mendMeasuring(lab)]) if (mended) invocation.io.err(mended);
  return { lab, file, kept: readKept(invocation.dir).kept, lessons: lessonsOf(file) };
}

const lessonsOf = ({ plan }: LabFile): readonly Lesson[] =>
  lessonsFor(lessons, { engine: plan.engine, major: plan.major, root: process.getuid?.() === 0 }, plan);

/** `--pg` and `--bindir`; the platform and `--engine` are checked here, since only one engine is built in. */
export function wishOf({ options }: Invocation): LabWish {
  supportedPlatform();
  const engine = text(options, 'engine') ?? 'auto';
  if (engine === 'docker') {
    throw new ProblemError(
      {
        what: 'This version of the workshop runs native servers only.',
        fix: 'Leave --engine out, or say --engine native.',
      },
      2,
    );
  }
  if (engine !== 'auto' && engine !== 'native') {
    throw new ProblemError({ what: `There is no engine "${engine}".`, fix: 'Choose auto or native.' }, 2);
  }
  const pg = text(options, 'pg');
  if (pg !== undefined && !/^\d+$/.test(pg))
    throw new ProblemError(
      { what: `--pg ${pg}: this is no major version.`, fix: 'Give a number, such as --pg 17.' },
      2,
    );
  return { major: pg === undefined ? undefined : Number(pg), bindir: text(options, 'bindir') };
}

/** A lesson by number or id; the learner's own when none is named. */
export function chosenLesson(lessons: readonly Lesson[], kept: Kept, wanted: string | undefined): Lesson {
  if (wanted === undefined) return lessonHere(lessons, kept.progress);
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

/** At most this many words after the command's name. */
export function atMost({ args }: Invocation, most: number, usage: string): void {
  if (args.length > most)
    throw new ProblemError({ what: `"${args[most]}" is one word too many.`, fix: `Usage: repl-workshop ${usage}` }, 2);
}
