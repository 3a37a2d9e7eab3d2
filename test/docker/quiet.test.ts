/** Twenty looks leave no message about a refused client in the learner's log. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { viewDockerLab } from '../../src/lab/docker/lab.ts';
import type { Lab } from '../../src/lab/lab.ts';
import { isProblem } from '../../src/lab/problem.ts';
import { type DockerMajor, dockerLab, imageOf, reachTestDocker, whyNoImage } from './lab.ts';
import { comes, docker, dockerMay, imageIn, mountOf, networkIn, planOf, stateOf, view } from './learner.ts';

const rejectAll = 'host all all all reject\n';

describe.each([18, 15] as const)('looks leave no refusal in the log, PostgreSQL %i', (major: DockerMajor) => {
  if (!imageOf(major))
    return it(`looks leave no refusal in the log of PostgreSQL ${major}`, ({ skip }) => skip(whyNoImage(major)));
  let lab: Lab;
  let first = ''; // pg_hba.conf as the image makes it
  beforeAll(async () => {
    lab = await dockerLab(major);
    await lab.server('master').create();
    await lab.server('master').start();
    first = (await lab.server('master').readFile('pg_hba.conf')) ?? '';
  });
  afterAll(() => lab?.[Symbol.asyncDispose]());

  const refusals = async (server: string) => {
    const { stdout, stderr } = await dockerMay('logs', planOf(lab, server).container);
    const fatal = (stdout + stderr).match(/FATAL: .*/g) ?? [];
    // Without the standby's own messages about its primary.
    return fatal.filter((line) => !/walreceiver|primary server/.test(line));
  };
  /**
   * Looks from one running workshop and from separate commands; resolves with the refusals that were added to the log.
   */
  const twentyLooks = async (server = 'master', change: () => Promise<unknown> = async () => undefined) => {
    await lab.observe(); // the lab may have a connection from before
    const before = await refusals(server);
    await change();
    for (let look = 0; look < 16; look++) await lab.observe();
    for (let look = 0; look < 4; look++)
      await viewDockerLab(lab.dir, lab.plan, await reachTestDocker(), () => []).observe();
    return (await refusals(server)).slice(before.length);
  };
  const write = async (server: string, hba: string) => {
    await lab.server(server).writeFile('pg_hba.conf', hba);
    await lab.server(server).reload();
    await comes('it is loaded', async () => {
      const { stderr } = await dockerMay('logs', '--tail', '20', planOf(lab, server).container);
      return stderr.includes('received SIGHUP');
    });
  };
  const entrances = async (server = 'master') => {
    const { sql } = await view(lab, server);
    return isProblem(sql) ? sql.what : sql.through;
  };

  it(`looks at a server that is up leave no refusal in the log, PostgreSQL ${major}`, async () => {
    expect(await twentyLooks()).toEqual([]);
    expect(await entrances()).toBe('tcp');
  });

  it(`looks use the socket when a line rejects all connections over the network, PostgreSQL ${major}`, async () => {
    expect(await twentyLooks('master', () => write('master', rejectAll + first))).toEqual([]);
    expect(await entrances()).toBe('socket');
  });

  it(`looks leave no refusal when a reject line is removed but not loaded, PostgreSQL ${major}`, async () => {
    expect(await twentyLooks('master', () => lab.server('master').writeFile('pg_hba.conf', first))).toEqual([]);
    expect(await twentyLooks('master', () => lab.server('master').reload())).toEqual([]);
    await comes('it is asked through its port', async () => (await entrances()) === 'tcp');
  });

  it(`looks leave no refusal when a reject line is written but not loaded, PostgreSQL ${major}`, async () => {
    expect(await twentyLooks('master', () => lab.server('master').writeFile('pg_hba.conf', rejectAll + first))).toEqual(
      [],
    );
    await write('master', first);
  });

  it(`looks leave one refusal for each change when no line lets us in, PostgreSQL ${major}`, async () => {
    const told = await twentyLooks('master', () => write('master', `local all all reject\n${rejectAll}`));
    expect(told.length).toBeLessThanOrEqual(5); // one from the workshop, one from each command
    expect(told.every((line) => line.includes('[local]'))).toBe(true);
    await write('master', first);
    await comes('it lets us in again', async () => !isProblem((await view(lab)).sql));
  });

  it(`looks leave one refusal when the superuser's password was changed, PostgreSQL ${major}`, async () => {
    await lab.server('master').sql("ALTER ROLE postgres PASSWORD 'another'");
    const told = await twentyLooks();
    expect(told.length).toBeLessThanOrEqual(1); // only a refusal shows the change
    expect(await twentyLooks()).toEqual([]);
    expect(await entrances()).toBe('socket');
    await lab.server('master').sql(`ALTER ROLE postgres PASSWORD '${planOf(lab, 'master').password}'`);
  });

  it(`looks leave one refusal when the learner's database was renamed, PostgreSQL ${major}`, async () => {
    const rename = (from: string, to: string) => lab.server('master').sql(`ALTER DATABASE ${from} RENAME TO ${to}`);
    const told = await twentyLooks('master', () => rename('master', 'another'));
    expect(told.length).toBeLessThanOrEqual(1);
    expect(await twentyLooks()).toEqual([]);
    await rename('another', 'master');
  });

  it(`looks leave no refusal while a smart stop waits for a session, PostgreSQL ${major}`, async () => {
    const session = await lab.server('master').begin('SELECT pg_sleep(600)');
    const stopping = lab.server('master').stop('smart');
    await comes('it hears of it', async () => (await stateOf(lab)) === 'starting');
    expect(await twentyLooks()).toEqual([]);
    await docker('kill', '--signal', 'QUIT', planOf(lab, 'master').container);
    await Promise.all([stopping, session.done]);
    expect(await twentyLooks()).toEqual([]); // the server is stopped
    await lab.server('master').start();
  });

  it(`looks leave no refusal when the server is killed and starts again, PostgreSQL ${major}`, async () => {
    await lab
      .server('master')
      .sql('CREATE TABLE much AS SELECT repeat(md5(n::text), 20) FROM generate_series(1, 200000) AS n');
    const { container } = planOf(lab, 'master');
    const killed = async () => {
      await docker('kill', container);
      await docker('start', container);
    };
    expect(await twentyLooks('master', killed)).toEqual([]);
    await comes('it is up', async () => (await stateOf(lab)) === 'up');
    const backend = async () => {
      const found = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'background writer'";
      const pid = (await lab.server('master').sql(found)).rows[0]?.pid;
      await docker('exec', container, 'bash', '-c', `kill -9 ${pid}`);
      await comes('it notices', async () =>
        (await dockerMay('logs', container)).stderr.includes('terminating any other'),
      );
    };
    expect(await twentyLooks('master', backend)).toEqual([]);
    await comes('it is up', async () => (await stateOf(lab)) === 'up');
  });

  describe('of the copy of another server', () => {
    const data = () => (major >= 18 ? `/var/lib/postgresql/${major}/docker` : '/var/lib/postgresql/data');
    const clone = (how: string) =>
      docker(
        ...['run', '--rm', '--network', networkIn(lab), '-e', `PGPASSWORD=${planOf(lab, 'master').password}`],
        ...['-v', mountOf(lab, 'slave'), imageIn(lab), 'sh', '-c'],
        `mkdir -p ${data()} && pg_basebackup -h ${planOf(lab, 'master').container} -U postgres -D ${data()} -R -c fast ${how}`,
      );
    beforeAll(async () => {
      await write('master', `${first}host replication postgres all scram-sha-256\n`);
      await lab.server('slave').create();
      await clone('-X stream');
    });

    it(`looks at a copy with its master's passwords leave no refusal, PostgreSQL ${major}`, async () => {
      await lab.server('slave').start();
      expect(await twentyLooks('slave')).toEqual([]);
      expect(await view(lab, 'slave')).toMatchObject({ sql: { inRecovery: true } });
      await comes('it is asked through its port', async () => (await entrances('slave')) === 'tcp');
      await docker('restart', planOf(lab, 'slave').container);
      expect(await twentyLooks('slave')).toEqual([]);
    });

    it(`looks at a copy with hot_standby = off leave no refusal, PostgreSQL ${major}`, async () => {
      const slave = lab.server('slave');
      await slave.writeFile(
        'postgresql.auto.conf',
        `${await slave.readFile('postgresql.auto.conf')}hot_standby = off\n`,
      );
      const { container } = planOf(lab, 'slave');
      expect(await twentyLooks('slave', () => docker('restart', container))).toEqual([]);
      await comes('it is up', async () => (await stateOf(lab, 'slave')) === 'up');
      expect(await twentyLooks('slave')).toEqual([]);
      expect(await view(lab, 'slave')).toMatchObject({ sql: { what: expect.stringContaining('hot_standby') } });
    });

    it(`looks at a copy that waits for missing WAL leave no refusal, PostgreSQL ${major}`, async () => {
      await lab.server('slave').stop('fast');
      await lab.server('slave').remove();
      await lab.server('slave').create();
      await lab.server('master').sql("ALTER SYSTEM SET wal_keep_size = '256MB'");
      await lab.server('master').reload();
      await clone('-X none');
      await lab.server('master').stop('fast');
      const { container } = planOf(lab, 'slave');
      await docker('start', container);
      await comes('it looks for its primary', async () =>
        (await dockerMay('logs', container)).stderr.includes('could not connect to the primary'),
      );
      expect(await twentyLooks('slave')).toEqual([]);
      expect(await stateOf(lab, 'slave')).toBe('starting');
      await lab.server('master').start();
      await comes('it has it', async () => !isProblem((await view(lab, 'slave')).sql));
      expect(await refusals('slave')).toEqual([]);
    });
  });
});
