/**
 * What a learner types and what the screen shows then, with real servers: transcript.txt is the script and the
 * expectation. Its lines begin with:
 *
 *   # a comment                  > keys, by name or as they are       $ a command line in the terminal
 *   < waits for this text        | the whole screen; times, positions, ports and the like are zeros
 *
 * A single | is replaced by the screen: npx vitest run --project program test/cli/transcript.test.ts -u writes it.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import type { LabPlan } from '../../src/lab/plan/plan.ts';
import type { Screen } from '../bench/terminal.ts';
import { plan } from '../lesson/plan.ts';
import { launchProgram, shows } from './program.ts';

const script = resolve('test/cli/transcript.txt');

it('the transcript of a learner in the first lessons is as in transcript.txt', async () => {
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

/** Resolves with the screen as soon as it is as wanted, else with the last one. */
async function screenAs(wanted: readonly string[], screen: Screen, dir: string): Promise<readonly string[]> {
  const now = () => masked(screen.text(), dir).map((row) => `| ${row}`.trimEnd());
  const isWanted = () => now().join('\n') === wanted.join('\n');
  await screen.until(isWanted, 'screen', 5000).catch(() => undefined); // the final comparison shows the difference
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

/** The ports and passwords in the script, which replace those of the lab. */
const usual = namesOf(plan);
const ofTheLab = (dir: string) => namesOf(JSON.parse(readFileSync(join(dir, 'lab.json'), 'utf8')).plan);

function namesOf({ servers, replication }: LabPlan): readonly string[] {
  return [...servers.flatMap(({ port, password }) => [`${port}`, password]), replication.password];
}

const swapped = (text: string, from: readonly string[], to: readonly string[]): string =>
  from.reduce((said, one, at) => said.replaceAll(one, to[at] ?? one), text);

/** Replaces what differs between runs by text of the same width. */
const masked = (text: string, dir: string): readonly string[] =>
  swapped(text, ofTheLab(dir), usual)
    .replace(/\b\d\d:\d\d(:\d\d)?\b/g, (time) => time.replace(/\d/g, '0'))
    .replace(/\b0\/[0-9A-F]{6,8}\b/g, (lsn) => lsn.replace(/[0-9A-F]/g, '0'))
    .replace(/cluster …\d{4}/g, 'cluster …0000')
    .replace(/ +(native · PostgreSQL) \S+ ·/, '  $1 ·')
    .split('\n')
    .map((row) => row.trimEnd());
