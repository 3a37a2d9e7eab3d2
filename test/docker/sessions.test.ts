/** Sessions with the server of a container: through its socket by a program inside, or through its published port. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Reached } from '../../src/lab/docker/connect/reach.ts';
import { inspect } from '../../src/lab/docker/container.ts';
import { execInside, socketInside } from '../../src/lab/docker/server/exec.ts';
import type { Lab } from '../../src/lab/lab.ts';
import { isProblem } from '../../src/lab/problem.ts';
import { dockerLab, imageOf, reachTestDocker, whyNoImage } from './lab.ts';
import { asInLesson2, comes, docker, dockerMay, imageIn, makeNetwork, planOf, stateOf, view } from './learner.ts';

describe.each([18, 15] as const)('sessions, PostgreSQL %i', (major) => {
  if (!imageOf(major))
    return it(`sessions with a server of PostgreSQL ${major} go through its socket or its port`, ({ skip }) =>
      skip(whyNoImage(major)));

  describe('without a published port', () => {
    let lab: Lab;
    let reached: Reached;
    beforeAll(async () => {
      reached = await reachTestDocker();
      lab = await dockerLab(major);
      await makeNetwork(lab);
      const published = asInLesson2(lab, 'master').indexOf('-p');
      const options = asInLesson2(lab, 'master').toSpliced(published, 2);
      await docker('run', '-d', '--name', planOf(lab, 'master').container, ...options, imageIn(lab));
      await comes('it is up', async () => (await stateOf(lab)) === 'up');
    });
    afterAll(() => lab?.[Symbol.asyncDispose]());

    const sql = (text: string) => lab.server('master').sql(text);
    const info = async () => {
      const found = await inspect(reached.docker, planOf(lab, 'master').container);
      if (!found) throw new Error('no container');
      return found;
    };

    it(`sessions without a published port go through the socket, PostgreSQL ${major}`, async () => {
      expect(await view(lab)).toMatchObject({ sql: { through: 'socket' }, container: { published: [] } });
      expect((await sql('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
      await expect(lab.server('master').connection()).rejects.toThrow('published port');
    });

    it(`many sessions go through the socket at once, PostgreSQL ${major}`, async () => {
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, n) => sql(`SELECT ${n} AS n, pg_backend_pid() AS pid`)),
      );
      expect(answers.map(({ rows }) => rows[0]?.n)).toEqual(Array.from({ length: 20 }, (_, n) => n));
      expect(new Set(answers.map(({ rows }) => rows[0]?.pid)).size).toBe(20);
    });

    it(`a large result and a large statement go through the socket, PostgreSQL ${major}`, async () => {
      const megabytes = 20;
      const { rows } = await sql(`SELECT repeat(md5('x'), 32 * 1024) AS text FROM generate_series(1, ${megabytes})`);
      expect(rows.map(({ text }) => String(text).length)).toEqual(Array(megabytes).fill(1024 * 1024));
      const long = 'y'.repeat(5 * 1024 * 1024);
      expect((await sql(`SELECT length('${long}') AS length`)).rows).toEqual([{ length: long.length }]);
    });

    it(`sessions through the socket leave no process in the container, PostgreSQL ${major}`, async () => {
      const relays = async () => (await docker('top', planOf(lab, 'master').container)).match(/IO::Socket/g) ?? [];
      await sql('SELECT 1');
      await comes('the last of them has gone', async () => (await relays()).length === 0);
    });

    it(`sessions through the socket end with an error when the server is killed, PostgreSQL ${major}`, async () => {
      const sessions = await Promise.all([1, 2, 3].map(() => lab.server('master').begin('SELECT pg_sleep(600)')));
      await docker('kill', planOf(lab, 'master').container);
      for (const { done } of sessions) expect(await done).toBeInstanceOf(Error);
      await lab.server('master').start();
      const again = await lab.server('master').begin('SELECT pg_sleep(600)');
      await docker('kill', '--signal', 'QUIT', planOf(lab, 'master').container);
      expect(await again.done).toBeInstanceOf(Error);
      await comes('it has ended', async () => !(await lab.server('master').isRunning()));
      await lab.server('master').start();
    });

    it(`a statement through the socket is cancelled, and a session terminated, PostgreSQL ${major}`, async () => {
      const cancelled = await lab.server('master').begin('SELECT pg_sleep(600)');
      await cancelled.cancel();
      expect(await cancelled.done).toMatchObject({ code: '57014' });
      const terminated = await lab.server('master').begin('SELECT pg_sleep(600)');
      await terminated.terminate();
      expect(await terminated.done).toMatchObject({ code: '57P01' });
    });

    it(`a session without a server at the socket is an error that says so, PostgreSQL ${major}`, async () => {
      const socket = await socketInside(reached.docker, await info(), '/nowhere', 5432);
      await expect(new Promise((_, reject) => socket.resume().once('error', reject))).rejects.toThrow(
        'no server at /nowhere/.s.PGSQL.5432',
      );
    });

    it(`a program in a container returns its output and exit status, PostgreSQL ${major}`, async () => {
      const ran = await execInside(reached.docker, await info(), ['sh', '-c', 'echo out; echo err >&2; exit 3']);
      expect(ran).toEqual({ status: 3, stdout: 'out\n', stderr: 'err\n' });
    });
  });

  it(`an image without perl is asked through its published port, also after a clone, PostgreSQL ${major}`, async () => {
    await using lab = await dockerLab(major);
    await lab.server('master').create();
    const withoutPerl = async (server: string) => {
      await lab.server(server).start(); // the image needs perl to make the cluster
      await docker('exec', planOf(lab, server).container, 'sh', '-c', 'rm $(command -v perl)');
    };
    await withoutPerl('master');
    expect(await view(lab)).toMatchObject({ sql: { through: 'tcp' } });
    await lab.server('master').stop('fast');
    await lab.server('slave').copyFrom('master');
    await withoutPerl('slave');
    expect(await view(lab, 'slave')).toMatchObject({ sql: { through: 'tcp' } });
    const { stderr } = await dockerMay('logs', planOf(lab, 'slave').container);
    const before = stderr.match(/FATAL/g)?.length ?? 0;
    for (let look = 0; look < 5; look++) await lab.observe();
    expect((await dockerMay('logs', planOf(lab, 'slave').container)).stderr.match(/FATAL/g)?.length ?? 0).toBe(before);
  });

  it(`a server with another socket folder is asked through its published port, PostgreSQL ${major}`, async () => {
    await using lab = await dockerLab(major);
    await makeNetwork(lab);
    const elsewhere = ['-c', 'unix_socket_directories=/tmp'];
    await docker('create', '--name', planOf(lab, 'master').container, ...asInLesson2(lab, 'master'), imageIn(lab));
    await lab.server('master').start();
    await lab.server('master').stop('fast');
    await docker('rm', planOf(lab, 'master').container);
    await docker(
      'run',
      '-d',
      '--name',
      planOf(lab, 'master').container,
      ...asInLesson2(lab, 'master'),
      imageIn(lab),
      ...elsewhere,
    );
    await comes('it is asked', async () => !isProblem((await view(lab)).sql));
    expect(await view(lab)).toMatchObject({ sql: { through: 'tcp' } });
  });
});
