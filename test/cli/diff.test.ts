import { appendFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Cli, openCli } from './run.ts';

const password = 'Hunter2_and_more';
const hba = (cli: Cli) => join(cli.dir, 'rep/master_data/pg_hba.conf');
const sql = (cli: Cli, text: string) => cli.say(`${text}\n`, 'psql', 'master');

it('diff shows what has changed since the start of a lesson, and nothing after undo', async () => {
  await using cli = openCli();
  expect(await cli.run('goto', '4', '--yes')).toMatchObject({ status: 0 });
  expect(await cli.run('diff')).toEqual({
    status: 0,
    out: expect.stringMatching(/^Nothing has changed since the start of lesson 4 \(20\d\d-.*\)\.\n$/),
    err: '',
  });
  const starts = join(cli.dir, 'starts.json');
  expect(statSync(starts).mode & 0o777).toBe(0o600);

  appendFileSync(hba(cli), 'host replication slave 127.0.0.1/32 scram-sha-256\n');
  expect(await sql(cli, `CREATE ROLE ann LOGIN PASSWORD '${password}';`)).toMatchObject({ status: 0 });
  expect(await sql(cli, `ALTER SYSTEM SET synchronous_standby_names = 'slave1';`)).toMatchObject({ status: 0 });
  const { out, status } = await cli.run('diff');
  expect(status).toBe(0);
  expect(out).toMatch(
    /^--- rep\/master_data\/pg_hba\.conf \(start of lesson 4\)\n\+\+\+ .*\(now\)\n@@ -\d+,3 \+\d+,4 @@\n/m,
  );
  expect(added(out)).toEqual([
    "+synchronous_standby_names = 'slave1'",
    '+host replication slave 127.0.0.1/32 scram-sha-256',
    '+role ann: LOGIN PASSWORD ********',
  ]);

  const before = readFileSync(starts, 'utf8');
  const json = await cli.run('diff', 'since', '4', '--json');
  expect(JSON.parse(json.out)).toMatchObject({
    schema: 1,
    with: 'start',
    lesson: 'let-the-standby-in',
    servers: [{ server: 'master', parts: expect.any(Array), notCompared: [] }],
  });
  expect(json.out + out + before).not.toContain(password);
  expect(readFileSync(starts, 'utf8')).toBe(before);

  expect(await sql(cli, `ALTER ROLE ann PASSWORD 'another_one';`)).toMatchObject({ status: 0 });
  await cli.run('goto', '5', '--yes');
  expect((await cli.run('diff')).out).toContain('Nothing has changed since the start of lesson 5');
  expect(await cli.run('diff', 'since', '4')).toMatchObject({
    status: 3,
    err: expect.stringContaining('was not kept'),
  });
  await cli.run('undo', '--yes');
  const now = added((await cli.run('diff')).out);
  expect(now).toEqual([...added(out), '+synchronous_standby_names = slave1']); // undo has started the server again
  expect(readFileSync(starts, 'utf8')).toBe(before);
});

it('diff keeps the start of each lesson that next opens, and compares with any of them', async () => {
  await using cli = openCli();
  await cli.run();
  for (const [question, choice] of [
    ['writes', 'b'],
    ['dies', 'c'],
    ['look', 'a'],
  ] as const)
    await cli.run('answer', question, choice);
  await cli.run('next');
  expect(await cli.run('solve', '--yes')).toMatchObject({ status: 0 });
  const since1 = await cli.run('diff', 'since', '1');
  expect(since1.out).toContain('+++ master: data directory (now)\n-not there\n+a cluster\n');
  expect((await cli.run('diff', 'start')).out).toBe(since1.out.replaceAll('start of lesson 1', 'start of lesson 2'));
});

it('diff says what it cannot do', async () => {
  await using cli = openCli();
  expect(await cli.run('diff')).toMatchObject({ status: 3, err: expect.stringContaining('was not kept') });
  expect(await cli.run('diff', 'solution')).toMatchObject({ status: 3, err: expect.stringContaining('not prepared') });
  for (const args of [['since'], ['since', '99'], ['yesterday'], ['start', '3'], ['since', '3', '4']])
    expect(await cli.run('diff', ...args), args.join(' ')).toMatchObject({ status: 2, out: '' });
  expect(existsSync(cli.dir)).toBe(false);
});

const added = (out: string): readonly string[] => out.split('\n').filter((line) => /^\+(?!\+)/.test(line));
