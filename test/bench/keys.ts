/** The time from a key to the first bytes on the terminal, and that a long lesson costs no more than a short one. */
import { setTimeout as rest } from 'node:timers/promises';
import { bundled } from './bundle.ts';
import { median, p95, type Row, spread } from './numbers.ts';
import { cpuOf, openInTerminal, type Screen } from './terminal.ts';
import { answerTo, openWorkshop, rounds, scratch, workshop } from './workshop.ts';

export async function keyRows(): Promise<readonly Row[]> {
  await workshop('goto', '4', '--yes');
  await using screen = await openWorkshop();
  return [...(await keyToBytes(screen)), ...(await longLesson())];
}

/**
 * Keys for help, lessons and another pane, and back; and Esc, which ink delays by 20 ms because it may begin another
 * key.
 */
async function keyToBytes(screen: Screen): Promise<readonly Row[]> {
  const keys: number[] = [];
  const esc: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const key of ['?', 'q', 'g', 'q', ' ', '\u001b[H', '?'])
      keys.push(await answerTo(screen, () => screen.type(key)));
    esc.push(await answerTo(screen, () => screen.type('\u001b')));
  }
  return [
    {
      what: 'a key to bytes on the terminal',
      measured: spread(keys),
      budget: 'median 20 ms, p95 40 ms',
      kept: median(keys) <= 20 && p95(keys) <= 40,
    },
    {
      what: 'Esc to bytes on the terminal',
      measured: spread(esc),
      budget: 'median 40 ms',
      kept: median(esc) <= 40,
    },
  ];
}

async function longLesson(): Promise<readonly Row[]> {
  const program = await bundled('test/bench/long-lesson.ts', scratch);
  const short = await keysIn([process.execPath, program, '50']);
  const long = await keysIn([process.execPath, program, '5000']);
  const ratio = long / short;
  return [
    {
      what: 'a key in a lesson of 5,000 lines: CPU',
      measured: `${long.toFixed(1)} ms, ${ratio.toFixed(2)} x one of 50`,
      budget: '1.2 x',
      kept: ratio <= 1.2,
    },
  ];
}

/** CPU of a key, in ms. The first keys are not counted, because they compile code. */
async function keysIn(argv: readonly string[]): Promise<number> {
  const screen = openInTerminal(argv);
  try {
    await screen.until(({ text }) => text().includes('quit'), 'first frame');
    const times: number[] = [];
    for (let round = 0; round < 12; round++) {
      const before = cpuOf(screen.pid);
      for (const key of ['j', 'j', 'j', 'k', 'k', 'k', ' ', '\u001b[5~']) {
        screen.type(key);
        await rest(40);
      }
      times.push((cpuOf(screen.pid) - before) / 8);
    }
    return median(times.slice(4));
  } finally {
    await screen.close();
  }
}
