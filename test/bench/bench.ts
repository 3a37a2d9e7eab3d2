/**
 * `npm run bench` prints the costs of the program beside its budgets; `npm run bench -- start keys` measures only these
 * groups. The numbers are of one run on this machine, and never a test. A group that begins on a busy machine does not
 * count.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { restRows } from './at-rest.ts';
import { dockerRows } from './docker.ts';
import { explainRows } from './explain.ts';
import { floodRows } from './flood.ts';
import { keyRows } from './keys.ts';
import { calmDown, isQuiet, loadNow, quietLoad } from './load.ts';
import { logRows } from './log-view.ts';
import type { Row } from './numbers.ts';
import { startRows } from './start-up.ts';
import { stateRows } from './states/states.ts';
import { stopOnSignals, stopping } from './stopping.ts';
import { canMeasureProcesses } from './terminal.ts';
import { verdictRows } from './verdicts.ts';
import { down, lab, scratch } from './workshop.ts';

/** Each group brings the lab into the state that it needs. */
const groups: Readonly<Record<string, () => Promise<readonly Row[]> | AsyncIterable<Row>>> = {
  explain: explainRows,
  start: startRows,
  keys: keyRows,
  verdicts: verdictRows,
  rest: restRows,
  logs: logRows,
  flood: floodRows,
  docker: dockerRows,
  states: stateRows,
};

async function bench(wanted: readonly string[]): Promise<void> {
  print({ what: 'what', measured: 'measured', budget: 'budget' });
  const chosen = Object.entries(groups).filter(([name]) => wanted.length === 0 || wanted.includes(name));
  for (const [at, [name, rows]] of chosen.entries()) {
    stopping.throwIfAborted();
    if (at > 0) await calmDown(stopping);
    const before = loadNow();
    const counts = isQuiet(before);
    print({ what: `${name}: load before`, measured: before.toFixed(2), budget: quietLoad }, counts);
    for await (const row of await rows()) print(row, counts);
    print({ what: `${name}: load after`, measured: loadNow().toFixed(2) });
  }
}

function print({ what, measured, budget = '', kept }: Row, counts = true): void {
  const verdict = !counts ? 'does not count' : kept === undefined ? '' : kept ? 'kept' : 'OVER';
  console.log(`${what.padEnd(58)}${measured.padEnd(36)}${budget.padEnd(26)}${verdict}`);
}

/** The user's own folders: prepared states, kept secrets and settings of the bench are no business of theirs. */
function leaveHome(): void {
  const home = join(scratch, 'home');
  mkdirSync(home);
  const folders = { HOME: home, XDG_CACHE_HOME: '.cache', XDG_CONFIG_HOME: '.config', XDG_DATA_HOME: '.local/share' };
  for (const [name, folder] of Object.entries(folders)) process.env[name] = resolve(home, folder);
  process.env.REPL_WORKSHOP_PREPARE = 'off'; // a program in the background would be measured, too
}

if (!canMeasureProcesses) throw new Error('The bench reads /proc, so it runs on Linux only.');
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !groups[name]);
if (unknown.length > 0) throw new Error(`${unknown.join(', ')}: the groups are ${Object.keys(groups).join(', ')}.`);
stopOnSignals();
leaveHome();
try {
  await bench(wanted);
} catch (error) {
  if (!stopping.aborted) throw error;
  process.exitCode = 130; // as a shell says of a program that Ctrl-C has ended
} finally {
  if (existsSync(lab)) await down();
  rmSync(scratch, { recursive: true, force: true });
}
