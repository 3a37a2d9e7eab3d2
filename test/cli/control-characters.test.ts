/** Hostile text is put into every input; no output contains a control byte of it that a terminal would interpret. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from './run.ts';

const hostile = [
  'A\u001b]52;c;aGFja2Vk\u001b\\\u001bcZ',
  'A\u001b\u001b[2J]52;x\u001b[\u001b[2J2JZ',
  'A\u001bPtmux;\u001b\u001b]0;P\u0007\u001b\\\u001b_x\u001b\\Z',
  'A\u009b2J\u009d0;x\u009c\u0085Z',
  'A\b\b\r\u000e\u007f\u0007Z',
  'A\u202e\u2066\u200f\u061c\u200b\ufeff\u2028\u2029Z',
  'A</code><script>alert(1)</script>`|[x](http://x)&"\'Z\u001b[31m',
];
const bytes = /[^\P{C}\n\t]|[\u2028\u2029]/u;

let tried = 0;
function isClean(output: string, what: string) {
  tried++;
  const at = output.search(bytes);
  expect(at === -1 ? '' : JSON.stringify(output.slice(Math.max(0, at - 20), at + 20)), what).toBe('');
}

let dir: string;
let lab: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'rw-bytes-'));
  lab = join(dir, 'lab');
});
afterAll(() => {
  rmSync(dir, { recursive: true });
  console.log(`${tried} outputs`);
});

const run = async (...args: string[]) => {
  const said = await runProgram(['--lab', lab, ...args], { HOME: dir });
  isClean(said.out, `out of ${JSON.stringify(args)}`);
  isClean(said.err, `err of ${JSON.stringify(args)}`);
  return said;
};
const program = (args: readonly string[], input: string | Buffer) =>
  spawnSync(process.execPath, [resolve('dist/repl-workshop.cjs'), ...args], {
    input,
    encoding: 'utf8',
    env: { ...process.env, HOME: dir },
    maxBuffer: 1 << 28,
  });

const lines = (text: string) =>
  [
    `FATAL:  role "${text}" does not exist`,
    `FATAL:  no pg_hba.conf entry for replication connection from host "127.0.0.1", user "${text}", no encryption`,
    `FATAL:  password authentication failed for user "${text}"`,
    `ERROR:  relation "${text}" does not exist at character 15`,
    `LOG:  parameter "primary_conninfo" changed to "user=${text}"`,
    `LOG:  ${text}`,
  ].map((line) => `2026-11-30 07:32:55.279 UTC [1] ${line}`);

const all = hostile.join('');

it('no control character of an explained log is printed, as text, as JSON or in the story', () => {
  const log = hostile.flatMap((text) => lines(text)).join('\n');
  for (const how of [[], ['--json'], ['--only', 'trouble']]) {
    const said = program(['explain', ...how], `${log}\n`);
    isClean(said.stdout, how.join());
    if (how[0] === '--json') for (const each of said.stdout.trim().split('\n')) JSON.parse(each);
    expect(said.stdout).not.toMatch(/CREATE ROLE A/);
  }
});

it('no control character of typed arguments and input is printed', async () => {
  const asked: readonly (readonly string[])[] = [
    [all],
    [`--${all}`],
    ['--lab', join(dir, all.replaceAll('/', '')), 'list'],
    ['goto', all],
    ['explain', all],
    ['logs', all],
    ['answer', all, all],
    ['--pg', all, 'check'],
    ['--bindir', all, 'check'],
    ['--engine', all, 'check'],
    ['client', all],
    ['report', '--md', join(dir, all, 'x.md')],
    ['explain', '--only', all],
    ['measure', '--distance', all],
  ];
  for (const args of asked) await run(...args);
});

it("no control character of a lab's files is printed", async () => {
  await run('goto', '4', '--yes');
  for (const [file, line] of [
    ['rep/master_data/postgresql.conf', `cluster_name = '${all.replaceAll("'", "''")}'\n${all}\n`],
    ['rep/master_data/pg_hba.conf', `host replication "${all}" 127.0.0.1/32 ${all}\n`],
    ['rep/master_data/postgresql.auto.conf', `primary_conninfo = 'user=${all.replaceAll("'", "''")}'\n`],
  ] as const)
    writeFileSync(join(lab, file), line, { flag: 'a' });
  writeFileSync(join(lab, 'logs/master.log'), `${lines(all).join('\n')}\n`, { flag: 'a' });
  for (const args of [
    ['check', '--all'],
    ['check', '--json'],
    ['status'],
    ['hint'],
    ['observe'],
    ['report', '--json'],
    ['report', '--md', '-'],
    ['logs', 'master'],
  ])
    await run(...args);
  await run('check', '--junit', join(dir, 'junit.xml'));
  isClean(readFileSync(join(dir, 'junit.xml'), 'utf8'), 'junit');
  const html = (await run('report', '--html', '/dev/stdout')).out;
  expect(html).toContain('</html>');
  expect(html).not.toContain('<script');
  await run('down');
});

describe('a log that is no plain text', () => {
  const log = `${lines('nobody').join('\n')}\n`;
  const wanted = () => program(['explain'], log).stdout;

  it.each([
    ['UTF-16 of Windows', Buffer.from(`\ufeff${log}`, 'utf16le')],
    ['UTF-16 the other way', Buffer.from(`\ufeff${log}`, 'utf16le').swap16()],
    ['UTF-16 without a mark', Buffer.from(log, 'utf16le')],
    ['gzip', gzipSync(log)],
    ['gzip in UTF-16', gzipSync(Buffer.from(`\ufeff${log}`, 'utf16le'))],
  ])('a log in %s is read as the plain one', (_, input) => {
    expect(program(['explain'], input).stdout).toBe(wanted());
    writeFileSync(join(dir, 'a.log'), input);
    expect(program(['explain', join(dir, 'a.log')], '').stdout).toBe(wanted());
    expect(program(['explain', '-'], input).stdout).toBe(wanted());
  });

  it('a log that is compressed otherwise or truncated is refused with a sentence', () => {
    expect(program(['explain'], Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 1, 2]))).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('zstd'),
    });
    expect(program(['explain'], gzipSync(log.repeat(50)).subarray(0, 60))).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('its end is missing'),
    });
    mkdirSync(join(dir, 'folder'), { recursive: true });
    execFileSync('mkfifo', [join(dir, 'fifo')]);
    for (const name of ['folder', 'fifo'])
      expect(program(['explain', join(dir, name)], '')).toMatchObject({ status: 2 });
  });

  it.runIf(process.platform === 'linux')('explain fails when its output cannot be written (needs Linux)', () => {
    for (const args of ['explain', 'explain --json'])
      expect(
        spawnSync('sh', ['-c', `"${process.execPath}" dist/repl-workshop.cjs ${args} >/dev/full`], {
          input: log,
          encoding: 'utf8',
        }),
      ).toMatchObject({
        status: 3,
        stderr: expect.stringContaining('could not be written'),
      });
  });
});
