/**
 * Opens the screen on an imitated lab, to try it by hand: `npx tsx test/ui/demo.ts [lesson]`. What its servers do is
 * written below.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { readLogNotes } from '../../assets/compile.ts';
import { openScreen } from '../../src/cli/screen/open.ts';
import type { Lab } from '../../src/lab/lab.ts';
import { ProblemError } from '../../src/lab/problem.ts';
import { applyChanges, emptyLearnerState } from '../../src/learner/progress.ts';
import { parseLesson } from '../../src/lesson/format/markdown.ts';
import { lessonsFor } from '../../src/lesson/format/reader.ts';
import type { Lesson, Task } from '../../src/lesson/lesson.ts';
import { here, observation, plan, lessons as small } from '../session/fixture.ts';

const root = new URL('../../', import.meta.url);
const check = small
  .flatMap(({ tasks }) => tasks)
  .flatMap((task) => (task.kind === 'state' ? [task] : []))
  .at(-1);
if (!check) throw new Error('no state task in the fixture');

const lessons: Lesson[] = readdirSync(new URL('lessons', root))
  .filter((name) => /^\d\d-/.test(name))
  .map((name, at) => {
    const words = parseLesson(readFileSync(new URL(`lessons/${name}/lesson.md`, root), 'utf8'), name);
    const tasks = words.tasks.map(
      ({ questions }, index): Task =>
        questions.length > 0
          ? { id: `t${index}`, kind: 'answer', questions: questions.map(({ id }) => id) }
          : { ...check, id: `t${index}` },
    );
    return { id: name.slice(3), number: at + 1, minutes: 8, tasks, mistakes: [], words };
  });

const slaveLog = [
  '2026-11-23 14:01:21.688 UTC [30] LOG:  starting PostgreSQL 18.4 on x86_64-pc-linux-gnu, compiled by gcc, 64-bit',
  '2026-11-23 14:01:22.361 UTC [30] LOG:  entering standby mode',
  '2026-11-23 14:01:22.363 UTC [30] LOG:  redo starts at 0/2000028',
  '2026-11-23 14:01:22.364 UTC [1] LOG:  database system is ready to accept read-only connections',
  '2026-11-23 14:01:23.390 UTC [31] FATAL:  streaming replication receiver "walreceiver" could not connect to the primary server: connection to server at "127.0.0.1", port 5432 failed: FATAL:  password authentication failed for user "slave"',
].join('\n');

let streaming = false;
let learner = applyChanges(emptyLearnerState, [here(process.argv[2] ?? 'start-and-read-the-logs')]);
const shell = (argv: readonly string[]) => ({
  command: argv[0] ?? 'sh',
  args: argv.slice(1),
  cwd: '/tmp',
  env: process.env as Record<string, string>,
});
const lab = {
  dir: '/tmp',
  plan,
  about: 'native · PostgreSQL 18.4',
  server: () => ({
    async *readLog() {
      yield `${Array.from({ length: 20 }, () => slaveLog).join('\n')}\n`;
    },
  }),
  observe: async () => observation({ at: new Date().toISOString(), streaming, slaveLog: slaveLog }),
  watch: async function* () {},
  command: shell,
} as unknown as Lab;

const { stopServers } = await openScreen(
  {
    lab,
    folder: lab.dir,
    lessons: lessonsFor(lessons, { engine: 'native', major: 18, root: false }, plan),
    store: {
      load: async () => learner,
      isBusy: () => false,
      change: async (how) => (learner = how(learner)),
    },
    learner,
    notes: readLogNotes(),
    root: false,
    exposed: false,
    readOnly: process.argv.includes('--only-look'),
    takeOver: () => false,
    hasStep: () => false,
    planOf: (operation) =>
      operation.do === 'solve'
        ? ['pg_ctl -D rep/slave_data start']
        : ['stop master and slave', 'make the state at the start of the lesson anew'],
    perform: async (operation, { onProgress, signal }) => {
      const steps = ['Keep a copy of what is there now', 'The slave runs as a standby'];
      for (let at = 0; at < 30 && !signal.aborted; at++) {
        onProgress({ steps, at: at < 6 ? 0 : 1, now: at < 6 ? '' : 'pg_ctl -D rep/slave_data start', share: at / 30 });
        await new Promise((later) => setTimeout(later, 100));
      }
      if (signal.aborted) return 'stopped';
      if (operation.do === 'reset')
        throw new ProblemError({ what: 'This lab is not there.', fix: 'It is a demonstration.' });
      streaming = true;
      return 'done';
    },
    writeReport: async () => ['report.md', 'report.html'],
    keepStart: async () => undefined,
    compare: async () => ({ what: 'This lab is not there.', fix: 'It is a demonstration.' }),
  },
  process,
);
console.log(stopServers ? 'servers are to be stopped' : 'servers go on');
