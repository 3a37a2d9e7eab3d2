/**
 * What a learner types and what stands on the screen then, against real servers: transcript.txt is both the script and the expectation.
 *
 *   # a word on what comes       > keys, by name or as they are       $ a command line in the terminal
 *   < waits for this text        | the whole screen then, of which times, positions, ports and the like are zeros
 *
 * A single | asks for the screen: npx vitest run --project program test/cli/transcript.test.ts -u writes it.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import type { LabPlan } from '../../src/lab/plan/plan.ts';
import type { Screen } from '../bench/terminal.ts';
import { plan } from '../lesson/plan.ts';
import { launchProgram, shows } from './program.ts';

const script = resolve('test/cli/transcript.txt');

it('a learner goes through the first lessons, with mistakes, and looks at everything on the way', async () => {
  await using sitting = await launchProgram({ columns: 80, rows: 24, hasServers: true });
  const { screen, dir } = sitting;
  const lines = readFileSync(script, 'utf8').trimEnd().split('\n');
  const played: string[] = [];
  for (const [at, line] of lines.entries()) {
    const isScreen = line.startsWith('|');
    if (!isScreen) {
      played.push(line);
      await play(line, screen, dir);
    } else if (!lines[at - 1]?.startsWith('|')) {
      const end = lines.findIndex((one, after) => after > at && !one.startsWith('|'));
      const wanted = lines.slice(at, end < 0 ? lines.length : end);
      played.push(...(await screenAs(wanted, screen, dir)));
    }
  }
  await screen.ended;
  await expect(`${played.join('\n')}\n`).toMatchFileSnapshot(script);
});

async function play(line: string, screen: Screen, dir: string): Promise<void> {
  const [, sign, text = ''] = /^([<>$]) (.*)$/.exec(line) ?? [];
  if (sign === '>') for (const name of text.split(' ')) screen.type(keys[name] ?? name);
  if (sign === '$') screen.type(`${swapped(text, usual, ofTheLab(dir))}\r`);
  if (sign === '<') await shows(screen, text);
}

/** The screen, as soon as it is the one that is wanted, or as it is in the end. */
async function screenAs(wanted: readonly string[], screen: Screen, dir: string): Promise<readonly string[]> {
  const now = () => masked(screen.text(), dir).map((row) => `| ${row}`.trimEnd());
  const isWanted = () => now().join('\n') === wanted.join('\n');
  await screen.until(isWanted, 'screen', 5000).catch(() => undefined); // the comparison of all shows the difference
  return now();
}

const keys: Readonly<Record<string, string>> = {
  Enter: '\r',
  Esc: '\u001b',
  Tab: '\t',
  Up: '\u001b[A',
  Down: '\u001b[B',
  End: '\u001b[F',
  Space: ' ',
  'Ctrl-]': '\u001d',
};

/** Ports and passwords: in the script, and of the lab. */
const usual = namesOf(plan);
const ofTheLab = (dir: string) => namesOf(JSON.parse(readFileSync(join(dir, 'lab.json'), 'utf8')).plan);

function namesOf({ servers, replication }: LabPlan): readonly string[] {
  return [...servers.flatMap(({ port, password }) => [`${port}`, password]), replication.password];
}

const swapped = (text: string, from: readonly string[], to: readonly string[]): string =>
  from.reduce((said, one, at) => said.replaceAll(one, to[at] ?? one), text);

/** What another run shows differently, in the same width. */
const masked = (text: string, dir: string): readonly string[] =>
  swapped(text, ofTheLab(dir), usual)
    .replace(/\b\d\d:\d\d(:\d\d)?\b/g, (time) => time.replace(/\d/g, '0'))
    .replace(/\b0\/[0-9A-F]{6,8}\b/g, (lsn) => lsn.replace(/[0-9A-F]/g, '0'))
    .replace(/cluster …\d{4}/g, 'cluster …0000')
    .replace(/ +(native · PostgreSQL) \S+ ·/, '  $1 ·')
    .split('\n')
    .map((row) => row.trimEnd());
