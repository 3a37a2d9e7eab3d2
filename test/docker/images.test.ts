/** The parts of the official image's contract that the tests' images must fulfil. */
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Container, type Docker, dockerAt, startContainer } from './container.ts';
import { firstStart, realServer, serverLines, temporaryServer, warnings, withoutServer } from './first-start.ts';
import type {} from './global.ts';
import { type Major, postgresImage } from './images.ts';

const engine = inject('docker');
/** REPL_WORKSHOP_MAJORS=17 chooses another major. */
const majors = (process.env.REPL_WORKSHOP_MAJORS?.split(',').map(Number) ?? [15, 18]) as Major[];
const password = ['-e', 'POSTGRES_PASSWORD=pw'];

const dataOf = (major: Major) => (major >= 18 ? `/var/lib/postgresql/${major}/docker` : '/var/lib/postgresql/data');
const volumeOf = (major: Major) => (major >= 18 ? '/var/lib/postgresql' : '/var/lib/postgresql/data');

/** A folder of the machine for a container; its owner may have changed when it is removed. */
function folder(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), 'rw-image-'));
  chmodSync(path, 0o755); // as a folder that Docker makes
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

describe.skipIf('why' in engine).each(majors)('postgres:%i (needs a Docker engine)', (major) => {
  const image = `postgres:${major}`;
  const data = dataOf(major);
  let docker: Docker;
  const start = (...args: string[]): Promise<Container> => startContainer(docker, ...args);
  /** Runs a container in the foreground until its end. */
  const once = (...args: string[]) => docker('run', '--rm', ...args);

  beforeAll(async () => {
    if ('why' in engine) return;
    docker = dockerAt(engine.socketPath);
    const made = await postgresImage({ ...engine, [Symbol.asyncDispose]: async () => {} }, major);
    if ('why' in made) throw new Error(`${image} cannot be made: ${made.why}`);
  });

  it(`postgres:${major} of the tests has the configuration of the official image`, async () => {
    const { Config } = JSON.parse((await docker('image', 'inspect', '--format', '{{json .}}', image)).stdout);
    expect(Config).toMatchObject({
      Entrypoint: ['docker-entrypoint.sh'],
      Cmd: ['postgres'],
      StopSignal: 'SIGINT',
      ExposedPorts: { '5432/tcp': {} },
      Volumes: { [volumeOf(major)]: {} },
    });
    const env = Object.fromEntries(Config.Env.map((entry: string) => entry.split(/=(.*)/s)));
    expect(env).toMatchObject({ PGDATA: data, LANG: 'en_US.utf8', PG_MAJOR: `${major}` });
    expect(env.PG_VERSION).toMatch(new RegExp(`^${major}\\.\\d+-`));
    expect(env.PATH.split(':')).toContain(`/usr/lib/postgresql/${major}/bin`);
  });

  describe('a first start, with the settings of the tutorial', () => {
    let server: Container;
    beforeAll(async () => {
      server = await start(...password, '-e', 'POSTGRES_DB=master', image);
      await server.answers();
    });
    afterAll(() => server?.[Symbol.asyncDispose]());

    it(`postgres:${major} of the tests prints at a first start what the official image prints`, async () => {
      const { stdout, stderr } = await server.log();
      expect(withoutServer(stdout)).toBe(firstStart(major, data));
      expect(serverLines(stdout)).toEqual(temporaryServer);
      expect(withoutServer(stderr)).toBe(warnings);
      // The first is caused by our own question whether the server answers. The second is told when the temporary
      // server ends late: "pg_ctl stop" waits for its postmaster.pid to go, not for its process, whose parent is by
      // then the real server (process 1).
      const byChance = /^FATAL: {2}the database system is starting up$|^LOG: {2}untracked child process /;
      expect(serverLines(stderr).filter((line) => !byChance.test(line))).toEqual(realServer);
    });

    it(`postgres:${major} of the tests runs the server as postgres, uid 999, in its own folder`, async () => {
      const { stdout } = await server.exec('stat', '-c', '%U %u %a', '/proc/1', data, '/var/run/postgresql');
      expect(stdout).toBe('postgres 999 555\npostgres 999 700\npostgres 999 3775\n');
      expect((await server.exec('id')).stdout).toContain('uid=0(root)');
      expect((await server.exec('id', 'postgres')).stdout).toContain('uid=999(postgres) gid=999(postgres)');
    });

    it(`postgres:${major} of the tests asks other hosts for the password, and no client inside`, async () => {
      const hba = (await server.exec('cat', `${data}/pg_hba.conf`)).stdout;
      expect(hba.endsWith('trust\n\nhost all all all scram-sha-256\n')).toBe(true);
      const host = (await server.exec('hostname', '-i')).stdout.trim();
      await expect(server.ask('SELECT 1', { host })).rejects.toThrow('no password supplied');
      await expect(server.ask('SELECT 1', { host, password: 'wrong' })).rejects.toThrow(
        'password authentication failed',
      );
      expect(await server.ask('SELECT 1', { host, password: 'pw' })).toBe('1');
      expect(await server.ask('SELECT 1')).toBe('1');
    });

    it(`postgres:${major} of the tests has the database, all addresses, and English messages in UTF-8`, async () => {
      const settings =
        "current_setting('listen_addresses'), current_setting('lc_messages'), current_setting('server_encoding')";
      expect(await server.ask(`SELECT current_database(), ${settings}`, { dbname: 'master' })).toBe(
        'master|*|en_US.utf8|UTF8',
      );
      expect(await server.ask("SELECT datcollate FROM pg_database WHERE datname = 'master'")).toBe('en_US.utf8');
    });

    it.each(['psql', 'pg_basebackup', 'pg_isready', 'pg_rewind', 'pg_controldata', 'initdb', 'pg_ctl', 'postgres'])(
      `postgres:${major} of the tests has %s of its major`,
      async (program) => {
        expect((await server.exec(program, '--version')).stdout).toMatch(new RegExp(`\\(PostgreSQL\\) ${major}\\.`));
      },
    );

    it(`postgres:${major} of the tests keeps its data, and restores owners at the next start`, async () => {
      await server.ask('CREATE TABLE kept ()');
      await server.exec('chown', 'root:root', `${data}/pg_hba.conf`);
      expect((await docker('restart', server.id)).status).toBe(0);
      await server.answers();
      expect(await server.ask('SELECT count(*) FROM kept')).toBe('0');
      expect((await server.exec('stat', '-c', '%U', `${data}/pg_hba.conf`)).stdout).toBe('postgres\n');
      const skipped = '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n';
      expect((await server.log()).stdout.endsWith(skipped)).toBe(true);
    });

    it(`postgres:${major} of the tests takes docker stop for a fast shutdown, with clients connected`, async () => {
      const idle = docker('exec', server.id, 'psql', '-U', 'postgres', '-c', 'SELECT pg_sleep(600)');
      const connected = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
      await expect.poll(() => server.ask(connected), { timeout: 20_000 }).toBe('1');
      expect((await docker('stop', '--time', '60', server.id)).status).toBe(0);
      expect((await idle).status).not.toBe(0);
      expect((await server.state()).ExitCode).toBe(0);
      expect((await server.log()).stderr).toContain('received fast shutdown request');
    });
  });

  describe('without a password', () => {
    it(`postgres:${major} of the tests refuses to start without a password, and says why`, async () => {
      using place = folder();
      const { status, stdout, stderr } = await once('-v', `${place.path}:${volumeOf(major)}`, image);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toMatch(/^Error: Database is uninitialized and superuser password is not specified\.\n/);
      expect(stderr).toContain('POSTGRES_PASSWORD');
      expect(readdirSync(place.path)).toEqual(major >= 18 ? [`${major}`] : []);
    });

    it(`postgres:${major} of the tests starts without a password when it trusts all clients`, async () => {
      await using server = await start('-e', 'POSTGRES_HOST_AUTH_METHOD=trust', image);
      await server.answers();
      const host = (await server.exec('hostname', '-i')).stdout.trim();
      expect(await server.ask('SELECT 1', { host })).toBe('1');
      expect((await server.exec('tail', '-n', '1', `${data}/pg_hba.conf`)).stdout).toBe('host all all all trust\n');
      expect((await server.log()).stderr).toContain('WARNING: POSTGRES_HOST_AUTH_METHOD has been set to "trust".');
    });
  });

  it(`postgres:${major} of the tests takes user, database, password file, and initdb arguments`, async () => {
    using place = folder();
    writeFileSync(join(place.path, 'secret'), 'from a file\n');
    await using server = await start(
      ...['-v', `${place.path}:/run/secrets:ro`, '-e', 'POSTGRES_PASSWORD_FILE=/run/secrets/secret'],
      ...['-e', 'POSTGRES_USER=some one', '-e', 'POSTGRES_INITDB_ARGS=--data-checksums --auth-host="scram-sha-256"'],
      ...['-e', 'PGDATA=/srv/my data', '-e', 'POSTGRES_INITDB_WALDIR=/srv/wal', image],
    );
    await server.answers();
    const login = { user: "'some one'", dbname: "'some one'", password: "'from a file'" };
    expect(await server.ask("SELECT current_user, current_database(), current_setting('data_checksums')", login)).toBe(
      'some one|some one|on',
    );
    expect((await server.exec('readlink', '/srv/my data/pg_wal')).stdout).toBe('/srv/wal\n');
    await expect(server.ask('SELECT 1', { ...login, password: 'wrong' })).rejects.toThrow('authentication failed');
  });

  it(`postgres:${major} of the tests refuses a password that is given twice`, async () => {
    const { status, stderr } = await once(...password, '-e', 'POSTGRES_PASSWORD_FILE=/etc/hostname', image);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: 'error: both POSTGRES_PASSWORD and POSTGRES_PASSWORD_FILE are set (but are exclusive)\n',
    });
  });

  it(`postgres:${major} of the tests runs as any user in a folder of that user`, async () => {
    using place = folder();
    chownSync(place.path, 4321, 4321);
    await using server = await start(
      '--user',
      '4321:4321',
      '-v',
      `${place.path}:${volumeOf(major)}`,
      ...password,
      image,
    );
    await server.answers();
    const inside = major >= 18 ? join(place.path, `${major}/docker`) : place.path;
    expect(statSync(join(inside, 'PG_VERSION')).uid).toBe(4321);
    expect((await server.log()).stderr).not.toContain('nss_wrapper');
    expect((await server.exec('sh', '-c', 'tr "\\0" "\\n" </proc/1/environ')).stdout).not.toContain('LD_PRELOAD');
  });

  it(`postgres:${major} of the tests runs the scripts of the first start in order, until one fails`, async () => {
    using place = folder();
    const put = (name: string, text: string | Buffer, mode = 0o644) =>
      writeFileSync(join(place.path, name), text, { mode });
    put('1.sql', 'CREATE TABLE said (word text);');
    put('2.sql.gz', gzipSync("INSERT INTO said VALUES ('gz');"));
    put(
      '3.sh',
      '#!/bin/sh\npsql -qU "$POSTGRES_USER" -d "$POSTGRES_DB" -c "INSERT INTO said VALUES (\'run\')"\n',
      0o755,
    );
    put('4.sh', 'psql -qU "$POSTGRES_USER" -d "$POSTGRES_DB" -c "INSERT INTO said VALUES (\'$0 read\')"\n');
    put('5.txt', 'nothing');
    const mount = ['-v', `${place.path}:/docker-entrypoint-initdb.d:ro`];
    {
      await using server = await start(...mount, ...password, '-e', 'POSTGRES_DB=filled', image);
      await server.answers();
      const read = '/usr/local/bin/docker-entrypoint.sh read';
      expect(await server.ask('SELECT * FROM said', { dbname: 'filled' })).toBe(`gz\nrun\n${read}`);
      const scripts = (await server.log()).stdout
        .split('\n')
        .filter((line) => line.includes('docker-entrypoint-initdb.d'));
      expect(scripts.map((line) => line.replaceAll(/\S+\//g, ''))).toEqual([
        ...['docker-entrypoint.sh: running 1.sql', 'docker-entrypoint.sh: running 2.sql.gz'],
        ...['docker-entrypoint.sh: running 3.sh', 'docker-entrypoint.sh: sourcing 4.sh'],
        'docker-entrypoint.sh: ignoring 5.txt',
      ]);
    }
    put('2.sql', 'SELECT nonsense;');
    await using failing = await start(...mount, ...password, image);
    expect(await failing.ends()).toBe(3); // psql's status for a failed script
    expect((await failing.log()).stdout).not.toContain('3.sh');
  });

  it(`postgres:${major} of the tests passes arguments to the server, and runs other commands`, async () => {
    await using server = await start(...password, image, '-c', 'work_mem=7MB');
    await server.answers();
    expect(await server.ask('SHOW work_mem')).toBe('7MB');
    expect((await once(image, 'bash', '-c', 'id -u; echo "$0 $1"', 'a b', 'c')).stdout).toBe('0\na b c\n');
    expect((await once(image, '--version')).stdout).toMatch(new RegExp(`^postgres \\(PostgreSQL\\) ${major}\\.`));
    expect((await once(image, 'gosu', 'postgres', 'id', '-un')).stdout).toBe('postgres\n');
  });

  it(`postgres:${major} of the tests reports an unknown host name`, async () => {
    const { status, stderr } = await once(image, 'psql', 'host=nobody user=postgres');
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: 'psql: error: could not translate host name "nobody" to address: Name or service not known\n',
    });
  });
});
