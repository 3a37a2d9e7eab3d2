/**
 * dev: for lesson authors, in the repository. `check` lints the lessons and proves them on real servers; `new` creates
 * one.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import logNotes from '../../../../assets/log-notes.yaml';
import allLessons, { unproven } from '../../../../lessons/index.ts';
import { kindOf } from '../../../check/cause-kinds.ts';
import { emptyJournal } from '../../../check/journal.ts';
import { type Binaries, findBinaries, installedBinaries, supportedMajors } from '../../../lab/native/binaries.ts';
import { embeddedBindir } from '../../../lab/native/embedded.ts';
import type { LabPlan } from '../../../lab/plan/plan.ts';
import { ProblemError } from '../../../lab/problem.ts';
import { emptyLearnerState } from '../../../learner/progress.ts';
import { readFolders } from '../../../lesson/authoring/folder.ts';
import { lintLesson } from '../../../lesson/authoring/lint.ts';
import { type ProofStep, prove } from '../../../lesson/authoring/prove.ts';
import { tallyOfSolve } from '../../../lesson/authoring/prove-solve.ts';
import { isFor } from '../../../lesson/format/fill.ts';
import { lessonsFor } from '../../../lesson/format/reader.ts';
import { newLesson } from '../../../lesson/format/template.ts';
import type { Lesson } from '../../../lesson/lesson.ts';
import { openLessonPlayer } from '../../../lesson/player.ts';
import type { Invocation, Io, Run } from '../../command.ts';
import { chosenLesson, readerHere, wishOf } from '../../opening/access.ts';
import { temporaryLab } from '../../opening/temporary-lab.ts';

export const dev: Run = async (invocation) => {
  const [what, name, ...more] = invocation.args;
  if (more.length === 0 && what === 'check') return check(invocation, name);
  if (more.length === 0 && what === 'new' && name) return createLesson(invocation, name);
  throw new ProblemError(
    { what: `dev ${invocation.args.join(' ')}: this is not understood.`, fix: 'dev check [lesson], or dev new <name>' },
    2,
  );
};

async function check(invocation: Invocation, name: string | undefined): Promise<number> {
  const { io } = invocation;
  const only = name === undefined ? undefined : chosenLesson(allLessons, emptyLearnerState, name);
  const findings = lintAll(only);
  for (const finding of findings) io.out(`lint  ${finding}`);
  let wrong = findings.length;
  for (const binaries of await postgresToProve(invocation)) wrong += await proveOn(invocation, binaries, only);
  io.out(wrong === 0 ? 'All is proven.' : `${wrong} ${wrong === 1 ? 'finding' : 'findings'}.`);
  return wrong === 0 ? 0 : 1;
}

/** Returns the findings of the lint, each with the lesson's folder before it. A test calls this too. */
export function lintAll(only?: Lesson): readonly string[] {
  const folders = readFolders(process.cwd());
  if (!folders)
    throw new ProblemError(
      {
        what: `There is no folder "lessons" in ${process.cwd()}.`,
        fix: 'Run dev commands at the top of the repository.',
      },
      2,
    );
  const known = {
    folders: folders.map((folder) => folder.name),
    tasks: allLessons.flatMap(({ id, tasks }) => tasks.map((task) => `${id}/${task.id}`)),
    caught: new Set(allLessons.flatMap(({ mistakes }) => mistakes.map(({ caught }) => caught.cause))),
    unproven,
    kindOf,
    notes: logNotes,
    plan: samplePlan,
  };
  return folders.flatMap((folder) => {
    const lesson = allLessons.find(({ number, id }) => folder.name === `${String(number).padStart(2, '0')}-${id}`);
    if (!lesson) return [`${folder.name}: lessons/index.ts does not name this lesson: add it, or delete the folder`];
    if (only && only !== lesson) return [];
    return lintLesson(folder, lesson, lesson.words, known).map((finding) => `${folder.name}: ${finding}`);
  });
}

/** A plan for the lint: every placeholder of a lesson must have a value in it. */
const samplePlan: LabPlan = {
  id: 'sample',
  engine: 'native',
  major: 18,
  host: '127.0.0.1',
  servers: ['master', 'slave'].map((name, index) => ({
    name,
    port: 5432 + index,
    data: `rep/${name}_data`,
    log: `logs/${name}.log`,
    database: name,
    password: `${name}_pass`,
  })),
  replication: { user: 'slave', password: 'slave_pass', applicationName: 'slave1' },
  relayPort: 5442,
};

/**
 * Returns the PostgreSQL that --pg or --bindir names, else one of each major on this machine. Prints the majors that
 * are missing.
 */
async function postgresToProve(invocation: Invocation): Promise<readonly Binaries[]> {
  const wish = wishOf(invocation);
  if (wish.major !== undefined || wish.bindir !== undefined) return [await findBinaries(wish)];
  const embedded = await embeddedBindir();
  const found = [...(await installedBinaries()), ...(embedded ? [await findBinaries({ bindir: embedded })] : [])];
  const one = supportedMajors.flatMap((major) => found.filter((binaries) => binaries.major === major).slice(0, 1));
  const missing = supportedMajors.filter((major) => !one.some((binaries) => binaries.major === major));
  if (missing.length > 0)
    invocation.io.out(`left out: PostgreSQL ${missing.join(', ')} (not on this machine; --bindir names another)`);
  return one;
}

async function proveOn(
  { io, program }: Invocation,
  { bindir, version }: Binaries,
  only: Lesson | undefined,
): Promise<number> {
  io.out(`PostgreSQL ${version}, native`);
  await using lab = await temporaryLab({ bindir }, program);
  await using player = openLessonPlayer(lab, emptyJournal);
  const reader = readerHere(lab.plan);
  const lessons = lessonsFor(allLessons, reader, lab.plan);
  const mistakes = lessons.flatMap((lesson) => lesson.mistakes.filter((one) => isFor(one.only, reader)));
  return await report(io, prove(player, lessons, { reader, only: only?.id, solve: true }), mistakes.length);
}

async function report(io: Io, steps: ReturnType<typeof prove>, mistakes: number): Promise<number> {
  let wrong = 0;
  const all: ProofStep[] = [];
  for await (const step of steps) {
    all.push(step);
    if (step.wrong !== null) wrong++;
    io.out(
      `  ${step.wrong === null ? 'ok   ' : 'WRONG'} ${step.lesson}  ${step.what} ${step.name}  ${step.ms} ms${step.stuck ? '  names goto' : ''}${step.wrong === null ? '' : `\n        ${step.wrong}`}`,
    );
  }
  const tally = tallyOfSolve(all, mistakes);
  for (const line of tally.words) io.out(`  ${line}`);
  return wrong + (tally.wrong ? 1 : 0);
}

async function createLesson({ io }: Invocation, name: string): Promise<number> {
  const folders = readFolders(process.cwd());
  if (!folders)
    throw new ProblemError(
      {
        what: `There is no folder "lessons" in ${process.cwd()}.`,
        fix: 'Run dev commands at the top of the repository.',
      },
      2,
    );
  if (!/^[a-z][a-z0-9-]*$/.test(name))
    throw new ProblemError(
      { what: `"${name}" is no id for a lesson.`, fix: 'Use small letters, digits and hyphens: slots-and-kept-wal' },
      2,
    );
  const folder = join('lessons', `${String(folders.length + 1).padStart(2, '0')}-${name}`);
  if (existsSync(folder))
    throw new ProblemError({ what: `${folder} is there already.`, fix: 'Choose another name.' }, 2);
  const { md, ts } = newLesson(
    name,
    name.replaceAll('-', ' ').replace(/^./, (first) => first.toUpperCase()),
  );
  mkdirSync(folder);
  writeFileSync(join(folder, 'lesson.md'), md);
  writeFileSync(join(folder, 'lesson.ts'), ts);
  io.out(
    `${folder} is there. Add it to lessons/index.ts, fill it in (LESSONS.md says how), and prove it: npm start -- dev check ${name}`,
  );
  return 0;
}
