/**
 * CPU until the first frame, compared with the least possible one for ink; and the time of a command without a screen.
 */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { median, ms, type Row, spread, timeOf } from './numbers.ts';
import { cpuOf, openInTerminal } from './terminal.ts';
import { lab, program, rounds, scratch, workshop } from './workshop.ts';

export async function startRows(): Promise<readonly Row[]> {
  const fromNothing = await timeOf(() => workshop('goto', '3', '--yes'));
  await workshop('goto', '4', '--yes');
  const checks: number[] = [];
  for (let round = 0; round < rounds; round++) checks.push(await timeOf(() => workshop('check')));
  return [
    { what: 'a lab from nothing: two servers made and started', measured: `${(fromNothing / 1000).toFixed(1)} s` },
    ...(await firstFrame()),
    { what: 'check, from the command to its end', measured: spread(checks) },
  ];
}

async function firstFrame(): Promise<readonly Row[]> {
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

/** The smallest ink program, bundled like the program (build.ts). */
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
