/**
 * A program that has a lab open, as the screen has, and moves it: `node move.mjs FOLDER LESSON` reads "goto" or "reset"
 * from each line of its input, and prints the milliseconds of each.
 */
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { openWhole } from '../../../src/cli/opening/access.ts';
import { moveLab } from '../../../src/learner/operations/operations.ts';

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
  if (how !== 'goto' && how !== 'reset') throw new Error(`"${how}"`);
  const begun = performance.now();
  await moveLab(
    open,
    { how, lesson },
    { onProgress: () => undefined, onWarning: ({ what }) => console.error(what), signal: never },
  );
  console.log(performance.now() - begun);
}
for (const one of opened) one[Symbol.dispose]();
