/**
 * The cost of looks at a streaming lab while the learner reads, and that the screen then writes nothing, whatever is
 * open.
 */
import { setTimeout as rest } from 'node:timers/promises';
import { bundled } from './bundle.ts';
import type { Looks } from './look.ts';
import { median, ms, type Row } from './numbers.ts';
import { cpuOf, memoryOf, openInTerminal, type Screen } from './terminal.ts';
import { lab, openWorkshop, quiet, run, scratch, workshop } from './workshop.ts';

const seconds = 30; // long enough for a full garbage collection, which happens once or twice a minute

export async function restRows(): Promise<readonly Row[]> {
  await workshop('goto', '10', '--yes');
  return [await aLook(), ...(await whatIsOpen()), await fourServers()];
}

/** One look: observe and judge. The first looks are not counted, because they also load and parse everything. */
async function aLook(): Promise<Row> {
  const { stdout } = await run(process.execPath, [await bundled('test/bench/look.ts', scratch), lab, '25']);
  const { cpuMs, wallMs }: Looks = JSON.parse(stdout);
  const cpu = median(cpuMs.slice(5));
  return {
    what: 'a look at two servers: CPU',
    measured: `${cpu.toFixed(1)} ms (it takes ${ms(median(wallMs.slice(5)))})`,
    budget: '20 ms',
    kept: cpu <= 20,
  };
}

/** Each of these is opened, left without keys, and closed. */
const open = [
  { what: 'the lesson', keys: '', shows: 'quit', back: '' },
  { what: 'the map', keys: 'm', shows: 'close', back: 'q' },
  { what: 'the log', keys: 'l', shows: 'Log of', back: 'q' },
  { what: 'the terminal', keys: 't', shows: '(lab)', back: '\u001d' },
];

async function whatIsOpen(): Promise<readonly Row[]> {
  await using screen = await openWorkshop({ env: { SHELL: '/bin/bash' } });
  const rows: Row[] = [];
  for (const { what, keys, shows, back } of open) {
    screen.type(keys);
    await screen.until(({ text }) => text().includes(shows), what);
    await quiet(screen);
    rows.push(...(await atRest(screen, what)));
    screen.type(back);
    await quiet(screen);
  }
  return rows;
}

async function atRest(screen: Screen, open: string): Promise<readonly Row[]> {
  let bytes = 0;
  let share = 0;
  for (let round = 0; round < 4; round++) {
    // The clock in the title changes once a minute.
    if (new Date().getSeconds() > 57 - seconds) await rest((61 - new Date().getSeconds()) * 1000);
    const before = { cpu: cpuOf(screen.pid), bytes: screen.written() };
    await rest(seconds * 1000);
    share = (cpuOf(screen.pid) - before.cpu) / (seconds * 10);
    bytes = screen.written() - before.bytes;
    if (bytes === 0) break; // else a server may have written to its log, for example about a checkpoint: try again
  }
  const memory = memoryOf(screen.pid);
  const isLesson = open === 'the lesson';
  return [
    {
      what: `at rest ${seconds} s, ${open} open: CPU`,
      measured: `${share.toFixed(2)} % of a core, ${bytes} bytes written`,
      budget: '1.5 %, 0 bytes',
      kept: share <= 1.5 && bytes === 0,
    },
    {
      what: `at rest, ${open} open: memory`,
      measured: `${memory.toFixed(0)} MB`,
      ...(isLesson ? { budget: '85 MB', kept: memory <= 85 } : {}),
    },
  ];
}

/** These observations are made by hand, because labs have only two servers. */
async function fourServers(): Promise<Row> {
  const screen = openInTerminal([process.execPath, await bundled('test/bench/streaming.ts', scratch)]);
  try {
    await screen.until(({ text }) => text().includes('slave3'), 'four servers');
    await rest(2000);
    const before = cpuOf(screen.pid);
    await rest(seconds * 1000);
    const share = (cpuOf(screen.pid) - before) / (seconds * 10);
    return {
      what: 'four servers streaming, drawn twice a second: CPU',
      measured: `${share.toFixed(2)} % of a core`,
      budget: '5 %',
      kept: share <= 5,
    };
  } finally {
    await screen.close();
  }
}
