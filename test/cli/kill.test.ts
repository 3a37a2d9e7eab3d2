/**
 * Killed programs lose nothing of the learner's and leave nothing of the workshop's. `REPL_WORKSHOP_KILLS=1000` sets
 * the number of kills, half of them as root and half as an ordinary user; `REPL_WORKSHOP_SEED` makes other choices.
 */
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { everything } from '../everything.ts';
import { type Counted, campaign, person, run } from './kills.ts';

const wanted = Number(process.env.REPL_WORKSHOP_KILLS ?? 0);
const seed = Number(process.env.REPL_WORKSHOP_SEED ?? 1);
const shareMs = everything ? 100_000 : 3_000; // for each of the two

const isRoot = process.getuid?.() === 0;

function canBecome(): boolean {
  using who = person(true);
  const [command = '', ...args] = [...who.prefix, process.execPath, '--version'];
  return spawnSync(command, args).status === 0;
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
    const enough = (kills: number) => (wanted > 0 ? kills >= wanted / 2 : kills > 0 && performance.now() >= end);
    const told = ({ kills, by, findings }: Counted) =>
      void (wanted > 0 && console.log([`${kills} kills ${JSON.stringify(by)}`, ...findings].join(' | ')));
    const { kills, by, findings } = await campaign(who, seed + (ordinary ? 1000 : 0), enough, told);
    console.log(`killed as ${who.name}: ${kills} (${JSON.stringify(by)}), seed ${seed}`);
    expect(findings).toEqual([]);
    expect(kills).toBeGreaterThan(0);
  },
);
