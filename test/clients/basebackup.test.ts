import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basebackup } from '../../src/clients/basebackup/basebackup.ts';
import {
  debian15,
  embedded,
  missing,
  openConsole,
  runAsUser,
  scratch,
  startPrimary,
  TestServer,
  until,
} from './servers.ts';

const dir = scratch();
const absent15 = missing(join(debian15, 'postgres'));
const majors = [
  { major: 18, bin: embedded, port: 5622, standby: 5624 },
  ...(absent15 ? [] : [{ major: 15, bin: debian15, port: 5623, standby: 5625 }]),
];
const primaries = new Map<number, TestServer>();

beforeAll(async () => {
  await Promise.all(
    majors.map(async ({ major, bin, port }) => {
      const server = await startPrimary(bin, join(dir.path, `primary${major}`), port);
      primaries.set(major, server);
      await server.query('CREATE TABLE visits (who text)', 'master');
      await server.query("CREATE ROLE plain LOGIN PASSWORD 'plain_pass'");
      appendFileSync(join(server.dir, 'pg_hba.conf'), 'host replication plain 127.0.0.1/32 scram-sha-256\n');
      await server.query('SELECT pg_reload_conf()');
    }),
  );
});
afterAll(async () => {
  for (const server of primaries.values()) await server.stop();
  await dir[Symbol.asyncDispose]();
});

const primary = (major: number): TestServer => {
  const server = primaries.get(major);
  if (!server) throw new Error(`no server of ${major}`);
  return server;
};

const env = { PGPASSWORD: 'slave_pass' };

async function ours(args: readonly string[], more: Record<string, string> = {}) {
  const io = openConsole({ ...env, ...more });
  const status = await basebackup(args, io);
  return { status, stdout: io.out(), stderr: io.err() };
}

function real(args: readonly string[], more: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(join(debian15, 'pg_basebackup'), args, {
    encoding: 'utf8',
    env: { LANG: 'C.UTF-8', HOME: '/nonexistent', ...env, ...more },
  });
  return { status, stdout, stderr: stderr.replaceAll(`${debian15}/`, '') };
}

const where = (port: number, user = 'slave') => ['-h', '127.0.0.1', '-p', String(port), '-U', user];

describe.each(majors)('from a server of $major', ({ major, bin, port, standby }) => {
  const receives = (name: string) =>
    until(
      'the standby',
      async () =>
        (
          await primary(major).query(
            `SELECT FROM pg_stat_replication WHERE application_name = '${name}' AND state = 'streaming'`,
          )
        ).length === 1,
    );

  test(`a copy of the small pg_basebackup from ${major} starts as a standby, streams, and has the rows`, async () => {
    const copy = join(dir.path, `copy${major}`);
    await primary(major).query("INSERT INTO visits VALUES ('before')", 'master');
    expect(await ours([...where(port), '-D', copy, '-X', 'stream', '-c', 'fast'])).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
    expect(statSync(copy).mode & 0o777).toBe(0o700);
    expect(statSync(join(copy, 'PG_VERSION')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(copy, 'backup_label'), 'utf8')).toContain('LABEL: pg_basebackup base backup\n');
    expect(existsSync(join(copy, 'standby.signal'))).toBe(false);
    expect(readdirSync(join(copy, 'pg_wal')).filter((name) => /^[0-9A-F]{24}$/.test(name))).not.toEqual([]);
    appendFileSync(
      join(copy, 'postgresql.conf'),
      `port = ${standby}\nprimary_conninfo = 'host=127.0.0.1 port=${port} user=slave password=slave_pass application_name=slave1'\n`,
    );
    writeFileSync(join(copy, 'standby.signal'), '');
    await using server = new TestServer(bin, copy, standby);
    await server.start();
    await receives('slave1');
    await primary(major).query("INSERT INTO visits VALUES ('after')", 'master');
    await until('both rows', async () => (await server.query('SELECT FROM visits', 'master')).length === 2);
    expect(server.log).toMatch(/starting backup recovery|consistent recovery state reached/);
  });

  test(`a copy of the small pg_basebackup from ${major} is complete: it starts without its master`, async () => {
    const copy = join(dir.path, `alone${major}`);
    expect((await ours([...where(port), '-D', copy, '-X', 'fetch', '-c', 'fast'])).status).toBe(0);
    appendFileSync(join(copy, 'postgresql.conf'), `port = ${standby}\n`);
    await using server = new TestServer(bin, copy, standby);
    await server.start();
    expect(await server.query('SELECT pg_is_in_recovery()')).toEqual([{ pg_is_in_recovery: false }]);
  });

  test(`pg_basebackup -R with its own slot from ${major} follows at once, and the slot keeps the WAL`, async () => {
    const copy = join(dir.path, `slot${major}`);
    mkdirSync(copy);
    const made = await ours([
      '-d',
      `host=127.0.0.1 port=${port} user=slave application_name=s1`,
      '-D',
      copy,
      '-R',
      '-C',
      '-S',
      'slot1',
      '-c',
      'fast',
      '-v',
      '-P',
    ]);
    expect(made.status).toBe(0);
    expect(made.stderr).toMatch(
      /^pg_basebackup: initiating base backup, waiting for checkpoint to complete\npg_basebackup: checkpoint completed\npg_basebackup: write-ahead log start point: \S+ on timeline 1\n( *\d+\/\d+ kB \(\d+%\), 0\/1 tablespace\n)+(\d+)\/\2 kB \(100%\), 1\/1 tablespace\npg_basebackup: write-ahead log end point: \S+\npg_basebackup: syncing data to disk \.\.\.\npg_basebackup: base backup completed\n$/,
    );
    const auto = readFileSync(join(copy, 'postgresql.auto.conf'), 'utf8');
    expect(auto).toContain(
      `primary_conninfo = 'user=slave password=slave_pass host=127.0.0.1 port=${port} application_name=s1'`,
    );
    expect(auto).toContain("primary_slot_name = 'slot1'\n");
    appendFileSync(join(copy, 'postgresql.conf'), `port = ${standby}\n`);
    const [slot] = await primary(major).query(
      "SELECT restart_lsn IS NOT NULL AS kept FROM pg_replication_slots WHERE slot_name = 'slot1'",
    );
    expect(slot).toEqual({ kept: true });
    await using server = new TestServer(bin, copy, standby);
    await server.start();
    await receives('s1');
    await server.stop();
    await until(
      'a free slot',
      async () => (await primary(major).query('SELECT FROM pg_replication_slots WHERE active')).length === 0,
    );
    await primary(major).query("SELECT pg_drop_replication_slot('slot1')");
  });

  test(`pg_basebackup from ${major} accepts an existing slot, and refuses a missing one`, async () => {
    await primary(major).query("SELECT pg_create_physical_replication_slot('waiting')");
    const copy = join(dir.path, `held${major}`);
    expect((await ours([...where(port), '-D', copy, '-S', 'waiting', '-c', 'fast', '-N'])).status).toBe(0);
    await until(
      'a free slot',
      async () => (await primary(major).query('SELECT FROM pg_replication_slots WHERE active')).length === 0,
    );
    expect(
      await primary(major).query(
        "SELECT restart_lsn IS NOT NULL AS kept FROM pg_replication_slots WHERE slot_name = 'waiting'",
      ),
    ).toEqual([{ kept: true }]);
    await primary(major).query("SELECT pg_drop_replication_slot('waiting')");
    const refused = join(dir.path, `noslot${major}`);
    expect(await ours([...where(port), '-D', refused, '-S', 'noslot', '-c', 'fast'])).toEqual({
      status: 1,
      stdout: '',
      stderr: `pg_basebackup: removing data directory "${refused}"\npg_basebackup: error: could not send replication command "START_REPLICATION": ERROR:  replication slot "noslot" does not exist\n`,
    });
    expect(existsSync(refused)).toBe(false);
  });

  test(`pg_basebackup from ${major} refuses tablespaces, and leaves nothing`, async () => {
    const place = join(dir.path, `space${major}`);
    mkdirSync(place);
    await primary(major).query(`CREATE TABLESPACE elsewhere LOCATION '${place}'`);
    const copy = join(dir.path, `spaced${major}`);
    mkdirSync(copy);
    const { status, stderr } = await ours([...where(port), '-D', copy, '-c', 'fast']);
    expect(status).toBe(1);
    expect(stderr).toContain(
      `error: the server has a tablespace in "${place}", and this small pg_basebackup copies none`,
    );
    expect(readdirSync(copy)).toEqual([]);
    await primary(major).query('DROP TABLESPACE elsewhere');
  });

  test(`Ctrl-C in pg_basebackup from ${major} removes what was copied`, async () => {
    const copy = join(dir.path, `stopped${major}`);
    const io = openConsole(env);
    const done = basebackup([...where(port), '-D', copy, '-c', 'fast'], io);
    await until('a first file', async () => existsSync(join(copy, 'backup_label')));
    io.interrupt();
    expect(await done).toBe(1);
    expect(io.err()).toBe(
      `pg_basebackup: removing data directory "${copy}"\npg_basebackup: error: stopped by Ctrl-C\n`,
    );
    expect(existsSync(copy)).toBe(false);
  });
});

describe.skipIf(absent15)('beside the real pg_basebackup 15 (needs postgresql-15)', () => {
  test('pg_verifybackup finds no fault in a copy of the small pg_basebackup', async () => {
    const copy = join(dir.path, 'verified');
    expect((await ours([...where(5623), '-D', copy, '-R', '-c', 'fast', '-N'])).status).toBe(0);
    const verified = runAsUser(join(debian15, 'pg_verifybackup'), [copy]);
    expect(verified).toMatchObject({ status: 0, stderr: '' });
  });

  const full = 'a full directory';
  const refusals: readonly (readonly [title: string, args: readonly string[], env?: Record<string, string>])[] = [
    ['wrong password', [...where(5623), '-D', 'fresh'], { PGPASSWORD: 'wrong' }],
    ['no line in pg_hba.conf', [...where(5623, 'postgres'), '-D', 'fresh'], { PGPASSWORD: 'master_pass' }],
    ['a role without REPLICATION', [...where(5623, 'plain'), '-D', 'fresh'], { PGPASSWORD: 'plain_pass' }],
    ['no server listens', [...where(5639), '-D', 'fresh']],
    ['a directory that is not empty', [...where(5623), '-D', 'full']],
    ['a directory that is not empty, and a wrong password', [...where(5623), '-D', 'full'], { PGPASSWORD: 'wrong' }],
    ['a file in place of the directory', [...where(5623), '-D', 'full/precious']],
    ['no directory', where(5623)],
    ['an unknown option', ['--nonsense']],
    ['an unknown wal method', [...where(5623), '-D', 'fresh', '-X', 'all']],
    ['an unknown checkpoint', [...where(5623), '-D', 'fresh', '-c', 'now']],
    ['a slot without streaming', [...where(5623), '-D', 'fresh', '-X', 'fetch', '-S', 'one']],
    ['a slot to make without a name', [...where(5623), '-D', 'fresh', '-C']],
    ['an unknown key in the connection string', ['-d', 'hots=127.0.0.1', '-D', 'fresh']],
    ['too many words', ['-D', 'fresh', 'more']],
  ];

  test.each(refusals.map(([title, args, env = {}]) => ({ title, args, env })))(
    'the small pg_basebackup refuses as the real one: $title',
    async ({ args, env }) => {
      const directory = join(dir.path, full);
      mkdirSync(directory, { recursive: true });
      writeFileSync(join(directory, 'precious'), 'kept');
      const named = args.map((arg) => arg.replace(/^full/, directory).replace(/^fresh$/, join(dir.path, 'fresh')));
      const result = await ours(named, env);
      const stderr = result.stderr.replace(/^.*This is the small pg_basebackup.*\n/m, '');
      expect({ ...result, stderr }).toEqual(real(named, env));
      expect(existsSync(join(dir.path, 'fresh'))).toBe(false);
      expect(readFileSync(join(directory, 'precious'), 'utf8')).toBe('kept');
    },
  );
});
