/** Prepared states on Docker: files in folders of the lab and in volumes, in labs with other container names. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lab } from '../../src/lab/lab.ts';
import { until } from '../../src/lab/machine/until.ts';
import { reachedInside } from '../../src/lab/plan/plan.ts';
import { type CachedState, cacheFolder, openCache } from '../../src/lab/prepared/cache.ts';
import type { PreparedServers } from '../../src/lab/prepared/prepared.ts';
import { moveLab } from '../../src/learner/operations/operations.ts';
import { prepareStates } from '../../src/learner/operations/prepared-states.ts';
import { lessonsOf, openedWith, wrongAtStart } from '../lab/lesson-start.ts';
import { type DockerMajor, dockerLab, imageOf, whyNoImage } from './lab.ts';
import { comes, docker, networkIn, planOf } from './learner.ts';

const courses = [
  [18, 'folder'],
  [15, 'volume'],
] as const satisfies readonly (readonly [DockerMajor, 'folder' | 'volume'])[];

describe.each(courses)('prepared states, PostgreSQL %i, %ss', (major, storage) => {
  const about = `PostgreSQL ${major}, ${storage}s`;
  if (!imageOf(major)) return it(`states are prepared on Docker, ${about}`, ({ skip }) => skip(whyNoImage(major)));
  const open = () => dockerLab(major, { storage });
  const place = mkdtempSync(join(tmpdir(), 'rw-prepared-'));
  let maker: Lab;
  let state: CachedState;
  beforeAll(async () => {
    maker = await open();
    await makePair(maker);
    const cache = openCache(cacheFolder({ XDG_CACHE_HOME: place }));
    if (!cache) throw new Error('no cache');
    const fill = async (folder: string) =>
      ({ schema: 1, ...(await prepared(maker).save(folder)), events: [] }) as const;
    state = await cache.add('docker-pair', fill);
  });
  afterAll(async () => {
    await maker?.[Symbol.asyncDispose]();
    rmSync(place, { recursive: true, force: true });
  });

  it(`a state contains containers and network, and its servers go on, ${about}`, async () => {
    expect(state.state).toMatchObject({
      running: ['master', 'slave'],
      containers: expect.arrayContaining(['master', 'slave']),
      network: true,
      from: { hosts: { master: planOf(maker, 'master').container } },
    });
    await streams(maker);
  });

  it(`a state becomes that of a lab with other names, and two labs never follow each other, ${about}`, async () => {
    await using lab = await open();
    await prepared(lab).makeSpare(state);
    expect(prepared(lab).spareKey()).toBe('docker-pair');
    await prepared(lab).place(state.state);
    expect(prepared(lab).spareKey()).toBeUndefined();
    expect(readdirSync(lab.dir).filter((name) => name.startsWith('.spare'))).toEqual([]);
    await streams(lab);
    const conf = (await lab.server('slave').readFile('postgresql.auto.conf')) ?? '';
    expect(conf).toContain(`host=${planOf(lab, 'master').container} `);
    expect(await identifierOf(lab, 'slave')).toBe(await identifierOf(lab, 'master'));
    expect(await identifierOf(lab, 'master')).not.toBe(await identifierOf(maker, 'master'));

    // In one network, with the other lab's master as primary.
    await docker('network', 'connect', networkIn(maker), planOf(lab, 'slave').container);
    const [own, foreign] = [planOf(lab, 'master').container, planOf(maker, 'master').container];
    await lab.server('slave').stop('fast');
    await lab.server('slave').writeFile('postgresql.auto.conf', conf.replace(`host=${own} `, `host=${foreign} `));
    await lab.server('slave').start();
    const refused = 'database system identifier differs between the primary and standby';
    await comes('the other master is refused', async () => (await lab.server('slave').log()).includes(refused));
    expect((await lab.server('slave').sql('SELECT 1 FROM pg_stat_wal_receiver')).rows).toEqual([]);

    await prepared(lab).clear();
    expect(await docker('ps', '--all', '--quiet', '--filter', `network=${networkIn(lab)}`)).toBe('');
    expect(readdirSync(join(lab.dir, 'rep'))).toEqual([]);
  });

  it(`every prepared state is the start of its lesson, ${about}`, { timeout: 600_000 }, async () => {
    const cache = openCache(cacheFolder({ XDG_CACHE_HOME: place }));
    await using lab = await open();
    const all = lessonsOf(lab);
    const tried = all.filter(({ number }) => number <= lastLesson);
    await using other = await open();
    if (cache) await prepareStates(other, tried, cache, () => undefined, new AbortController().signal);
    const problems: unknown[] = [];
    const watcher = { onProgress: () => undefined, onWarning: (one: unknown) => void problems.push(one) };
    for (const lesson of all.filter(({ number }) => number > 1 && number <= lastLesson + 1)) {
      const { signal } = new AbortController();
      await moveLab(openedWith(lab, cache?.folder), { how: 'goto', lesson }, { ...watcher, signal });
      expect(await wrongAtStart(lab, lesson), lesson.id).toEqual([]);
    }
    expect(problems).toEqual([]);
  });

  it(`nothing of a spare is left after the lab was removed, ${about}`, async () => {
    await using lab = await open();
    await prepared(lab).makeSpare(state);
    expect(await lab.dismantle()).toEqual([]);
    expect(existsSync(join(lab.dir, '.spare'))).toBe(false);
  });
});

/** With a larger share of time all are tried. */
const lastLesson = Number(process.env.REPL_WORKSHOP_SHARE ?? 1) > 1 ? Number.POSITIVE_INFINITY : 2;

const prepared = (lab: Lab): PreparedServers => {
  if (!lab.prepared) throw new Error('no prepared states');
  return lab.prepared;
};

/** Master and standby, as at the start of lesson 9. */
async function makePair(lab: Lab): Promise<void> {
  const [master, slave] = [lab.server('master'), lab.server('slave')];
  await master.create();
  await master.start();
  const { user, password } = lab.plan.replication;
  await master.sql(`CREATE ROLE ${user} WITH REPLICATION LOGIN PASSWORD '${password}'`);
  const hba = (await master.readFile('pg_hba.conf')) ?? '';
  await master.writeFile('pg_hba.conf', `${hba}\nhost replication ${user} samenet scram-sha-256\n`);
  await master.stop('fast');
  await slave.copyFrom('master');
  const { host, port } = reachedInside(lab.plan, 'master');
  const conninfo = `user=${user} password=${password} host=${host} port=${port} application_name=slave1`;
  await slave.writeFile('postgresql.auto.conf', `primary_conninfo = '${conninfo}'\n`);
  await slave.writeFile('standby.signal', '');
  await master.start();
  await slave.start();
  await streams(lab);
}

async function streams(lab: Lab): Promise<void> {
  const { sql } = lab.server('master');
  const streaming = async () => (await sql("SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'")).rows.length;
  expect(await until(async () => (await streaming()) === 1, { deadlineMs: 20_000 })).toBe(true);
}

const identifierOf = async (lab: Lab, server: string): Promise<unknown> =>
  (await lab.server(server).sql('SELECT system_identifier::text FROM pg_control_system()')).rows[0]?.system_identifier;
