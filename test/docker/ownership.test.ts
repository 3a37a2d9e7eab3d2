/** The owner of a container: the lab's containers are found under any name, foreign ones are never changed. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDockerLab, viewDockerLab } from '../../src/lab/docker/lab.ts';
import type { Lab } from '../../src/lab/lab.ts';
import { ProblemError } from '../../src/lab/problem.ts';
import { program } from '../proof/lab.ts';
import { dockerLab, imageOf, reachTestDocker, whyNoImage } from './lab.ts';
import {
  asInLesson2,
  comes,
  docker,
  imageIn,
  inspected,
  makeNetwork,
  mountOf,
  networkIn,
  planOf,
  stateOf,
  view,
} from './learner.ts';

describe.skipIf(!imageOf(18))('whose a container is (needs an image of PostgreSQL 18)', () => {
  it.for([
    ['folder', 18],
    ['folder', 15],
    ['volume', 18],
  ] as const)(
    "a container that docker run made on the lab's %s is the lab's (%i)",
    async ([storage, major], { skip }) => {
      if (!imageOf(major)) return skip(whyNoImage(major));
      await using lab = await dockerLab(major, { storage });
      const { container } = planOf(lab, 'master');
      await makeNetwork(lab);
      await docker('run', '-d', '--name', container, ...asInLesson2(lab, 'master'), imageIn(lab));
      await comes('the master is up', async () => (await stateOf(lab)) === 'up');
      expect(await view(lab)).toMatchObject({
        container: { name: container, ours: false, mount: { kind: storage } },
        disk: { state: 'cluster' },
      });
      expect(await view(lab)).not.toHaveProperty('foreign');
      await lab.server('master').stop('fast');
      expect(await stateOf(lab)).toBe('stopped');
    },
  );

  describe('in one lab', () => {
    let lab: Lab;
    const made: string[] = [];
    beforeAll(async () => {
      lab = await dockerLab(18);
    });
    afterAll(() => lab?.[Symbol.asyncDispose]());

    /** Makes a container without starting it; resolves with its id. */
    const create = async (...args: string[]): Promise<string> => {
      const id = await docker('create', ...args);
      made.push(id);
      return id.slice(0, 12);
    };
    const gone = async () => docker('rm', '--force', '--volumes', ...made.splice(0));
    const seen = async () => (await view(lab)).container?.id;

    it("a container under a name of the learner's own is the lab's", async () => {
      const id = await create(
        '--name',
        `${planOf(lab, 'master').container}-mine`,
        '-v',
        mountOf(lab, 'master'),
        imageIn(lab),
      );
      expect(await seen()).toBe(id);
      await gone();
    });

    it("a container whose mount is a path with a link is the lab's", async () => {
      const elsewhere = mkdtempSync(join(tmpdir(), 'rw-link-'));
      symlinkSync(lab.dir, join(elsewhere, 'link'));
      const id = await create('-v', mountOf(lab, 'master', join(elsewhere, 'link')), imageIn(lab));
      expect(await seen()).toBe(id);
      expect((await view(lab)).container?.mount?.source).toBe(join(lab.dir, 'rep/master_data'));
      await gone();
      rmSync(elsewhere, { recursive: true });
    });

    it.each(['-c', 'postgres', 'docker-entrypoint.sh'])(
      "a container is the lab's whatever its arguments begin with: %s",
      async (first) => {
        const args = first === '-c' ? ['-c', 'wal_level=replica'] : first === 'postgres' ? [first] : [];
        const id = await create('-v', mountOf(lab, 'master'), imageIn(lab), ...args);
        expect(await seen()).toBe(id);
        await gone();
      },
    );

    it("of two containers on the same folder the running one is the lab's", async () => {
      const runs = await create('-e', 'POSTGRES_PASSWORD=pw', '-v', mountOf(lab, 'master'), imageIn(lab));
      await docker('start', runs);
      await create('-v', mountOf(lab, 'master'), imageIn(lab));
      expect(await seen()).toBe(runs);
      await gone();
      await lab.server('master').remove();
    });

    const ofCompose = (folder: string, service: string, oneOff = 'False') => [
      ...['--label', `com.docker.compose.project.working_dir=${folder}`],
      ...['--label', `com.docker.compose.service=${service}`, '--label', `com.docker.compose.oneoff=${oneOff}`],
    ];

    it("a container of docker compose is the lab's by its folder and service", async () => {
      const other = await create(...ofCompose(join(lab.dir, '..'), 'master'), imageIn(lab));
      expect(await seen()).toBeUndefined();
      const id = await create(...ofCompose(lab.dir, 'master'), imageIn(lab));
      expect(await seen()).toBe(id);
      expect(id).not.toBe(other);
      expect((await view(lab, 'slave')).container).toBeUndefined();
      await gone();
    });

    it("a container of “docker compose run” is not the lab's", async () => {
      await create(...ofCompose(lab.dir, 'master', 'True'), imageIn(lab), 'postgres', '--version');
      expect(await seen()).toBeUndefined();
      await gone();
    });

    it.each([
      ['pg_basebackup', [], ['pg_basebackup', '-D', '/x']],
      ['a shell', ['--entrypoint', 'bash'], ['-c', 'pg_basebackup -D /x']],
      ['pg_basebackup as the entrypoint', ['--entrypoint', 'pg_basebackup'], ['-D', '/x']],
      ['psql', [], ['psql']],
    ])("a throw-away container on the same folder is not the lab's: %s", async (_, options, command) => {
      await create(...options, '-v', mountOf(lab, 'master'), imageIn(lab), ...command);
      expect(await view(lab)).not.toHaveProperty('container');
      await gone();
    });

    it("a container with --volumes-from is not the lab's, even if the server has another name", async () => {
      const id = await create('-v', mountOf(lab, 'master'), imageIn(lab));
      await create('--volumes-from', id, imageIn(lab), 'sh', '-c', 'true');
      expect(await seen()).toBe(id);
      await gone();
    });

    it("a container of another lab is not the lab's, wherever its folder is", async () => {
      await create('--label', 'repl-workshop.lab=another', '-v', mountOf(lab, 'master'), imageIn(lab));
      expect(await seen()).toBeUndefined();
      await gone();
    });

    it("a container that was put aside is not the lab's", async () => {
      const name = `${planOf(lab, 'master').container}.before-2026-11-23T06-07-14-385-goto`;
      await create('--name', name, '-v', mountOf(lab, 'master'), imageIn(lab));
      expect(await seen()).toBeUndefined();
      await gone();
    });

    it("a container that the learner has confirmed as theirs is the lab's", async () => {
      const name = planOf(lab, 'master').container;
      const id = await create('--name', name, '-v', '/rep/master_data:/var/lib/postgresql', imageIn(lab));
      expect(await view(lab)).toMatchObject({ foreign: { id, mayBeTheLabs: true } });
      expect(await view(lab)).not.toHaveProperty('container');
      const asked = viewDockerLab(lab.dir, lab.plan, await reachTestDocker(), () => [id]);
      expect(await view(asked)).toMatchObject({ container: { id, ours: false } });
      expect(await view(asked)).not.toHaveProperty('foreign');
      await gone();
    });
  });

  it('a foreign container of that name stays with its network and volume, whatever is done to the lab', async () => {
    const reached = await reachTestDocker();
    await using own = await dockerLab(18);
    const name = planOf(own, 'master').container;
    const foreign = { network: `${name}-net`, volume: `${networkIn(own)}_master_database` };
    const dir = mkdtempSync(join(own.dir, 'inner-'));
    mkdirSync(join(dir, 'rep'), { recursive: true });
    const lab = openDockerLab(dir, { ...own.plan, id: 'foreign-test' }, reached, program, () => []);
    await docker('network', 'create', foreign.network);
    await docker('volume', 'create', foreign.volume);
    const options = [
      '--network',
      foreign.network,
      '-v',
      `${foreign.volume}:/kept`,
      '-v',
      `${networkIn(own)}_kept:/more`,
    ];
    await docker('run', '-d', '--name', name, ...options, imageIn(own), 'sleep', '600');
    const all = async () =>
      Promise.all([name, foreign.network, foreign.volume, `${networkIn(own)}_kept`].map((one) => inspected(one)));
    const before = await all();

    const { process, foreign: told, container } = await view(lab);
    expect({ process, container }).toEqual({
      process: { state: 'absent', reason: expect.stringContaining('left alone') },
      container: undefined,
    });
    expect(told).toMatchObject({ name, image: imageIn(own), state: 'running', mayBeTheLabs: false });
    const master = lab.server('master');
    for (const deed of [
      () => master.create(),
      () => master.start(),
      () => master.kill(),
      () => master.reload(),
      () => master.sql('SELECT 1'),
      () => master.connection(),
      () => master.writeFile('postgresql.conf', ''),
      () => master.deleteFile('postgresql.conf'),
    ])
      await expect(deed()).rejects.toThrow(ProblemError);
    await master.stop('immediate');
    await lab.server('slave').create();
    await lab.server('slave').start();
    await lab.restore(await lab.snapshot('foreign'));
    await lab.server('slave').stop('fast');
    await lab.putAside('backups/0001-goto', 'goto', []);
    await lab.server('slave').create();
    await lab.bringBack('backups/0001-goto');
    await lab.dropOldBackups(null);
    await lab.endOrphans('mark', 'all');
    await lab.dismantle();
    expect(await all()).toEqual(before);
    await docker('rm', '--force', name);
    await docker('network', 'rm', foreign.network);
    await docker('volume', 'rm', foreign.volume, `${networkIn(own)}_kept`);
  });

  it('two labs on one engine do not change each other', async () => {
    await using one = await dockerLab(18);
    const other = await dockerLab(18);
    for (const lab of [one, other]) {
      await lab.server('master').create();
      await lab.server('master').start();
    }
    const { container } = planOf(one, 'master');
    const all = async () => [await inspected(container), await inspected(networkIn(one))];
    const before = await all();
    await other.server('master').stop('fast');
    await other.restore(await other.snapshot('two'));
    await other.server('master').stop('immediate');
    await other.putAside('backups/0001-goto', 'goto', ['master']);
    await other.bringBack('backups/0001-goto');
    await other[Symbol.asyncDispose]();
    expect(await all()).toEqual(before);
    expect(await stateOf(one)).toBe('up');
  });
});
