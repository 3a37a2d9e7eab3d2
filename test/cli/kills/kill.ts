/** Commands that change something are killed at seeded moments. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../../src/lab/machine/until.ts';
import { type Campaign, nameOf, type TestLab } from './campaign.ts';
import { commandsAt, removal, starts } from './commands.ts';
import { restoreFaults, saidFaults } from './faults.ts';
import { type Moment, moment } from './moments.ts';
import { begin, cacheOf, type Person, type Running, withCache } from './person.ts';

/**
 * Every third lab has an empty cache of its own; the others have the user's, which `prepare` fills from time to time.
 * The last command restores a snapshot, where there is one, and removes the lab.
 */
export const kills = (who: Person, possible = commandsAt): Campaign => ({
  starts,
  timesPerLab: 16,
  place(number) {
    const cold = join(who.place, `cache-${number}`);
    return {
      who: number % 3 === 0 ? withCache(who, cold) : who,
      dir: join(who.place, `lab-${number}`),
      about: `lab ${number}`,
      [Symbol.dispose]: () => rmSync(cold, { recursive: true, force: true }),
    };
  },
  commands: ({ dir, choose }, isLast) => [isLast ? removal : choose(choose(possible(dir)))],
  async disturb(lab, [command = removal]) {
    const found = command === removal ? await restored(lab) : [];
    const when = moment(lab.dir, cacheOf(lab.who), command, lab.random, lab.choose);
    const running = begin(lab.who, lab.dir, command.args);
    const wasKilled = await killAt(running, when);
    const { text: said } = await running.ended;
    const names = wasKilled ? [nameOf(command)] : [];
    return { names, how: `killed at ${when.name}`, said, found: [...found, ...saidFaults(said)] };
  },
});

/** Restores a snapshot of the lab, if it has one. */
async function restored({ who, dir, snapshots }: TestLab): Promise<readonly string[]> {
  const [name, known] = [...snapshots].find(([, { work }]) => work !== null) ?? [];
  return name !== undefined && known?.work ? restoreFaults(who, dir, name, known.work) : [];
}

/** Resolves with false when the command ended before its moment. */
export async function killAt({ child, ended }: Running, when: Moment): Promise<boolean> {
  await until(() => child.exitCode !== null || when.met(), { deadlineMs: 120_000, everyMs: 1 });
  const alive = child.exitCode === null && child.kill('SIGKILL');
  await ended;
  return alive && child.signalCode === 'SIGKILL';
}
