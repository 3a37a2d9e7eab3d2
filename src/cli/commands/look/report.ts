/**
 * report: writes what was learnt in this lab as Markdown and as HTML. It overwrites no file of another kind, and no
 * older report.
 */
import { createHash } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import { join, parse, resolve } from 'node:path';
import lessons from '../../../../lessons/index.ts';
import { readOfLab } from '../../../lab/files/read-file.ts';
import { writeNamed } from '../../../lab/files/write-file.ts';
import { readLab } from '../../../lab/folder.ts';
import type { Lab } from '../../../lab/lab.ts';
import type { Observation } from '../../../lab/observation.ts';
import { isProblem, type Problem, ProblemError } from '../../../lab/problem.ts';
import { cannotWrite } from '../../../lab/store/store.ts';
import { othersWay } from '../../../lab/trust/others.ts';
import type { OpenedLab } from '../../../learner/opened-lab.ts';
import { type Learnt, learnt } from '../../../learner/report.ts';
import { readLearner } from '../../../learner/store.ts';
import { lessonsFor } from '../../../lesson/format/reader.ts';
import { visible } from '../../../postgres/visible.ts';
import { flag, type Invocation, isOutput, type Run, textOption } from '../../command.ts';
import { atMost, openToLook, readerHere } from '../../opening/access.ts';
import { reportHtml } from '../../report/html.ts';
import { reportMarkdown } from '../../report/markdown.ts';
import { markIn } from '../../report/words.ts';

export const report: Run = async (invocation) => {
  atMost(invocation, 0, 'report [--html FILE] [--md FILE] [--json]');
  const { io, options, dir, named } = invocation;
  const json = flag(options, 'json');
  const asked = { md: textOption(options, 'md'), html: textOption(options, 'html') };
  if (!asked.md && !asked.html && !json && othersWay(named)) throw nothingThere(dir);
  const found = await learntHere(invocation);
  const files = asked.md || asked.html || json ? asked : defaultFiles(dir);
  for (const [kind, content] of [['md', reportMarkdown] as const, ['html', reportHtml] as const])
    if (isOutput(files[kind])) io.out(content(found, fingerprintOf(found)).trimEnd());
  const written = writeReports(found, {
    md: isOutput(files.md) ? undefined : files.md,
    html: isOutput(files.html) ? undefined : files.html,
  });
  if (json) io.out(JSON.stringify(found));
  else for (const file of written) io.out(file);
  if (!isProblem(found.servers)) return 0;
  io.err(`The servers could not be looked at, and the report says so: ${found.servers.what}`);
  return 3;
};

const nothingThere = (dir: string): ProblemError =>
  new ProblemError(
    {
      what: `The lab ${dir} belongs to another user, so no report is written there.`,
      fix: 'Name files of your own: repl-workshop report --md FILE --html FILE, or say --json.',
    },
    2,
  );

/** Resolves with the report's data. Without an answer of the servers it comes from the learner's files alone. */
async function learntHere(invocation: Invocation): Promise<Learnt> {
  if (othersWay(invocation.named)) return reportNow(await openToLook(invocation), invocation.unheard);
  const file = readLab(invocation.dir);
  if (!file)
    throw new ProblemError(
      {
        what: `There is no lab in ${invocation.dir}, so there is nothing to report.`,
        fix: 'Name another with --lab DIR.',
      },
      2,
    );
  try {
    return await reportNow(await openToLook(invocation), invocation.unheard);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const { plan } = file;
    return learnt({
      lessons: lessonsFor(lessons, readerHere(plan), plan),
      learner: readLearner(invocation.dir).learner,
      plan,
      about: `${plan.engine === 'docker' ? 'Docker' : 'native'} · PostgreSQL ${plan.major}`,
      seen: error.problem,
      at: new Date().toISOString(),
    });
  }
}

export async function reportNow({ lab, lessons: here }: OpenedLab, signal?: AbortSignal): Promise<Learnt> {
  const { learner } = readLearner(lab.dir);
  const { plan, about } = lab;
  return learnt({ lessons: here, learner, plan, about, seen: await look(lab, signal), at: new Date().toISOString() });
}

async function look(lab: Lab, signal: AbortSignal | undefined): Promise<Observation | Problem> {
  try {
    const now = await lab.observe(signal);
    return now.unseen ?? now;
  } catch (error) {
    if (error instanceof ProblemError) return error.problem;
    throw error;
  }
}

type Files = { readonly md?: string | undefined; readonly html?: string | undefined };

export const defaultFiles = (dir: string): Files => ({ md: join(dir, 'report.md'), html: join(dir, 'report.html') });

/**
 * Writes the files and returns their paths. An older report gets another name. Throws a ProblemError, before it writes
 * anything, where another file has one of the names.
 */
export function writeReports(found: Learnt, { md, html }: Files): readonly string[] {
  const fingerprint = fingerprintOf(found);
  const wanted = [
    ...(md === undefined ? [] : [{ path: resolve(md), content: visible(reportMarkdown(found, fingerprint)) }]),
    ...(html === undefined ? [] : [{ path: resolve(html), content: visible(reportHtml(found, fingerprint)) }]),
  ];
  for (const { path } of wanted) if (existsSync(path) && !markOfFile(path)) throw notOurs(path);
  for (const { path, content } of wanted) {
    try {
      if (existsSync(path) && markOfFile(path) !== fingerprint) renameSync(path, olderName(path));
      writeNamed(path, content, { mode: 0o600 });
    } catch (error) {
      if (error instanceof ProblemError) throw error;
      throw cannotWrite(path, error as NodeJS.ErrnoException, 'Name a file in a folder that is there, and yours.');
    }
  }
  return wanted.map(({ path }) => path);
}

/** Identifies what was learnt; the time of the report is not part of it. */
const fingerprintOf = (found: Learnt): string =>
  createHash('sha256')
    .update(JSON.stringify({ ...found, at: '' }))
    .digest('hex')
    .slice(0, 16);

function markOfFile(path: string): string | undefined {
  try {
    const read = readOfLab(path, mostBytes);
    return read.kind === 'bytes' ? markIn(read.bytes.toString('utf8')) : undefined;
  } catch {
    return undefined; // not a regular file, or another user's
  }
}

const mostBytes = 64 * 1024 * 1024;

const notOurs = (path: string): ProblemError =>
  new ProblemError(
    {
      what: `${path} is there already, and is no report of the workshop.`,
      fix: 'Move it away, or choose other names: repl-workshop report --md FILE --html FILE',
    },
    2,
  );

/** Returns the first free name of 'report-2.md', 'report-3.md' … */
function olderName(path: string): string {
  const { dir, name, ext } = parse(path);
  for (let n = 2; ; n++) {
    const older = join(dir, `${name}-${n}${ext}`);
    if (!existsSync(older)) return older;
  }
}
