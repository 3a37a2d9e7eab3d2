/** The costs of a program that writes without a pause in the terminal beside the lesson. */
import { ms, type Row } from './numbers.ts';
import { cpuOf, openInTerminal, type Screen } from './terminal.ts';
import { lab, program, workshop } from './workshop.ts';

export async function floodRows(): Promise<readonly Row[]> {
  await workshop('goto', '4', '--yes');
  const screen = openInTerminal([...program, '--lab', lab], { columns: 120, rows: 40, env: { SHELL: '/bin/bash' } });
  try {
    await screen.until(({ text }) => text().includes('quit'), 'first frame');
    screen.type('t');
    await screen.until(({ text }) => text().includes('(lab)'), 'prompt');
    const before = cpuOf(screen.pid);
    const time = await timeOf(screen, 'seq 1 100000; echo the-"end"\r', 'the-end');
    const cpu = cpuOf(screen.pid) - before;
    const key = await keyInFlood(screen);
    return [
      {
        what: 'seq 1 100000 in the terminal',
        measured: `${ms(time)}, CPU ${ms(cpu)}`,
        budget: '1000 ms',
        kept: time <= 1000,
      },
      { what: 'a key of the lesson meanwhile', measured: ms(key), budget: '100 ms', kept: key <= 100 },
    ];
  } finally {
    await screen.close();
  }
}

async function timeOf(screen: Screen, keys: string, words: string): Promise<number> {
  const begun = performance.now();
  screen.type(keys);
  return (await screen.until(({ text }) => text().includes(words), words)) - begun;
}

/** The slowest of a few keys that open and close the help during the output. */
async function keyInFlood(screen: Screen): Promise<number> {
  screen.type('yes | head -c 50000000\r');
  await screen.until(({ text }) => /│ y\s/.test(text()), 'the flood');
  screen.type('\u001d');
  await screen.until(({ text }) => text().includes('quit'), 'the lesson');
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    times.push(await timeOf(screen, '?', 'Keys'));
    screen.type('q');
    await screen.until(({ text }) => !text().includes('Keys'), 'the lesson again');
  }
  return Math.max(...times);
}
