/**
 * The costs of the log view: a key in a log of a thousand and of a million lines; reading and memory of the long one.
 */
import { appendFileSync, copyFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { median, ms, p95, type Row } from './numbers.ts';
import { cpuOf, memoryOf, openInTerminal, type Screen } from './terminal.ts';
import { lab, program, workshop } from './workshop.ts';

/** Puts lines before the slave's real log, which is restored afterwards. */
export async function logRows(): Promise<readonly Row[]> {
  await workshop('goto', '4', '--yes');
  const file = join(lab, 'logs/slave.log');
  const own = `${file}.own`;
  copyFileSync(file, own);
  try {
    const short = await measured(file, 1000);
    const long = await measured(file, 1_000_000);
    const more = long.memory - short.memory;
    return [
      { what: 'log view, 1,000 lines: a key to bytes', measured: spread(short.keys) },
      {
        what: 'log view, 1,000,000 lines: a key to bytes',
        measured: spread(long.keys),
        budget: 'median 20 ms, p95 40 ms',
        kept: median(long.keys) <= 20 && p95(long.keys) <= 40,
      },
      {
        what: 'log view, 1,000,000 lines: CPU of a key',
        measured: `${long.keyMs.toFixed(1)} ms, ${(long.keyMs / short.keyMs).toFixed(2)} x with 1,000`,
        budget: '1.2 x',
        kept: long.keyMs / short.keyMs <= 1.2,
      },
      { what: 'log view, 1,000,000 lines: a key while it is read', measured: spread(long.reading) },
      { what: 'log view, 1,000,000 lines: read', measured: `${ms(long.readMs)}, CPU ${ms(long.cpuMs)}` },
      { what: 'log view, 1,000,000 lines: words found', measured: ms(long.foundMs) },
      { what: 'log view, 1,000,000 lines: a key to the next hit', measured: spread(long.hits) },
      { what: 'log view, 1,000,000 lines: memory against 1,000', measured: `${more.toFixed(0)} MB more` },
    ];
  } finally {
    renameSync(own, file);
  }
}

async function measured(file: string, lines: number) {
  writeFileSync(file, '');
  for (let line = 0; line < lines; line += 1000) appendFileSync(file, everyday(line));
  const screen = openInTerminal([...program, '--lab', lab]);
  try {
    await screen.until(({ text }) => text().includes('quit'), 'first frame');
    await rest(1500); // the first looks
    const before = { cpu: cpuOf(screen.pid), at: performance.now() };
    screen.type('l');
    await screen.until(({ text }) => text().includes('Log of master and slave'), 'log');
    const reading = await keys(screen, ({ text }) => text().includes('reading …'));
    const readMs = performance.now() - before.at;
    const cpuMs = cpuOf(screen.pid) - before.cpu;
    const still = cpuOf(screen.pid);
    const moving = await keys(screen, times(60));
    const keyMs = (cpuOf(screen.pid) - still) / moving.length;
    const memory = memoryOf(screen.pid);
    const begun = performance.now();
    screen.type('/');
    await screen.until(({ text }) => text().includes('Enter keep'), 'search');
    screen.type('orderz');
    const foundMs = (await screen.until(({ text }) => /orderz: hit/.test(text()), 'hit')) - begun;
    screen.type('\r');
    await rest(200);
    return {
      reading,
      readMs,
      cpuMs,
      keys: moving,
      keyMs,
      memory,
      foundMs,
      hits: await keys(screen, times(30), ['n', 'N', 'N']),
    };
  } finally {
    await screen.close();
  }
}

/** A function that returns true this many times. */
const times = (left: number) => () => left-- > 0;

const wayUp = ['\u001b[5~', '\u001b[A', '\u001b[A', '\u001b[5~', '\u001b[B', '\u001b[B'];

/** Presses the keys in turn while `goesOn` returns true; resolves with the time of each, in ms. */
async function keys(screen: Screen, goesOn: (screen: Screen) => boolean, way = wayUp): Promise<readonly number[]> {
  const taken: number[] = [];
  while (goesOn(screen)) {
    const before = screen.written();
    const begun = performance.now();
    const answered = screen.until(({ written }) => written() > before, 'answer');
    screen.type(way[taken.length % way.length] ?? '');
    taken.push((await answered) - begun);
    await rest(30);
  }
  return taken;
}

function everyday(from: number): string {
  const lines = Array.from({ length: 1000 }, (_, index) => {
    const number = from + index;
    const prefix = `2026-11-23 14:02:11.${String(number % 1000).padStart(3, '0')} UTC [${number % 30000}]`;
    if (number % 50 === 0) return `${prefix} FATAL:  password authentication failed for user "slave"`;
    if (number % 5 === 3) return `${prefix} ERROR:  relation "orderz" does not exist at character 15`;
    if (number % 5 === 4) return `${prefix} STATEMENT:  SELECT * FROM orderz WHERE id = ${number}`;
    return `${prefix} LOG:  duration: ${number % 900}.512 ms  statement: SELECT o.id, o.total FROM orders o WHERE o.at < now()`;
  });
  return `${lines.join('\n')}\n`;
}

const spread = (times: readonly number[]): string =>
  times.length === 0 ? 'too quick to press one' : `median ${ms(median(times))}, p95 ${ms(p95(times))}`;
