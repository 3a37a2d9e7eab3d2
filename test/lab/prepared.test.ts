/** Prepared states: the cache of a user, and states of real servers in labs with other addresses. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sweepLab } from '../../src/lab/backup/leftovers.ts';
import type { Lab } from '../../src/lab/lab.ts';
import { until } from '../../src/lab/machine/until.ts';
import type { NativeLab } from '../../src/lab/native/lab.ts';
import { cacheFolder, findPrepared, listPrepared, mostBytesOfCache, openCache } from '../../src/lab/prepared/cache.ts';
import { removeSpare } from '../../src/lab/prepared/spare.ts';
import { readPrepared, writePrepared } from '../../src/lab/prepared/state.ts';
import { newSecrets } from '../../src/lab/secrets/secrets.ts';
import type { OpenedLab } from '../../src/learner/opened-lab.ts';
import { moveLab } from '../../src/learner/operations/operations.ts';
import { areAllPrepared, findState, prepareStates } from '../../src/learner/operations/prepared-states.ts';
import { emptyLearnerState } from '../../src/learner/progress.ts';
import { compareState, type StateComparison } from '../../src/learner/states.ts';
import { readLearner } from '../../src/learner/store.ts';
import { everything } from '../everything.ts';
import { temporaryLab } from '../proof/lab.ts';
import { lessonsOf, openedWith, wrongAtStart } from './lesson-start.ts';

let place = '';
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'rw-prepared-'));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

const cacheIn = (folder: string) => cacheFolder({ XDG_CACHE_HOME: folder });
const opened = (folder = place) => {
  const cache = openCache(cacheIn(folder));
  if (!cache) throw new Error('no cache');
  return cache;
};
const from = { dir: '/old', sockets: '/old/run', ports: { master: 5432 } };
const state = { schema: 1, running: ['master'], events: [], from } as const;
const add = (key: string) =>
  opened().add(key, async (folder) => {
    mkdirSync(join(folder, 'rep'));
    return state;
  });

it('a state is found under its key, and only there', async () => {
  await add('native-18-03-aa');
  expect(findPrepared(cacheIn(place), 'native-18-03-aa')?.state).toMatchObject({ ...state, key: 'native-18-03-aa' });
  expect(findPrepared(cacheIn(place), 'native-18-03-bb')).toBeUndefined();
  expect(findPrepared(undefined, 'native-18-03-aa')).toBeUndefined();
});

it('a cache that another user could change is not used', async () => {
  const { folder } = await add('a');
  chmodSync(cacheIn(place) ?? '', 0o770);
  expect(findPrepared(cacheIn(place), 'a')).toBeUndefined();
  expect(listPrepared(cacheIn(place))).toEqual([]);
  expect(openCache(cacheIn(place))).toBeUndefined();
  expect(existsSync(folder)).toBe(true);
});

it('a relative XDG_CACHE_HOME is ignored, and without a home there is no cache', () => {
  expect(cacheFolder({ XDG_CACHE_HOME: 'here', HOME: '/home/me' })).toBe('/home/me/.cache/repl-workshop/states');
  expect(cacheFolder({ HOME: 'relative' })).toBeUndefined();
});

it('a state whose making failed or was killed is no state, and is swept away', async () => {
  const failing = opened().add('a', () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  const killed = join(cacheIn(place) ?? '', '.making-2147483646-b');
  mkdirSync(killed);
  await add('c');
  expect(readdirSync(cacheIn(place) ?? '')).toEqual(['c']);
});

it('a state whose removal was killed is no state, and can be made again', async () => {
  const { folder } = await add('a');
  rmSync(join(folder, 'state.json'));
  await add('a');
  expect(findPrepared(cacheIn(place), 'a')?.state).toMatchObject(state);
  rmSync(join(folder, 'state.json'));
  opened();
  expect(readdirSync(cacheIn(place) ?? '')).toEqual([]);
});

it('a spare whose removal stops half-way is no spare any more', async () => {
  const spare = join(place, '.spare');
  mkdirSync(join(spare, 'rep'), { recursive: true });
  writePrepared(spare, { ...state, key: 'a', bytes: 0 });
  await expect(removeSpare(place, () => Promise.reject(new Error('killed')))).rejects.toThrow('killed');
  expect(readPrepared(spare)).toBeUndefined();
  sweepLab(place);
  expect(existsSync(spare)).toBe(false);
});

it('a spare that is not complete is swept away, and a complete one stays', () => {
  const spare = join(place, '.spare');
  mkdirSync(join(spare, 'rep'), { recursive: true });
  writePrepared(spare, { ...state, key: 'a', bytes: 0 });
  sweepLab(place);
  expect(existsSync(spare)).toBe(true);
  rmSync(join(spare, 'state.json'));
  sweepLab(place);
  expect(existsSync(spare)).toBe(false);
});

it('the states that were not used for longest make room', async () => {
  for (const [at, key] of ['a', 'b', 'c'].entries()) {
    const { folder } = await add(key);
    writePrepared(folder, { ...state, key, bytes: mostBytesOfCache / 2 + 1 });
    utimesSync(folder, at, at);
  }
  await add('d');
  expect(listPrepared(cacheIn(place)).map(({ state: { key } }) => key)).toEqual(['d', 'c']);
});

const isUnchanged = (servers: StateComparison['servers']): boolean => servers.every(({ parts }) => parts.length === 0);

const { signal: never } = new AbortController();
const watcher = (warnings: string[] = []) => ({
  onProgress: () => undefined,
  onWarning: ({ what }: { readonly what: string }) => void warnings.push(what),
  signal: never,
});

const openedLab = (lab: Lab): OpenedLab => openedWith(lab, cacheIn(place));

const identifierOf = async (lab: NativeLab, server: string): Promise<unknown> =>
  (await lab.server(server).sql('SELECT system_identifier::text FROM pg_control_system()')).rows[0]?.system_identifier;

/** The states up to this lesson are tried; with everything switched on, all. */
const lastLesson = everything ? Number.POSITIVE_INFINITY : 5;

const startsAreRight =
  'every prepared state of PostgreSQL %d is the start of its lesson, in a lab with other addresses';
it.each(everything ? [15, 18] : [18])(startsAreRight, { timeout: 300_000 }, async (major) => {
  const wish = { major, secrets: newSecrets() };
  await using maker = await temporaryLab(wish);
  const tried = lessonsOf(maker).filter(({ number }) => number <= lastLesson);
  await prepareStates(maker, tried, opened(), () => undefined, never);
  expect(await areAllPrepared(maker, tried, opened())).toBe(true);

  await using lab = await temporaryLab(wish);
  const warnings: string[] = [];
  const identifiers = new Set<unknown>();
  for (const lesson of lessonsOf(lab).filter(({ number }) => number > 1 && number <= lastLesson)) {
    await moveLab(openedLab(lab), { how: 'goto', lesson }, watcher(warnings));
    expect(await wrongAtStart(lab, lesson), lesson.id).toEqual([]);
    const before = lessonsOf(lab)[lesson.number - 2] ?? lesson;
    const solved = await compareState(openedLab(lab), await lab.observe(), 'solution', before);
    if (lesson.number > 2) expect(solved, lesson.id).toMatchObject({ servers: expect.toSatisfy(isUnchanged) });
    if (lesson.number > 2) identifiers.add(await identifierOf(lab, 'master'));
    const files = ['postgresql.conf', 'postgresql.auto.conf'].flatMap((name) =>
      ['master', 'slave'].map((server) => join(lab.dir, `rep/${server}_data`, name)).filter(existsSync),
    );
    const text = files.map((path) => readFileSync(path, 'utf8')).join('\n');
    expect(text).not.toContain(maker.dir);
    for (const { port } of maker.plan.servers) expect(text).not.toContain(String(port));
  }
  expect(warnings).toEqual([]);
  expect(identifiers.size).toBe(Math.min(lastLesson, lessonsOf(lab).length) - 2); // each time another one
  await moveLab(openedLab(lab), { how: 'goto', lesson: null }, watcher());
  expect(readLearner(lab.dir).learner.progress).toEqual(emptyLearnerState.progress);
});

it('two labs from one state never follow each other', { timeout: 120_000 }, async () => {
  const wish = { secrets: newSecrets() };
  await using mine = await temporaryLab(wish);
  const nine = lessonsOf(mine).filter(({ number }) => number < 9);
  await prepareStates(mine, nine, opened(), () => undefined, never);
  await using other = await temporaryLab(wish);
  for (const lab of [mine, other]) {
    const lesson = lessonsOf(lab)[8] ?? null;
    if (lab === mine) await lab.prepared?.clear();
    await moveLab(openedLab(lab), { how: 'goto', lesson }, watcher());
  }
  expect(await identifierOf(mine, 'slave')).toBe(await identifierOf(mine, 'master'));
  expect(await identifierOf(other, 'master')).not.toBe(await identifierOf(mine, 'master'));

  const slave = other.server('slave');
  const [{ port: own } = { port: 0 }, { port: foreign } = { port: 0 }] = [other, mine].map(
    ({ plan }) => plan.servers[0] ?? { port: 0 },
  );
  const conf = (await slave.readFile('postgresql.conf')) ?? '';
  expect(conf).toContain(`port=${own}`);
  await slave.stop('fast');
  await slave.writeFile('postgresql.conf', conf.replace(`port=${own}`, `port=${foreign}`));
  await slave.start();
  const refused = 'database system identifier differs between the primary and standby';
  expect(await until(async () => (await slave.log()).includes(refused), { deadlineMs: 10_000 })).toBe(true);
  const { rows } = await slave.sql('SELECT status FROM pg_stat_wal_receiver');
  expect(rows).toEqual([]);
});

it("a state made for one user id of root's servers is used by a lab with another one (needs root)", {
  timeout: 60_000,
}, async ({ skip }) => {
  if (process.getuid?.() !== 0) return skip('only root gives servers a user id');
  const wish = { secrets: newSecrets() };
  await using maker = await temporaryLab(wish);
  const first = (await maker.tools.user()).owner?.uid;
  if (first === undefined) return skip('servers run in a namespace here, not as a user of their own');
  const [, , third] = lessonsOf(maker);
  if (!third) throw new Error('no lesson 3');
  await prepareStates(maker, lessonsOf(maker).slice(0, 2), opened(), () => undefined, never);

  const [command, ...args] = ['setpriv', `--reuid=${first}`, '--clear-groups', 'sleep', '60'] as const;
  const busy = spawn(command, args);
  try {
    await once(busy, 'spawn');
    expect(await until(() => statSync(`/proc/${busy.pid}`).uid === first, { deadlineMs: 5000 })).toBe(true);
    await using lab = await temporaryLab(wish);
    expect((await lab.tools.user()).owner?.uid).not.toBe(first);
    expect(await findState(lab, lessonsOf(lab).slice(0, 2), cacheIn(place))).toBeDefined();
    const warnings: string[] = [];
    await moveLab(openedLab(lab), { how: 'goto', lesson: third }, watcher(warnings));
    expect(warnings).toEqual([]);
    expect(await wrongAtStart(lab, third)).toEqual([]);
  } finally {
    busy.kill();
  }
});

it('a damaged state is not used: the solutions make the start, and the learner is told', {
  timeout: 60_000,
}, async () => {
  const wish = { secrets: newSecrets() };
  await using lab = await temporaryLab(wish);
  const [, , third] = lessonsOf(lab);
  if (!third) throw new Error('no lesson 3');
  await prepareStates(lab, lessonsOf(lab).slice(0, 2), opened(), () => undefined, never);
  const damaged = listPrepared(cacheIn(place)).find(({ folder }) => existsSync(join(folder, 'rep/master_data')));
  const control = join(damaged?.folder ?? '', 'rep/master_data/global/pg_control');
  const bytes = readFileSync(control);
  bytes.writeUInt8(bytes.readUInt8(60) ^ 1, 60);
  writeFileSync(control, bytes);
  const warnings: string[] = [];
  await moveLab(openedLab(lab), { how: 'goto', lesson: third }, watcher(warnings));
  expect(warnings).toEqual([expect.stringContaining('its checksum is wrong')]);
  expect(readPrepared(damaged?.folder ?? '')).toBeUndefined();
  expect(await wrongAtStart(lab, third)).toEqual([]);
});
