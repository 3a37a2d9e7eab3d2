/**
 * Looks at the lab of a folder as a screen does: observe and judge. It is bundled like the program and run in its own
 * process: `node look.mjs FOLDER LOOKS` prints the CPU and the time of each look as JSON. It pauses between looks, as a
 * screen does.
 */
import { setTimeout as rest } from 'node:timers/promises';
import { openToLook } from '../../src/cli/opening/access.ts';
import { openSession, update } from '../../src/session/update.ts';

export type Looks = { readonly cpuMs: readonly number[]; readonly wallMs: readonly number[] };

const [dir = '', looks = '10'] = process.argv.slice(2);
const opened: Disposable[] = [];
const { lab, lessons, learner } = await openToLook({
  args: [],
  rest: [],
  options: {},
  dir,
  named: dir,
  io: {
    out: console.error,
    painted: console.error,
    err: console.error,
    terminal: false,
    columns: 80,
    env: process.env,
  },
  program: { node: process.execPath, script: '' },
  signal: new AbortController().signal,
  unheard: new AbortController().signal,
  opened,
});
const at = new Date().toISOString();
let [session] = openSession({
  lessons,
  plan: lab.plan,
  about: lab.about,
  readOnly: true,
  learner,
  at,
  columns: 100,
  rows: 28,
});
const cpuMs: number[] = [];
const wallMs: number[] = [];
for (let look = 0; look < Number(looks); look++) {
  await rest(250);
  const before = { cpu: process.cpuUsage(), wall: performance.now() };
  const now = await lab.observe();
  [session] = update(session, { kind: 'observed', now, learner: session.learner, saves: session.saves });
  wallMs.push(performance.now() - before.wall);
  await rest(20); // ending the sessions belongs to the look
  const { user, system } = process.cpuUsage(before.cpu);
  cpuMs.push((user + system) / 1000);
}
console.log(JSON.stringify({ cpuMs, wallMs } satisfies Looks));
for (const one of opened) one[Symbol.dispose]();
