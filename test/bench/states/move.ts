/**
 * A program that has a lab open, as the screen has, and moves it: `node move.mjs FOLDER LESSON` reads "goto", "reset"
 * or "undo" from each line of its input, and prints the milliseconds of each.
 */
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { openWhole } from '../../../src/cli/opening/access.ts';
import { listSteps } from '../../../src/lab/backup/backup-folder.ts';
import type { Problem } from '../../../src/lab/problem.ts';
import { moveLab } from '../../../src/learner/operations/operations.ts';
import { takeStep } from '../../../src/learner/operations/replace-state.ts';

const [dir = '', number] = process.argv.slice(2);
const never = new AbortController().signal;
const opened: Disposable[] = [];
const open = await openWhole({
  args: [],
  rest: [],
  options: {},
  dir,
  named: dir,
  io: {
    out: console.error,
    err: console.error,
    painted: console.error,
    terminal: false,
    columns: 80,
    env: process.env,
  },
  program: { node: process.execPath, script: resolve('dist/repl-workshop.cjs') },
  signal: never,
  unheard: never,
  opened,
});
const lesson = open.lessons.find((one) => String(one.number) === number);
if (!lesson) throw new Error(`no lesson ${number}`);
for await (const how of createInterface({ input: process.stdin })) {
  const watcher = { onProgress: () => undefined, onWarning: ({ what }: Problem) => console.error(what), signal: never };
  const [step] = listSteps(dir, 'undo');
  const begun = performance.now();
  if (how === 'goto' || how === 'reset') await moveLab(open, { how, lesson }, watcher);
  else if (how === 'undo' && step) await takeStep(open.lab, step, watcher);
  else throw new Error(`"${how}"`);
  console.log(performance.now() - begun);
}
for (const one of opened) one[Symbol.dispose]();
