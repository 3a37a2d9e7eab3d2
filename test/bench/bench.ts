/** `npm run bench`: what the program costs, beside its budgets. Numbers of one run, on this machine; never a test. */
import { execFile } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { bundled } from './bundle.ts';
import { dockerRows } from './docker.ts';
import { explainRows } from './explain.ts';
import { floodRows } from './flood.ts';
import { logRows } from './log-view.ts';
import type { Looks } from './look.ts';
import { median, ms, p95, type Row, spread } from './numbers.ts';
import { canMeasureProcesses, cpuOf, memoryOf, openInTerminal, type Screen } from './terminal.ts';

const program = [process.execPath, resolve('dist/repl-workshop.cjs')];
const scratch = mkdtempSync(join(tmpdir(), 'repl-workshop-bench-'));
const lab = join(scratch, 'lab');
const rounds = 9;

if (!canMeasureProcesses) throw new Error('The bench reads /proc, so it runs on Linux only.');
async function bench(): Promise<void> {
  print({ what: 'what', measured: 'measured', budget: 'budget' });
  for (const row of await explainRows(program, scratch)) print(row);
  print(await labFromNothing());
  await workshop('goto', '4', '--yes');
  for (const row of await startUp()) print(row);
  print(await checkLatency());
  print(await aLook());
  print(await fourServers());
  for (const row of await logRows(program, lab)) print(row);
  for (const row of await floodRows([...program, '--lab', lab])) print(row);
  await onScreen();
  for (const row of await dockerRows(program, scratch)) print(row);
}

async function onScreen(): Promise<void> {
  await using screen = await openWorkshop();
  for (const row of await atRest(screen)) print(row);
  for (const row of await keyToBytes(screen)) print(row);
  print(await savedToVerdict(screen));
  print(await sqlToVerdict(screen));
  print(await killedToVerdict(screen));
}

async function labFromNothing(): Promise<Row> {
  const before = performance.now();
  await workshop('goto', '3', '--yes');
  return {
    what: 'a lab from nothing: two servers made and started',
    measured: `${((performance.now() - before) / 1000).toFixed(1)} s`,
  };
}

/** CPU of Node.js until the first frame stands, against the least that a program of this kind can do. */
async function startUp(): Promise<readonly Row[]> {
  const hello = await inkHelloWorld();
  const nothing: number[] = [];
  const least: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round < rounds; round++) {
    nothing.push(await cpuUntil([process.execPath, '-e', 'setInterval(() => 0, 1e6); console.log("hello")'], 'hello'));
    least.push(await cpuUntil([process.execPath, hello], 'hello'));
    ours.push(await cpuUntil([...program, '--lab', lab], 'quit'));
  }
  const ratio = median(ours) / median(least);
  return [
    { what: 'CPU to the first frame: node alone', measured: ms(median(nothing)) },
    { what: 'CPU to the first frame: ink, "hello"', measured: ms(median(least)) },
    {
      what: 'CPU to the first frame: the workshop',
      measured: `${ms(median(ours))}, ${ratio.toFixed(2)} x ink`,
      budget: '2 x ink',
      kept: ratio <= 2,
    },
  ];
}

async function cpuUntil(argv: readonly string[], word: string): Promise<number> {
  const screen = openInTerminal(argv);
  try {
    await screen.until(({ text }) => text().includes(word), `"${word}"`);
    return cpuOf(screen.pid);
  } finally {
    await screen.close();
  }
}

/** Bundled the same way as the program (build.ts). */
async function inkHelloWorld(): Promise<string> {
  const entry = join(scratch, 'hello.mjs');
  writeFileSync(
    entry,
    "import { createElement } from 'react';\nimport { render, Text } from 'ink';\nrender(createElement(Text, null, 'hello'));\nsetInterval(() => 0, 1e6);\n",
  );
  const outfile = join(scratch, 'hello/main.mjs');
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    minify: true,
    nodePaths: [resolve('node_modules')],
    external: ['react-devtools-core'],
    define: { 'process.env.NODE_ENV': '"production"' },
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
    plugins: [
      {
        name: 'absent',
        setup(b) {
          b.onResolve({ filter: /^react-devtools-core$/ }, ({ path }) => ({ path, namespace: 'absent' }));
          b.onLoad({ filter: /.*/, namespace: 'absent' }, () => ({ contents: 'export default {}' }));
        },
      },
    ],
  });
  return outfile;
}

async function checkLatency(): Promise<Row> {
  const times = await repeat(async () => {
    const before = performance.now();
    await workshop('check');
    return performance.now() - before;
  });
  return { what: 'check, from the command to its end', measured: spread(times) };
}

async function openWorkshop(): Promise<Screen & AsyncDisposable> {
  const screen = openInTerminal([...program, '--lab', lab]);
  await screen.until(({ text }) => text().includes('quit'), 'first frame');
  await quiet(screen);
  return { ...screen, [Symbol.asyncDispose]: () => screen.close() };
}

async function atRest(screen: Screen): Promise<readonly Row[]> {
  const seconds = 10;
  let bytes = 0;
  let share = 0;
  for (let round = 0; round < 4; round++) {
    await rest(Math.max(0, new Date().getSeconds() - 45) * 1000); // the clock of the title moves once a minute
    const before = { cpu: cpuOf(screen.pid), bytes: screen.written() };
    await rest(seconds * 1000);
    share = (cpuOf(screen.pid) - before.cpu) / (seconds * 10);
    bytes = screen.written() - before.bytes;
    if (bytes === 0) break; // else a server wrote to its log, a checkpoint for example: that was no rest
  }
  const memory = memoryOf(screen.pid);
  return [
    { what: 'memory of the program', measured: `${memory.toFixed(0)} MB`, budget: '85 MB', kept: memory <= 85 },
    {
      what: `at rest, two servers, ${seconds} s: CPU`,
      measured: `${share.toFixed(2)} % of a core`,
      budget: '1.5 %',
      kept: share <= 1.5,
    },
    {
      what: `at rest, two servers, ${seconds} s: written`,
      measured: `${bytes} bytes`,
      budget: '0 bytes',
      kept: bytes === 0,
    },
  ];
}

/** Help, lessons and another pane, with their ways back; and Esc, which ink holds for 20 ms, in case it is the beginning of another key. */
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

/** Observe, and judge what is watched; the first few also load and parse everything. */
async function aLook(): Promise<Row> {
  const { stdout } = await run(process.execPath, [await bundled('test/bench/look.ts', scratch), lab, '25'], {
    env: process.env,
  });
  const { cpuMs, wallMs }: Looks = JSON.parse(stdout);
  const cpu = median(cpuMs.slice(5));
  return {
    what: 'a look at two servers: CPU',
    measured: `${cpu.toFixed(1)} ms (it takes ${ms(median(wallMs.slice(5)))})`,
    budget: '20 ms',
    kept: cpu <= 20,
  };
}

/** A lab has two servers so far, so these observations are made by hand. */
async function fourServers(): Promise<Row> {
  const seconds = 10;
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

/** The master's pg_hba.conf is saved; the tasks of lesson 4 look at it. */
async function savedToVerdict(screen: Screen): Promise<Row> {
  const file = join(lab, 'rep/master_data/pg_hba.conf');
  const before = readFileSync(file, 'utf8');
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    times.push(
      await answerTo(screen, () => appendFileSync(file, 'host replication slave 127.0.0.1/32 scram-sha-256\n')),
    );
    times.push(await answerTo(screen, () => writeFileSync(file, before)));
  }
  return {
    what: 'a file saved to its verdict on the screen',
    measured: spread(times),
    budget: 'median 250 ms',
    kept: median(times) <= 250,
  };
}

/** The role of lesson 3 goes and comes back: nothing tells the workshop but its next look. */
async function sqlToVerdict(screen: Screen): Promise<Row> {
  const times: number[] = [];
  for (const role of ['NOREPLICATION', 'REPLICATION', 'NOREPLICATION', 'REPLICATION']) {
    const statement = `ALTER ROLE slave ${role}`;
    const { master } = await ports();
    let done = 0;
    const answered = await answerTo(screen, async () => {
      const started = performance.now();
      await run(join(lab, 'bin/psql'), ['-h', '127.0.0.1', '-p', String(master), '-U', 'postgres', '-c', statement], {
        env: { ...process.env, PGPASSWORD: 'master_pass' },
      });
      done = performance.now() - started;
    });
    times.push(answered - done);
  }
  return {
    what: 'a deed that only a look can see (SQL)',
    measured: spread(times),
    budget: '1500 ms',
    kept: median(times) <= 1500,
  };
}

async function killedToVerdict(screen: Screen): Promise<Row> {
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    const pid = Number(readFileSync(join(lab, 'rep/slave_data/postmaster.pid'), 'utf8').split('\n')[0]);
    times.push(await answerTo(screen, () => void process.kill(pid, 'SIGKILL')));
    while ((await workshop('up')).status !== 0) await rest(200); // until the last process of the killed server has gone
    await quiet(screen);
  }
  return {
    what: 'a killed server to its verdict',
    measured: spread(times),
    budget: '400 ms',
    kept: median(times) <= 400,
  };
}

/** From the deed to the first bytes that the workshop writes because of it. */
async function answerTo(screen: Screen, deed: () => void | Promise<void>): Promise<number> {
  await quiet(screen);
  const before = screen.written();
  const begun = performance.now();
  const answered = screen.until(({ written }) => written() > before, 'answer');
  await deed();
  return (await answered) - begun;
}

/** Half a second without a byte. */
async function quiet(screen: Screen): Promise<void> {
  for (;;) {
    const before = screen.written();
    await rest(500);
    if (screen.written() === before) return;
  }
}

async function ports(): Promise<Readonly<Record<string, number>>> {
  const { servers } = JSON.parse((await workshop('status', '--json')).stdout) as {
    servers: { name: string; port: number }[];
  };
  return Object.fromEntries(servers.map(({ name, port }) => [name, port]));
}

type Ran = { readonly status: number; readonly stdout: string };

function workshop(...args: readonly string[]): Promise<Ran> {
  const [node = '', ...rest] = program;
  return run(node, [...rest, ...args, '--lab', lab], { env: { ...process.env, CI: 'true' } });
}

/** "Not yet" (status 1) is an answer. */
async function run(file: string, args: readonly string[], options: { env: NodeJS.ProcessEnv }): Promise<Ran> {
  try {
    const { stdout } = await promisify(execFile)(file, [...args], options);
    return { status: 0, stdout };
  } catch (error) {
    const { code, stdout } = error as { code?: unknown; stdout: string };
    if (code === 1 && stdout !== '') return { status: 1, stdout };
    throw error;
  }
}

async function repeat(measure: () => Promise<number>): Promise<readonly number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push(await measure());
  return times;
}

function print({ what, measured, budget = '', kept }: Row): void {
  console.log(
    `${what.padEnd(58)}${measured.padEnd(36)}${budget.padEnd(26)}${kept === undefined ? '' : kept ? 'kept' : 'OVER'}`,
  );
}

try {
  await bench();
} finally {
  if (existsSync(lab)) await workshop('down');
  rmSync(scratch, { recursive: true, force: true });
}
