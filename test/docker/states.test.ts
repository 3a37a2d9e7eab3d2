/** Every state of a container, as a look shows it. */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lab } from '../../src/lab/lab.ts';
import { isProblem, ProblemError } from '../../src/lab/problem.ts';
import { type DockerMajor, dockerLab, imageOf, whyNoImage } from './lab.ts';
import {
  asInLesson2,
  comes,
  docker,
  dockerMay,
  imageIn,
  makeNetwork,
  mountOf,
  networkIn,
  planOf,
  stateOf,
  view,
} from './learner.ts';

describe.each([18, 15] as const)('what a look tells of a container, PostgreSQL %i', (major: DockerMajor) => {
  if (!imageOf(major))
    return it(`a look shows the state of a container of PostgreSQL ${major}`, ({ skip }) => skip(whyNoImage(major)));
  let lab: Lab;
  beforeAll(async () => {
    lab = await dockerLab(major);
    await makeNetwork(lab);
  });
  afterAll(() => lab?.[Symbol.asyncDispose]());

  const name = () => planOf(lab, 'master').container;
  /** "docker run" as a learner types it; a failure is shown in the container's state. */
  const run = (...options: string[]) => dockerMay('run', '-d', '--name', name(), ...options);
  const lesson2 = () => asInLesson2(lab, 'master');
  const remove = async () => {
    await docker('rm', '--force', '--volumes', name());
    await lab.server('master').remove();
  };
  const changed = async (line: string, deed: () => Promise<unknown>) => {
    const server = lab.server('master');
    const before = (await server.readFile('postgresql.conf')) ?? '';
    await server.writeFile('postgresql.conf', `${before}\n${line}\n`);
    await deed();
    await server.writeFile('postgresql.conf', before);
  };

  it(`a look shows no container, and one that was made and not started, PostgreSQL ${major}`, async () => {
    expect(await view(lab)).toMatchObject({ process: { state: 'absent' }, disk: { state: 'absent' } });
    await docker('create', '--name', name(), ...lesson2(), imageIn(lab));
    expect(await view(lab)).toMatchObject({
      process: { state: 'created' },
      container: { state: 'created', exitCode: null, error: null, initialising: false, major },
    });
    await docker('rm', '--volumes', name());
  });

  it(`a container is not up, and not asked, before the image has made the cluster, PostgreSQL ${major}`, async () => {
    await docker('create', '--name', name(), ...lesson2(), imageIn(lab), '-c', 'log_connections=on');
    writeFileSync(join(lab.dir, 'slow.sql'), 'SELECT pg_sleep(1.5)');
    await docker('cp', join(lab.dir, 'slow.sql'), `${name()}:/docker-entrypoint-initdb.d/slow.sql`);
    await docker('start', name());
    const seen = new Set<string>();
    await comes('it is up', async () => {
      const { process, container, sql } = await view(lab);
      seen.add(`${process.state}${container?.initialising ? ', initialising' : ''}`);
      const { stdout } = await dockerMay('logs', name());
      if (process.state === 'up') expect(stdout).toContain('PostgreSQL init process complete');
      return !isProblem(sql);
    });
    expect(seen).toContain('starting, initialising');
    const { stderr } = await dockerMay('logs', name());
    const first = stderr.indexOf('application_name=repl-workshop');
    expect(first).toBeGreaterThan(stderr.lastIndexOf('starting PostgreSQL'));
    expect(stderr.match(/FATAL/g)).toBeNull();
  });

  it(`a look shows a paused container, PostgreSQL ${major}`, async () => {
    await docker('pause', name());
    expect(await view(lab)).toMatchObject({
      process: { state: 'paused' },
      container: { state: 'paused', exitCode: null },
    });
    await lab.server('master').start();
    expect(await stateOf(lab)).toBe('up');
  });

  it(`a look shows stopped and killed containers, PostgreSQL ${major}`, async () => {
    await docker('stop', name());
    expect(await view(lab)).toMatchObject({
      process: { state: 'stopped' },
      container: { state: 'exited', exitCode: 0 },
    });
    await docker('start', name());
    await comes('it is up again', async () => (await stateOf(lab)) === 'up');
    await docker('kill', name());
    expect(await view(lab)).toMatchObject({
      process: { state: 'failed', reason: expect.stringContaining('killed') },
      container: { exitCode: 137, outOfMemory: false },
    });
  });

  /** Docker may hand out the last lines of a log some time after it has said that the container ended. */
  const saysWhy = (server: string, words: string) =>
    comes(
      `the log of ${server} says why`,
      async () => (await view(lab, server)).process.reason?.includes(words) === true,
    );

  it(`a look shows a container that its own configuration stops, and why, PostgreSQL ${major}`, async () => {
    await changed('shared_bufers = 1', async () => {
      await lab.server('master').start();
      await saysWhy('master', 'shared_bufers');
      expect(await view(lab)).toMatchObject({
        process: { state: 'failed', reason: expect.stringContaining('shared_bufers') },
        container: { exitCode: 1 },
      });
    });
  });

  it(`a look shows a container that restarts repeatedly, PostgreSQL ${major}`, async () => {
    await docker('update', '--restart', 'always', name());
    await changed('shared_bufers = 1', async () => {
      await dockerMay('start', name());
      await comes('it is restarting', async () => (await stateOf(lab)) === 'restarting');
      const { process } = await view(lab);
      if (process.state === 'restarting') expect(process.reason).toContain('shared_bufers');
    });
    await docker('update', '--restart', 'no', name());
    await comes('it is up', async () => (await stateOf(lab)) === 'up');
  });

  it(`a look shows a container without its port, also after a good run, PostgreSQL ${major}`, async () => {
    await docker('stop', name());
    const rival = createServer();
    await new Promise<void>((listening) => rival.listen(planOf(lab, 'master').port, '127.0.0.1', listening));
    await lab.server('master').start();
    const { process, container, log } = await view(lab);
    expect(process).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/address already in use|allocated/),
    });
    expect(container?.error).toBe(process.reason);
    expect(log.records).toEqual([]); // that start wrote no line
    await new Promise((closed) => rival.close(closed));
    await lab.server('master').start();
    expect(await view(lab)).toMatchObject({ process: { state: 'up' }, container: { error: null } });
  });

  it(`a look shows an orderly stop, though a session had used up the memory, PostgreSQL ${major}`, async () => {
    await docker('update', '--memory', '80m', '--memory-swap', '80m', name());
    const hungry = `SELECT length(string_agg(repeat(md5(n::text), 1000), '')) FROM generate_series(1, 20000) AS n`;
    await lab.server('master').sql(hungry).catch(String);
    await comes('it has recovered', async () => !isProblem((await view(lab)).sql));
    await lab.server('master').stop('fast');
    expect(await view(lab)).toMatchObject({ process: { state: 'stopped' } });
    await remove();
  });

  it(`a look shows a container that is out of memory, PostgreSQL ${major}`, async () => {
    await run('--memory', '16m', ...lesson2(), imageIn(lab));
    await comes('it has ended', async () => (await stateOf(lab)) === 'failed');
    expect(await view(lab)).toMatchObject({
      process: { reason: expect.stringContaining('no memory') },
      container: { outOfMemory: true, exitCode: 1 },
    });
    await remove();
  });

  it(`a look shows that the image refused to start without a password, PostgreSQL ${major}`, async () => {
    await run('-v', mountOf(lab, 'master'), imageIn(lab));
    await comes('it has ended', async () => (await stateOf(lab)) === 'failed');
    expect((await view(lab)).process).toMatchObject({
      reason: 'Error: Database is uninitialized and superuser password is not specified.',
    });
    await remove();
  });

  it.skipIf(major < 18)(
    `a look shows that the image refused the mount of earlier majors, PostgreSQL ${major} (since PostgreSQL 18)`,
    async () => {
      const mount = mountOf(lab, 'master').replace(/:.*/, ':/var/lib/postgresql/data');
      await run('-e', 'POSTGRES_PASSWORD=pw', '-v', mount, imageIn(lab));
      await comes('it has ended', async () => (await stateOf(lab)) === 'failed');
      expect((await view(lab)).process).toMatchObject({ reason: expect.stringMatching(/^Error: in 18\+/) });
      await remove();
    },
  );

  it(`a look shows the health of a container with a health check, PostgreSQL ${major}`, async () => {
    const check = ['--health-cmd', 'pg_isready -U postgres -h 127.0.0.1', '--health-interval', '200ms'];
    await run(...check, ...lesson2(), imageIn(lab));
    expect((await view(lab)).container?.health).toBe('starting');
    await comes('it is healthy', async () => (await view(lab)).container?.health === 'healthy');
    await remove();
  });

  it(`a clone whose first start failed is not a clone that was never started, PostgreSQL ${major}`, async () => {
    await run(...lesson2(), imageIn(lab), '-c', 'log_min_messages=warning');
    await comes('the master is up', async () => (await stateOf(lab)) === 'up');
    await lab.server('slave').create();
    const { password, container } = planOf(lab, 'master');
    const data = major >= 18 ? `/var/lib/postgresql/${major}/docker` : '/var/lib/postgresql/data';
    const copy = `mkdir -p ${data} && pg_basebackup -h ${container} -U postgres -D ${data} -c fast`;
    await lab
      .server('master')
      .writeFile('pg_hba.conf', 'local all all trust\nhost all,replication all all scram-sha-256\n');
    await lab.server('master').reload();
    await comes('it may be copied', async () => {
      const env = ['--network', networkIn(lab), '-e', `PGPASSWORD=${password}`, '-v', mountOf(lab, 'slave')];
      return (await dockerMay('run', '--rm', ...env, imageIn(lab), 'sh', '-c', copy)).status === 0;
    });
    expect(await view(lab, 'slave')).toMatchObject({ process: { state: 'created' }, disk: { neverStarted: true } });
    const slave = lab.server('slave');
    await slave.writeFile('postgresql.conf', `${await slave.readFile('postgresql.conf')}\nshared_bufers = 1\n`);
    await slave.start();
    await saysWhy('slave', 'shared_bufers');
    expect(await view(lab, 'slave')).toMatchObject({
      process: { state: 'failed', reason: expect.stringContaining('shared_bufers') },
      disk: { neverStarted: true },
    });
    await slave.remove();
    await remove();
  });

  it(`a look survives the removal of the container, PostgreSQL ${major}`, async () => {
    for (let round = 0; round < 3; round++) {
      await run(...lesson2(), imageIn(lab), 'sleep', '60');
      const looks = Array.from({ length: 8 }, () => view(lab));
      const [, ...seen] = await Promise.all([docker('rm', '--force', '--volumes', name()), ...looks]);
      for (const { process } of seen) expect(['absent', 'starting', 'failed']).toContain(process.state);
      expect(await stateOf(lab)).toBe('absent');
    }
    await lab.server('master').remove();
  });

  it(`a look shows a container whose image has lost its name, PostgreSQL ${major}`, async () => {
    const image = `${name()}:${major}`;
    await docker('tag', imageIn(lab), image);
    await using other = await dockerLab(major, { image });
    await other.server('master').create();
    await other.server('master').start();
    await docker('rmi', image);
    expect(await view(other)).toMatchObject({ process: { state: 'up' }, container: { image, major } });
    await other.server('master').stop('fast');
    await expect(other.server('slave').create()).rejects.toThrow(ProblemError);
    await expect(other.server('master').copyFrom('slave')).rejects.toThrow(ProblemError);
    await docker('tag', imageIn(lab), image);
  });
});
