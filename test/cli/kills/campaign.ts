/**
 * The kill campaign: commands that change something are killed at seeded moments, and after each kill nothing may be
 * lost or left.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../../src/lab/machine/until.ts';
import { type Command, commandsAt, removal } from './commands.ts';
import { faults, restoreFaults, type Snapshots, saidFaults } from './faults.ts';
import { type Moment, moment } from './moments.ts';
import { begin, cacheOf, type Person, type Running, run, withCache } from './person.ts';
import { choosing, seeded } from './seeded.ts';
import { leaveWork } from './work.ts';

export type Counted = { kills: number; readonly by: Record<string, number>; readonly findings: string[] };

export const newCount = (): Counted => ({ kills: 0, by: {}, findings: [] });

export function count(counted: Counted, ...names: readonly string[]): void {
  counted.kills++;
  for (const name of names) counted.by[name] = (counted.by[name] ?? 0) + 1;
}

/** 'goto', 'goto --end', 'snapshot save'. */
export const nameOf = ({ args }: Command): string =>
  args
    .filter((one, at) => at === 0 || /^--(end|all|remove)$/.test(one) || (args[0] === 'snapshot' && at === 1))
    .join(' ');

export const starts = [3, 5, 8, 9, 12];
const killsPerLab = 16;
const mostFindings = 20; // the campaign stops then

/**
 * Kills commands until `enough` returns true. A finding names seed, lab, kill, command and moment. Every third lab has
 * an empty cache of its own; the others have the user's, which `prepare` fills from kill to kill.
 */
export async function campaign(
  who: Person,
  seed: number,
  enough: (kills: number) => boolean,
  told: (counted: Counted) => void,
): Promise<Counted> {
  const counted = newCount();
  const random = seeded(seed);
  for (let lab = 1; !enough(counted.kills) && counted.findings.length < mostFindings; lab++) {
    const cold = join(who.place, `cache-${lab}`);
    await oneLab(lab % 3 === 0 ? withCache(who, cold) : who, lab, `seed ${seed}, lab ${lab}`, random, counted, enough);
    rmSync(cold, { recursive: true, force: true });
    told(counted);
  }
  return counted;
}

async function oneLab(
  who: Person,
  number: number,
  about: string,
  random: () => number,
  counted: Counted,
  enough: (kills: number) => boolean,
): Promise<void> {
  const choose = choosing(random);
  const dir = join(who.place, `lab-${number}`);
  const start = choose(starts);
  const snapshots: Snapshots = new Map();
  try {
    const begun = await run(who, dir, ['goto', String(start), '--yes']);
    if (begun.status !== 0) return void counted.findings.push(`${about}: goto ${start}: ${begun.text}`);
    for (let kill = 0; kill < killsPerLab && !enough(counted.kills); kill++) {
      const last = kill === killsPerLab - 1;
      if (last) counted.findings.push(...(await restored(who, dir, snapshots)).map((one) => `${about}: ${one}`));
      const command = last ? removal : choose(choose(commandsAt(dir)));
      const work = await leaveWork(who, dir, `mine-${number}-${kill}`);
      const when = moment(dir, cacheOf(who), command, random, choose);
      const running = begin(who, dir, command.args);
      const wasKilled = await killAt(running, when);
      const { text } = await running.ended;
      if (wasKilled) count(counted, nameOf(command));
      const after = { who, dir, commands: [command], work, said: text, snapshots, undoes: random() < 0.5 };
      const found = [...saidFaults(text), ...(await faults(after))];
      counted.findings.push(
        ...found.map((one) => `${about}, kill ${kill}, ${command.args.join(' ')} at ${when.name}: ${one}`),
      );
    }
  } finally {
    await run(who, dir, ['down']);
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Restores a snapshot of the lab, if it has one. */
async function restored(who: Person, dir: string, snapshots: Snapshots): Promise<readonly string[]> {
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
