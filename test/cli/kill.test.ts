/**
 * Killed programs lose nothing of the learner's and leave nothing of the workshop's. `REPL_WORKSHOP_KILLS=1000` sets
 * the number of kills, half of them as root and half as an ordinary user; `REPL_WORKSHOP_SEED` makes other choices.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { until } from '../../src/lab/machine/until.ts';
import { everything } from '../everything.ts';
import { type Counted, play } from './kills/campaign.ts';
import { fullDisks } from './kills/full-disk.ts';
import { kills } from './kills/kill.ts';
import { leftInCache, leftovers, processFaults } from './kills/left.ts';
import { namesIn } from './kills/moments.ts';
import { begin, cacheOf, type Person, person, run } from './kills/person.ts';
import { smallDisk } from './kills/small-disk.ts';
import { pairs } from './kills/together.ts';

const wanted = Number(process.env.REPL_WORKSHOP_KILLS ?? 0);
const seed = Number(process.env.REPL_WORKSHOP_SEED ?? 1);
const shareMs = everything ? 70_000 : 3_000; // for each of the two

const isRoot = process.getuid?.() === 0;

function canBecome(): boolean {
  using who = person(true);
  const [command = '', ...args] = [...who.prefix, process.execPath, '--version'];
  return spawnSync(command, args).status === 0;
}

function told({ times, by, findings }: Counted): void {
  if (wanted > 0) console.log([`${times} ${JSON.stringify(by)}`, ...findings].join(' | '));
}

function expectNothingFound(what: string, counted: Counted | undefined): void {
  console.log(`${what}: ${counted?.times} (${JSON.stringify(counted?.by)}), seed ${seed}`);
  expect(counted?.findings).toEqual([]);
  expect(counted?.times).toBeGreaterThan(0);
}

it.for([false, isRoot && canBecome()])(
  'nothing is lost or left behind, whenever a command is killed (ordinary user: %s)',
  { timeout: 24 * 3_600_000 },
  async (ordinary, { skip }) => {
    if (!isRoot && ordinary === false) console.log('only root can be somebody else: both times it is you');
    using who = person(ordinary);
    if (ordinary && (await run(who, `${who.place}/none`, ['--version'])).status !== 0)
      return skip('another user may not read this repository');
    const end = performance.now() + shareMs;
    const enough = (times: number) => (wanted > 0 ? times >= wanted / 2 : times > 0 && performance.now() >= end);
    const counted = await play(kills(who), seed + (ordinary ? 1000 : 0), enough, told);
    expectNothingFound(`killed as ${who.name}`, counted);
  },
);

const otherWanted = Math.ceil(wanted / 5);
const enoughOf = (ms: number) => {
  const end = performance.now() + ms;
  return (times: number) => (wanted > 0 ? times >= otherWanted : times > 0 && performance.now() >= end);
};

it('a disk that gets full at any moment is named, nothing is lost, and with room again all goes on', {
  timeout: 24 * 3_600_000,
}, async ({ skip }) => {
  using who = person(false);
  const counted = await play(fullDisks(who), seed, enoughOf(everything ? 45_000 : 3_000), told);
  if (!counted) return skip('only root, where it may mount a tmpfs, has a disk that can be filled');
  expectNothingFound('full disks', counted);
});

it('two commands at once both end, and leave one of the two states', { timeout: 24 * 3_600_000 }, async () => {
  using who = person(false);
  expectNothingFound('two at once', await play(pairs(who), seed, enoughOf(everything ? 40_000 : 3_000), told));
});

/** Begins to prepare states, and resolves when servers of the temporary lab run. */
async function preparing(who: Person, dir: string) {
  const running = begin(who, dir, ['prepare']);
  expect(await until(() => running.text().includes('lesson 4,'), { deadlineMs: 60_000 })).toBe(true);
  return running;
}

it('the next command ends the servers that a killed prepare has left, and the next prepare sweeps the cache', async () => {
  using who = person(false);
  const dir = join(who.place, 'lab');
  const { child, ended } = await preparing(who, dir);
  child.kill('SIGKILL');
  await ended;
  expect(processFaults(who, dir)).not.toEqual([]);
  expect((await run(who, dir, ['up'])).status).toBe(0);
  expect(processFaults(who, dir)).toEqual([]);
  expect(leftovers(who, dir)).toEqual([]);

  const again = await preparing(who, dir);
  again.child.kill('SIGINT');
  const { status, text } = await again.ended;
  expect({ status, text }).toMatchObject({ status: 3, text: expect.stringMatching(/^Stopped: the states/m) });
  expect([...processFaults(who, dir), ...leftovers(who, dir), ...leftInCache(who)]).toEqual([]);
});

it('a goto that has no room for a prepared state says so, and the state stays in the cache', async ({ skip }) => {
  using who = person(false);
  using disk = smallDisk(join(who.place, 'disk'), who.uid, 250);
  if (!disk) return skip('only root, where it may mount a tmpfs, has a disk that can be filled');
  const dir = join(disk.folder, 'lab');
  const { child, ended } = await preparing(who, dir);
  child.kill('SIGINT');
  await ended;
  const states = namesIn(cacheOf(who));
  disk.leave(20e6);
  const { status, text } = await run(who, dir, ['goto', '3', '--yes']);
  expect({ status, text }).toMatchObject({ status: 3, text: expect.stringMatching(/the disk is full.*\n.*Make room/) });
  expect(namesIn(cacheOf(who))).toEqual(states);
  expect(namesIn(dir).filter((name) => /^\.(spare|ahead)/.test(name))).toEqual([]);
  disk.makeRoom();
  expect((await run(who, dir, ['goto', '3', '--yes'])).status).toBe(0);
  await run(who, dir, ['down']);
});
