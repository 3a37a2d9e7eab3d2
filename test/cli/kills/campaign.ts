/**
 * What the campaigns share: labs from seeded choices, work of the learner in them, and commands that are disturbed.
 * After each time nothing may be lost or left.
 */
import { rmSync } from 'node:fs';
import type { Command } from './commands.ts';
import { faults, type Snapshots } from './faults.ts';
import { type Person, run } from './person.ts';
import { type Chosen, choosing, seeded } from './seeded.ts';
import { leaveWork } from './work.ts';

export type Counted = { times: number; readonly by: Record<string, number>; readonly findings: string[] };

/** A lab of a campaign. `random` and `choose` make its seeded choices; `about` names it in findings. */
export type TestLab = {
  readonly who: Person;
  readonly dir: string;
  readonly about: string;
  readonly random: () => number;
  readonly choose: Chosen;
  readonly snapshots: Snapshots;
};
export type Place = (Disposable | AsyncDisposable) & Pick<TestLab, 'who' | 'dir' | 'about'>;

/** What was done to commands that have ended. `names` are counted; none: they ended before anything was done. */
type Disturbed = {
  readonly names: readonly string[];
  readonly how: string;
  readonly said: string; // by commands that were not killed
  readonly found: readonly string[];
};

export type Campaign = {
  readonly starts: readonly number[]; // the lessons at which labs begin
  readonly timesPerLab: number;
  /** Where the next lab is made; undefined: this machine lacks something. */
  place(number: number): Place | undefined;
  commands(lab: TestLab, isLast: boolean): readonly Command[];
  disturb(lab: TestLab, commands: readonly Command[]): Promise<Disturbed>;
  /** What an engine has left after the commands, which is no lab's. */
  left?(lab: TestLab, commands: readonly Command[]): Promise<readonly string[]>;
};

const mostFindings = 20; // the campaign stops then

/** Disturbs commands until `enough` returns true. Resolves with undefined where the machine lacks something. */
export async function play(
  campaign: Campaign,
  seed: number,
  enough: (times: number) => boolean,
  told: (counted: Counted) => void = () => undefined,
): Promise<Counted | undefined> {
  const counted: Counted = { times: 0, by: {}, findings: [] };
  const random = seeded(seed);
  for (let number = 1; !enough(counted.times) && counted.findings.length < mostFindings; number++) {
    await using place = campaign.place(number);
    if (!place) return undefined;
    const { who, dir, about } = place;
    const lab = { who, dir, about: `seed ${seed}, ${about}`, random, choose: choosing(random), snapshots: new Map() };
    try {
      await disturbLab(campaign, lab, counted, enough);
    } finally {
      await run(who, dir, ['down']);
      rmSync(dir, { recursive: true, force: true });
    }
    told(counted);
  }
  return counted;
}

async function disturbLab(
  campaign: Campaign,
  lab: TestLab,
  counted: Counted,
  enough: (times: number) => boolean,
): Promise<void> {
  const { who, dir, about, random, choose, snapshots } = lab;
  const start = choose(campaign.starts);
  const begun = await run(who, dir, ['goto', String(start), '--yes']);
  if (begun.status !== 0) return void counted.findings.push(`${about}: goto ${start}: ${begun.text}`);
  for (let n = 0; n < campaign.timesPerLab && !enough(counted.times); n++) {
    const commands = campaign.commands(lab, n === campaign.timesPerLab - 1);
    const work = await leaveWork(who, dir, `mine-${n}`, commands);
    const { names, how, said, found } = await campaign.disturb(lab, commands);
    if (names.length > 0) counted.times++;
    for (const name of names) counted.by[name] = (counted.by[name] ?? 0) + 1;
    const after = { who, dir, commands, work, said, snapshots, undoes: commands.length > 1 || random() < 0.5 };
    const asked = commands.map(({ args, breaks }) => [...args, ...(breaks ? [`(${breaks.name})`] : [])].join(' '));
    const left = async () => (await campaign.left?.(lab, commands)) ?? [];
    for (const one of [...found, ...(await faults(after)), ...(await left())])
      counted.findings.push(`${about}, ${n}, ${asked.join(' + ')}, ${how}: ${one}`);
  }
}

/** 'goto', 'goto --end', 'snapshot save'. */
export const nameOf = ({ args }: Command): string =>
  args
    .filter((one, at) => at === 0 || /^--(end|all|remove)$/.test(one) || (args[0] === 'snapshot' && at === 1))
    .join(' ');
