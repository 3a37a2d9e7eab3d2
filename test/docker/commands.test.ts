/**
 * Every command that the lessons and hints show to a learner on Docker is run as typed, in order; configuration is
 * saved with `repl-workshop edit`. Nothing else is done, and in the end every task that looks at the servers has
 * passed.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import lessons from '../../lessons/index.ts';
import type { Journal } from '../../src/check/journal.ts';
import { readerHere } from '../../src/cli/opening/access.ts';
import { temporaryDockerLab } from '../../src/cli/opening/temporary-lab.ts';
import type { Lab } from '../../src/lab/lab.ts';
import { until } from '../../src/lab/machine/until.ts';
import { readLearner } from '../../src/learner/store.ts';
import { lessonsFor } from '../../src/lesson/format/reader.ts';
import { type Lesson, taskKey } from '../../src/lesson/lesson.ts';
import { type TaskOfLesson, tasksOf, verdictOf } from '../../src/lesson/task.ts';
import { asOneLine, type Fence, fencesIn, fencesOf, filledFences } from './fences.ts';
import type {} from './global.ts';
import { type DockerMajor, imageOf, reachTestDocker } from './lab.ts';
import { type Argv, openTerminal, type Terminal } from './terminal.ts';

type Course = { readonly major: DockerMajor; readonly storage: 'folder' | 'volume'; readonly learner?: number };

const courses: readonly (readonly [name: string, course: Course])[] = [
  ['PostgreSQL 18, as a learner who is not root', { major: 18, storage: 'folder', learner: 1000 }],
  ['PostgreSQL 15, as root', { major: 15, storage: 'folder' }],
  ['PostgreSQL 18, data in volumes', { major: 18, storage: 'volume' }],
];

/** Tasks with commands that must fail, because the lesson shows a refusal. */
const saysNo = ['let-the-standby-in/line', 'prove-it/write-refused', 'prove-it/which-password'];
/** Tasks that need a key instead of a command: Ctrl-C in the psql that hangs. */
const interrupts = ['when-the-standby-dies/cancelled'];

describe.each(courses)('the commands of the lessons, %s', (_, course) => {
  const missing = whyNot(course);
  if (missing !== undefined) {
    it(`the commands of the lessons work as typed, ${_}`, ({ skip }) => skip(`the typed commands, ${_}: ${missing}`));
    return;
  }
  let typist: Typist;
  beforeAll(async () => {
    typist = await openTypist(course);
  });
  afterAll(async () => typist?.[Symbol.asyncDispose]());
  for (const { id, number } of lessons)
    it(`the commands of lesson ${number} (${id}) work as typed, ${_}`, { timeout: 180_000 }, async () => {
      const lesson = typist.lessons.find((one) => one.id === id);
      if (lesson) await typist.play(lesson);
    });
});

function whyNot({ major, learner }: Course): string | undefined {
  const docker = inject('docker');
  if ('why' in docker) return docker.why;
  if (imageOf(major) === undefined) return `no image of PostgreSQL ${major}`;
  if (learner === undefined) return undefined;
  if (!docker.own) return 'another user may not speak to this Docker';
  try {
    execFileSync('setpriv', [...asUser(learner), process.execPath, '-e', '0'], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `no other user can be had: ${(error as Error).message.split('\n')[0]}`;
  }
}

const asUser = (id: number): readonly string[] => [`--reuid=${id}`, `--regid=${id}`, '--clear-groups', '--'];

type Typist = AsyncDisposable & { readonly lessons: readonly Lesson[]; play(lesson: Lesson): Promise<void> };

async function openTypist(course: Course): Promise<Typist> {
  const folder = mkdtempSync(join(tmpdir(), 'rw-typist-'));
  const lab = await openLab(course, folder);
  const argv: Argv = (shell, script) => [
    ...(course.learner === undefined ? [] : ['setpriv', ...asUser(course.learner)]),
    ...[shell, '-c', `export HOME='${lab.dir}'\n${script}`],
  ];
  const play = player(lab, argv, join(folder, 'editor'));
  return {
    lessons: lessonsFor(lessons, readerHere(lab.plan), lab.plan),
    play,
    async [Symbol.asyncDispose]() {
      await lab[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Opens a lab that the learner owns, with access to the program and to the daemon. */
async function openLab({ major, storage, learner }: Course, folder: string): Promise<Lab> {
  const user = learner === undefined ? null : `${learner}:${learner}`;
  const docker = { prefix: '', image: imageOf(major) ?? '', storage, user };
  cpSync(resolve('dist'), join(folder, 'dist'), { recursive: true });
  const program = { node: process.execPath, script: join(folder, 'dist', 'repl-workshop.cjs') };
  writeFileSync(join(folder, 'editor'), '#!/bin/sh\nprintf \'%s\\n\' "$TYPED" >> "$1"\n');
  for (const path of [folder, join(folder, 'editor')]) chmodSync(path, 0o755);
  const lab = await temporaryDockerLab({ major, docker }, await reachTestDocker(), program);
  if (learner !== undefined) {
    execFileSync('chown', ['-R', user ?? '', lab.dir]);
    const engine = inject('docker');
    if ('socketPath' in engine) letIn(engine.socketPath, learner);
  }
  return lab;
}

/** Lets a group use the daemon's socket, as the group "docker" on a learner's machine. */
function letIn(socket: string, group: number): void {
  for (const [path, mode] of [
    [dirname(socket), 0o710],
    [socket, 0o660],
  ] as const) {
    chownSync(path, 0, group);
    chmodSync(path, mode);
  }
}

/** Plays one lesson: types its commands, and checks its tasks. */
function player(lab: Lab, argv: Argv, editor: string): (lesson: Lesson) => Promise<void> {
  let events: Journal['events'] = {};
  const seen = async () => ({ now: await lab.observe(), journal: { ...readLearner(lab.dir).learner.journal, events } });
  const waiting = async (): Promise<number> => {
    const { rows } = await lab.server('master').sql("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
    return rows.length;
  };
  const passes = async (one: TaskOfLesson): Promise<void> => {
    let verdict = verdictOf(one, await seen());
    const looksAgain = async () => {
      verdict = verdictOf(one, await seen());
      return verdict.kind === 'pass';
    };
    await until(looksAgain, { deadlineMs: 15_000 });
    expect(verdict, `${one.lesson.id}, ${one.task.id}`).toMatchObject({ kind: 'pass' });
    if (one.task.kind === 'event' && verdict.kind === 'pass')
      events = { ...events, [keyOf(one)]: { at: new Date().toISOString(), seen: verdict.seen } };
  };
  return async (lesson) => {
    const terminals: Terminal[] = [];
    const typing = { lab, argv, editor, waiting, terminals };
    try {
      await type(typing, filledFences(fencesIn(lesson.words.intro), lab.plan), false);
      for (const one of tasksOf(lesson)) {
        const fences = fencesOf(one.words);
        const [words, hints] = [filledFences(fences.words, lab.plan), filledFences(fences.hints, lab.plan)];
        const refused = saysNo.includes(keyOf(one));
        if (interrupts.includes(keyOf(one))) await terminals[0]?.interrupt();
        await isSettled(lab);
        await type(typing, words, refused);
        if (one.task.kind !== 'answer') await passes(one);
        const known = new Set(words.map(({ text }) => asOneLine(text)));
        await type(
          typing,
          hints.filter(({ text }) => !known.has(asOneLine(text))),
          refused,
        );
      }
    } finally {
      for (const terminal of terminals) await terminal.close();
    }
  };
}

/** Waits for starting servers, as a learner who goes on reading. */
async function isSettled(lab: Lab): Promise<void> {
  const starts = async () =>
    Object.values((await lab.observe()).servers).some(({ process }) => process.state === 'starting');
  await until(async () => !(await starts()), { deadlineMs: 30_000 });
}

const keyOf = ({ lesson, task }: TaskOfLesson): string => taskKey(lesson.id, task.id);

type Typing = {
  readonly lab: Lab;
  readonly argv: Argv;
  readonly editor: string;
  readonly waiting: () => Promise<number>;
  readonly terminals: Terminal[];
};

/** Saves configuration into the file that was opened last, and types SQL where psql is open; other SQL is skipped. */
async function type(typing: Typing, fences: readonly Fence[], refused: boolean): Promise<void> {
  let opener: string | undefined;
  for (const { lang, text } of fences) {
    if ((lang === 'conf' || lang === 'hba') && opener !== undefined)
      await typed(typing, opener, { refused: false, saves: text });
    if (lang === 'sql') await typing.terminals.at(-1)?.type(text, await oneMoreWaits(typing));
    if (lang !== 'bash') continue;
    if (/^repl-workshop edit /.test(text)) opener = text;
    else if (/ -it |^repl-workshop psql /m.test(text)) await typedInTerminal(typing, text);
    else await typed(typing, text, { refused });
  }
}

async function oneMoreWaits({ waiting }: Typing): Promise<() => Promise<boolean>> {
  const before = await waiting();
  return async () => (await waiting()) > before;
}

/** Types a command. psql stays open for the next fences, unless it has a statement as argument. */
async function typedInTerminal(typing: Typing, command: string): Promise<void> {
  const waits = await oneMoreWaits(typing);
  const terminal = openTerminal(typing.lab, typing.argv, command);
  if (!/ -c /.test(command)) return void typing.terminals.push(terminal);
  await terminal.ends(waits);
  await terminal.close();
}

async function typed(
  { lab, argv, editor }: Typing,
  command: string,
  { refused, saves = '' }: { readonly refused: boolean; readonly saves?: string },
): Promise<void> {
  const script = `export EDITOR='${editor}' TYPED='${saves.replaceAll("'", "'\\''")}'; unset VISUAL; set -e\n${command}`;
  const { status, stdout, stderr } = await lab.exec(argv('sh', script));
  expect(status === 0, `this ${refused ? 'must be refused' : 'must work'}:\n${command}\n${stdout}${stderr}`).toBe(
    !refused,
  );
}
