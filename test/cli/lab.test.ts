import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { until } from '../../src/lab/machine/until.ts';
import { secretsOf } from '../../src/lab/secrets/secrets.ts';
import { openCli } from './run.ts';

const json = (text: string) => JSON.parse(text);

it('the commands go through the first lesson without a terminal', async () => {
  await using cli = openCli();
  const opened = await cli.run();
  expect(opened).toMatchObject({
    status: 0,
    out: expect.stringMatching(/# What replication is.*Who takes the writes\? · not yet.*answer writes/s),
  });
  expect(await cli.run('next')).toMatchObject({ status: 1 });
  const wrong = await cli.run('answer', 'writes', 'a');
  expect(wrong.status).toBe(1);
  for (const [question, choice] of [
    ['writes', 'b'],
    ['dies', 'c'],
    ['look', 'a'],
  ]) {
    expect(await cli.run('answer', question ?? '', choice ?? '')).toMatchObject({ status: 0 });
  }
  expect(await cli.run('check')).toMatchObject({ status: 0 });
  expect(await cli.run('next')).toMatchObject({ status: 0, out: expect.stringContaining('# Two servers') });
  expect(json((await cli.run('list', '--json')).out).lessons[1]).toMatchObject({ id: 'two-servers', here: true });
});

it('commands that only read write nothing', async () => {
  await using cli = openCli();
  for (const args of [
    ['check'],
    ['check', '--all'],
    ['list'],
    ['hint'],
    ['status'],
    ['observe'],
    ['doctor'],
    ['solve', '--dry-run'],
    ['goto', '5', '--dry-run'],
    ['reset', '--all', '--dry-run'],
  ]) {
    const { status } = await cli.run(...args);
    expect([0, 1]).toContain(status);
    expect(existsSync(cli.dir)).toBe(false);
  }
});

it('goto and reset change the lab, and undo restores it', async () => {
  await using cli = openCli();
  const plan = await cli.run('goto', '4', '--dry-run');
  expect(plan.out).toContain('put the state at the start of lesson 4 in their place');
  expect(await cli.run('goto', '4', '--yes')).toMatchObject({ status: 0 });
  const checked = json((await cli.run('check', '--json')).out);
  expect(checked).toMatchObject({ schema: 1, lesson: 'let-the-standby-in', broken: [] });
  expect(checked.tasks[0].verdict).toMatchObject({ kind: 'fail', cause: 'line-missing' });
  const identifier = async () => json((await cli.run('status', '--json')).out).servers[0].systemIdentifier;
  const before = await identifier();
  const hba = join(cli.dir, 'rep/master_data/pg_hba.conf');
  writeFileSync(hba, `${readFileSync(hba, 'utf8')}host replication slave 127.0.0.1/32 scram-sha-256\n`);
  expect(await cli.run('reset', '3', '--yes')).toMatchObject({ status: 0, out: expect.stringContaining('undo') });
  expect(await identifier()).not.toBe(before);
  expect(json((await cli.run('list', '--json')).out).lessons[2]).toMatchObject({ here: true });
  expect(await cli.run('undo', '--yes')).toMatchObject({ status: 0 });
  expect(await identifier()).toBe(before);
  expect(readFileSync(hba, 'utf8')).toContain('host replication slave');
  expect(json((await cli.run('list', '--json')).out).lessons[3]).toMatchObject({ here: true });
});

it('undo goes back step by step, and redo forth again, each with the own edits of that state', async () => {
  await using cli = openCli();
  const hba = join(cli.dir, 'rep/master_data/pg_hba.conf');
  const lastLine = () => (existsSync(hba) ? readFileSync(hba, 'utf8').trimEnd().split('\n').at(-1) : 'no lab');
  const work = async (lesson: string, line: string) => {
    expect(await cli.run('goto', lesson, '--yes')).toMatchObject({ status: 0 });
    appendFileSync(hba, `${line}\n`);
  };
  await work('3', '# one');
  await work('4', '# two');
  await work('3', '# three');
  for (const line of ['# two', '# one', 'no lab']) {
    expect(await cli.run('undo', '--yes')).toMatchObject({ status: 0 });
    expect(lastLine()).toBe(line);
  }
  expect(await cli.run('undo', '--yes')).toMatchObject({ status: 2, err: expect.stringContaining('nothing to undo') });
  for (const line of ['# one', '# two']) {
    expect(await cli.run('redo', '--yes')).toMatchObject({ status: 0 });
    expect(lastLine()).toBe(line);
  }
  expect(json((await cli.run('list', '--json')).out).lessons[3]).toMatchObject({ here: true });
  expect((await cli.run('reset', '4', '--dry-run')).out).toContain('bring back the step that you have undone');
  expect(await cli.run('reset', '4', '--yes')).toMatchObject({ status: 0 });
  expect(await cli.run('redo', '--yes')).toMatchObject({ status: 2, err: expect.stringContaining('nothing to redo') });
});

it('a snapshot keeps a running lab under a name, and is restored as often as wanted', async () => {
  await using cli = openCli();
  await cli.run('goto', '3', '--yes');
  const hba = join(cli.dir, 'rep/master_data/pg_hba.conf');
  const text = readFileSync(hba, 'utf8');
  expect(await cli.run('snapshot', 'save', 'mine')).toMatchObject({ status: 0, out: expect.stringMatching(/\d+ MB/) });
  expect(await cli.run('snapshot', 'save', 'mine')).toMatchObject({
    status: 2,
    err: expect.stringContaining('already'),
  });
  for (const name of ['a b', '../x', ''])
    expect(await cli.run('snapshot', 'save', name)).toMatchObject({ status: 2, err: expect.stringContaining('name') });
  for (const change of ['# one\n', '# two\n']) {
    writeFileSync(hba, change);
    expect(await cli.run('snapshot', 'restore', 'mine', '--yes')).toMatchObject({ status: 0 });
    expect(readFileSync(hba, 'utf8')).toBe(text);
    expect(json((await cli.run('status', '--json')).out).servers[0]).toMatchObject({ state: 'up' });
  }
  await cli.run('undo', '--yes');
  expect(readFileSync(hba, 'utf8')).toBe('# two\n');
  expect(json((await cli.run('snapshot', 'list', '--json')).out)).toMatchObject({
    snapshots: [{ name: 'mine' }],
    undo: [{ about: 'snapshot restore mine' }, { about: 'goto 3' }],
    redo: [{ about: 'snapshot restore mine' }],
  });
  expect(await cli.run('snapshot', 'drop', 'other', '--yes')).toMatchObject({
    status: 2,
    err: expect.stringContaining('mine'),
  });
  expect(await cli.run('snapshot', 'drop', 'mine', '--yes')).toMatchObject({ status: 0 });
  expect((await cli.run('snapshot', 'list')).out).toContain('no snapshots');
});

it('reset repairs a half-broken lab', async () => {
  await using cli = openCli();
  await cli.run('goto', '3', '--yes');
  writeFileSync(join(cli.dir, 'rep/master_data/PG_VERSION'), 'garbage');
  writeFileSync(join(cli.dir, 'rep/slave_data/postgresql.conf'), "this is 'broken\n");
  writeFileSync(join(cli.dir, 'rep/slave_data/postmaster.pid'), 'x');
  expect(await cli.run('reset', '3', '--yes')).toMatchObject({ status: 0 });
  expect(
    json((await cli.run('check', '2', '--json')).out).tasks.map(
      ({ verdict }: { verdict: { kind: string } }) => verdict.kind,
    ),
  ).toEqual(['pass', 'pass', 'pass', 'pass']);
});

it('check reports a prerequisite that is broken again', async () => {
  await using cli = openCli();
  await cli.run('goto', '4', '--yes');
  await cli.run('psql', 'nobody');
  const drop = await import('../../src/lab/machine/run.ts');
  const port = json(readFileSync(join(cli.dir, 'lab.json'), 'utf8')).plan.servers[0].port;
  const psql = await drop.run({
    command: join(cli.dir, 'bin/psql'),
    args: ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', '-c', 'ALTER ROLE slave NOREPLICATION'],
    env: { ...process.env, PGPASSFILE: join(cli.dir, 'shell/pgpass') } as Record<string, string>,
  });
  expect(psql).toMatchObject({ status: 0, stdout: 'ALTER ROLE\n' });
  const checked = await cli.run('check', '--json');
  expect(checked.status).toBe(1);
  expect(json(checked.out).broken).toMatchObject([
    { task: 'a-role-for-the-standby/role', verdict: { cause: 'no-replication' } },
  ]);
});

it('check writes a JUnit file', async () => {
  await using cli = openCli();
  await cli.run('--plain');
  const file = join(cli.dir, 'junit.xml');
  await cli.run('check', '--junit', file);
  expect(readFileSync(file, 'utf8')).toMatch(
    /<testsuite name="what-replication-is" tests="3" failures="1" errors="0" skipped="2">/,
  );
});

it('no command prints a password', async () => {
  await using cli = openCli();
  await cli.run('goto', '8', '--yes');
  await cli.run('solve', '--yes');
  const secrets = secretsOf(json(readFileSync(join(cli.dir, 'lab.json'), 'utf8')).plan);
  for (const args of [
    ['check', '--all', '--json'],
    ['check', '7'],
    ['observe'],
    ['status', '--json'],
    ['logs', 'slave'],
    ['logs', 'master'],
    ['doctor'],
  ]) {
    const { out, err } = await cli.run(...args);
    expect(out.length).toBeGreaterThan(10);
    expect(out + err).not.toMatch(/SCRAM-SHA-256\$\d/);
    for (const secret of secrets) expect(out + err).not.toContain(secret);
  }
});

it.each([50, 400, 900, 1600, 2600])('a goto that is killed after %i ms loses nothing', async (ms) => {
  await using cli = openCli();
  await cli.run('goto', '3', '--yes');
  const before = readFileSync(join(cli.dir, 'progress.json'), 'utf8');
  const identifier = async () => json((await cli.run('status', '--json')).out).servers[0].systemIdentifier;
  const master = await identifier();
  const child = spawn(process.execPath, [resolve('dist/repl-workshop.cjs'), '--lab', cli.dir, 'goto', '5', '--yes'], {
    stdio: 'ignore',
  });
  const ended = new Promise((done) => child.on('exit', done));
  const timer = setTimeout(() => child.kill('SIGKILL'), ms); // at another point of the goto for each time
  await ended;
  clearTimeout(timer);
  const opened = await cli.run('--plain');
  expect(opened.status).toBe(0);
  if (child.signalCode === null)
    return expect(json(readFileSync(join(cli.dir, 'progress.json'), 'utf8')).lesson).toBe('clone-the-master');
  const after = json(readFileSync(join(cli.dir, 'progress.json'), 'utf8'));
  if (after.lesson === 'clone-the-master') return; // the goto had just finished
  expect(json(before).done).toMatchObject(
    Object.fromEntries(Object.keys(json(before).done).map((key) => [key, after.done[key]])),
  );
  expect(await identifier()).toBe(master);
  expect(json(readFileSync(join(cli.dir, 'lab.json'), 'utf8')).moving).toBeNull();
  const checked = await cli.run('check', '2');
  expect(checked.status, `${opened.err}${checked.out}${checked.err}`).toBe(0);
});

it('the settings are restored after a measurement was killed', async () => {
  await using cli = openCli();
  expect(await cli.run('goto', '12', '--yes')).toMatchObject({ status: 0 });
  expect(await cli.run('check', '10')).toMatchObject({ status: 0 });
  const auto = join(cli.dir, 'rep/slave_data/postgresql.auto.conf');
  const before = readFileSync(auto, 'utf8');
  const child = spawn(
    process.execPath,
    [resolve('dist/repl-workshop.cjs'), '--lab', cli.dir, 'measure', '--distance', '20', '--commits', '1000'],
    { stdio: 'ignore' },
  );
  expect(await until(() => readFileSync(auto, 'utf8') !== before, { deadlineMs: 20_000 })).toBe(true);
  child.kill('SIGKILL');
  await new Promise((done) => child.on('exit', done));
  const opened = await cli.run('up');
  expect(opened.err).toContain('A measurement was interrupted');
  expect(readFileSync(auto, 'utf8')).toBe(before);
  expect(
    await until(async () => (await cli.run('check', '10')).status === 0, { deadlineMs: 20_000, everyMs: 300 }),
  ).toBe(true);
});

it("a measurement with a distance works while another program has the relay's port", async () => {
  await using cli = openCli();
  expect(await cli.run('goto', '12', '--yes')).toMatchObject({ status: 0 });
  const { relayPort } = json(readFileSync(join(cli.dir, 'lab.json'), 'utf8')).plan;
  const other = createServer((socket) => socket.destroy()).listen(relayPort, '127.0.0.1');
  await once(other, 'listening');
  const measured = await cli.run('measure', '--distance', '5', '--commits', '5', '--json');
  other.close();
  expect(measured, measured.err).toMatchObject({ status: 0 });
  expect(json(measured.out)).toMatchObject({ distance: 5 });
});

it('two operations at one time wait for each other, or name the program at work', async () => {
  await using cli = openCli();
  const both = await Promise.all([cli.run('goto', '2', '--yes'), cli.run('goto', '3', '--yes')]);
  for (const said of both) expect(said, said.err).toMatchObject({ status: 0 });
  expect(readdirSync(cli.dir).filter((name) => name.endsWith('.lock'))).toEqual([]);
  expect(statSync(join(cli.dir, 'progress.json')).mode & 0o077).toBe(0);
});

it.skipIf(process.getuid?.() !== 0)(
  "servers start in a rep/ that comes back with another user's group (needs root)",
  async () => {
    await using cli = openCli();
    chmodSync(dirname(cli.dir), 0o755); // so that the servers' user can enter the lab
    await cli.run('goto', '3', '--yes');
    await cli.run('goto', '2', '--yes');
    const rep = join(cli.dir, 'backups/0002-goto-2/rep');
    chownSync(rep, 0, 0);
    chmodSync(rep, 0o700);
    expect(await cli.run('undo', '--yes')).toMatchObject({ status: 0 });
    expect((await cli.run('status')).out).toMatch(/master :\d+ +up, primary.*\nslave :\d+ +up, primary/);
  },
);

it('root clones and streams as an unused user, also where it may make no namespaces', async ({ skip }) => {
  if (process.getuid?.() !== 0) return skip('only root has to become somebody else');
  const tools = mkdtempSync(join(tmpdir(), 'rw-'));
  writeFileSync(join(tools, 'unshare'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  await using cli = openCli({ PATH: `${tools}:${process.env.PATH}` });
  chmodSync(dirname(cli.dir), 0o755); // so that this user can enter the lab
  expect(await cli.run('goto', '9', '--yes')).toMatchObject({ status: 0 });
  const { servers } = json((await cli.run('status', '--json')).out);
  expect(servers).toMatchObject([{ role: 'primary', standbys: [{ state: 'streaming' }] }, { role: 'standby' }]);
  expect(statSync(join(cli.dir, 'rep/slave_data')).uid).toBeGreaterThanOrEqual(65_520);
  await cli.run('down');
  rmSync(tools, { recursive: true });
});
