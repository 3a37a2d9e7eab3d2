/**
 * `npm run bench` prints the costs of the program beside its budgets; `npm run bench -- start keys` measures only these
 * groups. The numbers are of one run on this machine, and never a test.
 */
import { existsSync, rmSync } from 'node:fs';
import { restRows } from './at-rest.ts';
import { dockerRows } from './docker.ts';
import { explainRows } from './explain.ts';
import { floodRows } from './flood.ts';
import { keyRows } from './keys.ts';
import { logRows } from './log-view.ts';
import type { Row } from './numbers.ts';
import { startRows } from './start-up.ts';
import { canMeasureProcesses } from './terminal.ts';
import { verdictRows } from './verdicts.ts';
import { lab, scratch, workshop } from './workshop.ts';

/** Each group brings the lab into the state that it needs. */
const groups: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  explain: explainRows,
  start: startRows,
  keys: keyRows,
  verdicts: verdictRows,
  rest: restRows,
  logs: logRows,
  flood: floodRows,
  docker: dockerRows,
};

async function bench(wanted: readonly string[]): Promise<void> {
  print({ what: 'what', measured: 'measured', budget: 'budget' });
  for (const [name, rows] of Object.entries(groups))
    if (wanted.length === 0 || wanted.includes(name)) for (const row of await rows()) print(row);
}

function print({ what, measured, budget = '', kept }: Row): void {
  console.log(
    `${what.padEnd(58)}${measured.padEnd(36)}${budget.padEnd(26)}${kept === undefined ? '' : kept ? 'kept' : 'OVER'}`,
  );
}

if (!canMeasureProcesses) throw new Error('The bench reads /proc, so it runs on Linux only.');
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !groups[name]);
if (unknown.length > 0) throw new Error(`${unknown.join(', ')}: the groups are ${Object.keys(groups).join(', ')}.`);
try {
  await bench(wanted);
} finally {
  if (existsSync(lab)) await workshop('down');
  rmSync(scratch, { recursive: true, force: true });
}
