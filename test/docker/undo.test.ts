/** Undo, redo and snapshots on Docker, in any order: each brings back what was there; nothing belongs to two states. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { viewDockerLab } from '../../src/lab/docker/lab.ts';
import { readLab } from '../../src/lab/folder.ts';
import type { Lab } from '../../src/lab/lab.ts';
import { changeLab } from '../../src/lab/lock/operation-lock.ts';
import { type CachedState, cacheFolder, openCache } from '../../src/lab/prepared/cache.ts';
import { forShareOf } from '../campaign.ts';
import { type DockerMajor, dockerLab, imageOf, reachTestDocker, whyNoImage } from './lab.ts';
import { docker, imageIn, networkIn, planOf, view } from './learner.ts';
import { labModel } from './states-model.ts';

/** Orders that are easily wrong; random ones follow. With volumes each operation takes three times as long. */
const kinds = [
  [
    18,
    'folder',
    'write solve goto undo undo redo redo save policy goto restore undo undo redo byHand solve goto prune undo undo ' +
      'pause goto undo reset noNetwork undo withRm goto undo remove solve goto undo undo',
  ],
  [15, 'volume', 'write solve goto undo undo redo redo save prune restore undo'],
] as const satisfies readonly (readonly [DockerMajor, 'folder' | 'volume', string])[];

const choices = [
  ...['goto', 'solve', 'reset', 'undo', 'undo', 'undo', 'redo', 'redo', 'save', 'restore', 'drop'],
  ...['write', 'write', 'stop', 'pause', 'policy', 'byHand', 'withRm', 'remove', 'noNetwork', 'prune'],
];
const shareMs = 3_000;

for (const [major, storage, first] of kinds) {
  const about = `PostgreSQL ${major}, ${storage}s`;
  it(`undo, redo and snapshots in any order bring back what was there, ${about}`, async ({ skip }) => {
    if (!imageOf(major)) return skip(whyNoImage(major));
    const place = mkdtempSync(join(tmpdir(), 'rw-undo-'));
    await using lab = await dockerLab(major, { storage });
    const { deeds, check } = labModel(lab, await savedState(lab, place));
    const played: string[] = [];
    const play = async (deed: string) => {
      played.push(deed);
      try {
        await deeds[deed]?.();
        await check();
      } catch (error) {
        throw new Error(`after ${played.join(' ')}: ${(error as Error).message}`, { cause: error });
      }
    };
    for (const deed of first.split(' ')) await play(deed);
    for (const { random } of forShareOf(shareMs)) await play(random.pick(choices));
    expect(await lab.dismantle()).toEqual([]);
    expect(await leftOf(lab)).toBe('');
    rmSync(place, { recursive: true });
  });
}

it("an equal container of one that the learner gave to the lab is the lab's, too", async ({ skip }) => {
  if (!imageOf(18)) return skip(whyNoImage(18));
  await using made = await dockerLab(18);
  const elsewhere = mkdtempSync(join(tmpdir(), 'rw-adopted-'));
  const { container } = planOf(made, 'master');
  const id = await docker('create', '--name', container, '-v', `${elsewhere}:/var/lib/postgresql`, imageIn(made));
  await changeLab(made.dir, (now) => ({ ...now, adopted: { [id.slice(0, 12)]: true } }), new AbortController().signal);
  const adopted = () => Object.keys(readLab(made.dir)?.adopted ?? {});
  const lab = viewDockerLab(made.dir, made.plan, await reachTestDocker(), adopted);
  await lab.copyAside('backups/0001-solve', 'solve');
  await lab.putAside('backups/0002-goto', 'goto', []);
  await lab.bringBack('backups/0001-solve');
  const now = (await view(lab)).container?.id;
  expect(now).not.toBe(id.slice(0, 12)); // that one belongs to the step of goto
  expect(adopted()).toEqual([id.slice(0, 12), now]);
  await lab.bringBack('backups/0002-goto');
  expect((await view(lab)).container?.id).toBe(id.slice(0, 12));
  expect(await lab.dismantle()).toEqual([]);
  expect(await leftOf(lab)).toBe('');
  rmSync(elsewhere, { recursive: true });
});

/** A state with a master that has run; the lab has it, too. */
async function savedState(lab: Lab, place: string): Promise<CachedState> {
  const { prepared } = lab;
  const cache = openCache(cacheFolder({ XDG_CACHE_HOME: place }));
  if (!prepared || !cache) throw new Error('no prepared states');
  await lab.server('master').create();
  await lab.server('master').start();
  return cache.add('docker-master', async (folder) => ({ schema: 1, ...(await prepared.save(folder)), events: [] }));
}

/** The names of containers, volumes and networks of a lab that are still there. */
async function leftOf(lab: Lab): Promise<string> {
  const prefix = networkIn(lab).replace(/rep$/, '');
  const lists = [
    await docker('ps', '--all', '--format', '{{.Names}}'),
    await docker('volume', 'ls', '--format', '{{.Name}}'),
    await docker('network', 'ls', '--format', '{{.Name}}'),
  ];
  return lists
    .flatMap((list) => list.split('\n'))
    .filter((name) => name.startsWith(prefix))
    .join(' ');
}
