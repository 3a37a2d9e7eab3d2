/**
 * Operations that fail, clocks that jump between operations, and signals to all programs of one: a sentence or
 * success, and nothing is lost.
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { until } from '../../src/lab/machine/until.ts';
import { everything, leftOut } from '../everything.ts';
import { type Cli, openCli, type Said } from './run.ts';

const script = resolve('dist/repl-workshop.cjs');
const file = (cli: Cli, name: string) => readFileSync(join(cli.dir, name), 'utf8');
const backups = (cli: Cli) =>
  existsSync(join(cli.dir, 'backups')) ? readdirSync(join(cli.dir, 'backups')).sort() : [];

/** Runs SQL with the program's psql, as a learner does in the lab. */
function sql(cli: Cli, text: string): Promise<string> {
  return new Promise((done) => {
    const child = execFile(process.execPath, [script, '--lab', cli.dir, 'psql', 'master'], (_error, out, err) =>
      done(out + err),
    );
    child.stdin?.end(`${text}\n`);
  });
}

/** Expects a sentence, the state from before, and no files left behind. */
function isPutBack(cli: Cli, said: Said, sees: RegExp, before: readonly string[]): void {
  expect(said).toMatchObject({ status: 3, err: expect.stringMatching(sees) });
  expect(said.err).toContain('The lab is as it was before.');
  expect(said.err).toMatch(/repl-workshop goto \d+/);
  expect(said.err).not.toContain("workshop's own. ");
  expect(JSON.parse(file(cli, 'lab.json')).moving).toBeNull();
  expect(backups(cli)).toEqual(before);
}

it('a solve from a role that cannot replicate mends the role, and undo takes it back', async () => {
  await using cli = openCli();
  await cli.run('goto', '3', '--yes');
  expect(await sql(cli, "CREATE ROLE slave LOGIN PASSWORD 'x';")).toContain('CREATE ROLE');
  const replicates = "SELECT rolname FROM pg_roles WHERE rolname = 'slave' AND rolreplication;";
  expect(await cli.run('solve', '--yes')).toMatchObject({ status: 0, err: '' });
  expect(await sql(cli, replicates)).toContain('1 row');
  await cli.run('undo', '--yes');
  expect(await sql(cli, replicates)).toContain('0 rows');
});

it('a solve on a data directory that is not empty keeps its files', async () => {
  await using cli = openCli();
  await cli.run('goto', '2', '--yes');
  mkdirSync(join(cli.dir, 'rep/master_data'), { recursive: true });
  writeFileSync(join(cli.dir, 'rep/master_data/mine.txt'), 'mine');
  expect(await cli.run('solve', '--yes')).toMatchObject({ status: 0 });
  expect(file(cli, 'rep/master_data.other/mine.txt')).toBe('mine');
});

it('a solve mends what is broken of earlier lessons, where the lesson itself is done too', async () => {
  await using cli = openCli();
  await cli.run('goto', '4', '--yes');
  await cli.run('solve', '--yes');
  await sql(cli, 'ALTER ROLE slave NOREPLICATION;');
  expect(await cli.run('check')).toMatchObject({ status: 1 });
  expect(await cli.run('solve', '--yes')).toMatchObject({ status: 0, err: '' });
  expect(await cli.run('check')).toMatchObject({ status: 0 });
  expect((await cli.run('solve', '--yes')).out).toContain('nothing left to solve');
});

it('a solve that no step leads on puts all back, and names goto', async () => {
  await using cli = openCli();
  await cli.run('goto', '3', '--yes');
  const files = join(cli.dir, 'rep/master_data/global');
  renameSync(files, `${files}.away`); // under the running server
  const [progress, before] = [file(cli, 'progress.json'), backups(cli)];
  isPutBack(cli, await cli.run('solve', '--yes'), /no longer finds its files/, before);
  expect(file(cli, 'progress.json')).toBe(progress);
  expect([existsSync(files), existsSync(`${files}.away`)]).toEqual([false, true]);
});

it.skipIf(!everything)(`a solve that creates an existing table restores everything (${leftOut})`, async () => {
  await using cli = openCli();
  await cli.run('goto', '9', '--yes');
  await sql(cli, 'CREATE TABLE visits (id int, who text);');
  const before = backups(cli);
  const solved = await cli.run('solve', '--yes');
  if (solved.status !== 0) isPutBack(cli, solved, /visits/, before);
  expect(await sql(cli, "SELECT to_regclass('visits') IS NOT NULL AS there;")).toContain('t');
});

it.skipIf(!everything)(`a solve that meets a wrong password restores everything (${leftOut})`, async () => {
  await using cli = openCli();
  await cli.run('goto', '8', '--yes');
  const auto = join(cli.dir, 'rep/slave_data/postgresql.auto.conf');
  writeFileSync(auto, readFileSync(auto, 'utf8').replace(/password=\S+/, 'password=wrong'));
  const conf = join(cli.dir, 'rep/slave_data/postgresql.conf');
  writeFileSync(conf, readFileSync(conf, 'utf8').replace(/password=[^ ']+/, 'password=wrong'));
  const before = backups(cli);
  const solved = await cli.run('solve', '--yes');
  if (solved.status !== 0) isPutBack(cli, solved, /solution/, before);
});

/** Sets the clock of a program: `AT` is a date, or milliseconds to add to the clock of the machine. */
const clock = `
  const { AT } = process.env;
  const Real = Date;
  const shift = AT.startsWith('+') ? Number(AT) : Real.parse(AT) - Real.now();
  globalThis.Date = class extends Real {
    constructor(...args) { super(...(args.length === 0 ? [Real.now() + shift] : args)); }
    static now() { return Real.now() + shift; }
  };`;

const minute = 60_000;
const day = 24 * 60 * minute;

/** Runs the program with its clock set to `time`. */
const at = (time: string, cli: Cli, ...args: string[]): Promise<Said> =>
  new Promise((done) => {
    const preload = `data:text/javascript,${encodeURIComponent(clock)}`;
    const child = execFile(
      process.execPath,
      ['--import', preload, script, '--lab', cli.dir, ...args],
      { env: { ...process.env, AT: time } },
      (_e, out, err) => done({ status: child.exitCode ?? -1, out, err }),
    );
    child.stdin?.end();
  });

it('undo restores the last operation, however the clock jumps', async () => {
  await using cli = openCli();
  const work = (text: string) => {
    mkdirSync(join(cli.dir, 'rep'), { recursive: true });
    writeFileSync(join(cli.dir, 'rep/precious.txt'), text);
  };
  for (let n = 0; n < 3; n++) expect(await at(`+${day}`, cli, 'goto', '2', '--yes')).toMatchObject({ status: 0 });
  for (const [n, time] of [
    `+${minute}`,
    '1970-01-03T00:00:00Z',
    `+${day}`,
    '2099-12-31T23:59:59Z',
    '1985-06-01T00:00:00Z',
  ].entries()) {
    work(`work ${n}`);
    const moved = await at(time, cli, 'goto', '2', '--yes');
    expect(moved).toMatchObject({ status: 0, err: expect.not.stringContaining('could not be') });
    const path = /What was before is in (\S+);/.exec(moved.out)?.[1] ?? 'none';
    expect(file(cli, `${path}/rep/precious.txt`)).toBe(`work ${n}`);
    if (n % 2 === 1) continue;
    expect(await at(n === 0 ? '1971-01-01T00:00:00Z' : `+${2 * day}`, cli, 'undo', '--yes')).toMatchObject({
      status: 0,
    });
    expect(file(cli, 'rep/precious.txt')).toBe(`work ${n}`);
  }
  writeFileSync(join(cli.dir, 'progress.json'), 'no JSON'); // it is set aside under a name with a date
  for (const time of ['1970-01-02T00:00:00Z', '1970-01-02T00:00:00Z', `+${day}`]) {
    expect((await at(time, cli, 'next')).status).toBeLessThan(3);
    writeFileSync(join(cli.dir, 'progress.json'), 'no JSON');
  }
  expect(readdirSync(cli.dir).filter((name) => name.includes('.unreadable-'))).toHaveLength(3);
});

it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  '%s to all programs of a goto that copies a server leaves no stack trace',
  async (signal) => {
    await using cli = openCli();
    await cli.run('goto', '3', '--yes');
    const progress = file(cli, 'progress.json');
    const child = spawn(process.execPath, [script, '--lab', cli.dir, 'goto', '9', '--yes'], {
      detached: true, // in its own process group, as a shell or timeout(1) starts it
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const ended = new Promise<number | null>((done) => child.on('close', done));
    const copying = () =>
      !existsSync(join(cli.dir, 'progress.json')) &&
      existsSync(join(cli.dir, 'rep/slave_data.old')) &&
      existsSync(join(cli.dir, 'rep/slave_data'));
    expect(await until(() => copying() || child.exitCode !== null, { deadlineMs: 60_000, everyMs: 1 })).toBe(true);
    process.kill(-(child.pid ?? 0), signal);
    expect([0, 3]).toContain(await ended);
    expect(said).not.toMatch(/workshop's own|ENOTEMPTY|\n\s+at /);
    expect(file(cli, 'progress.json')).toBe(progress);
    expect(JSON.parse(file(cli, 'lab.json')).moving).toBeNull();
  },
);
