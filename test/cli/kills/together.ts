/** Two commands at the same time on one lab, one or none of them killed. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../../src/lab/machine/until.ts';
import { type Counted, count, killAt, nameOf, newCount, starts } from './campaign.ts';
import { commandsAt } from './commands.ts';
import { faults, type Snapshots, saidFaults } from './faults.ts';
import { moment } from './moments.ts';
import { begin, cacheOf, type Person, type Running, run } from './person.ts';
import { choosing, seeded } from './seeded.ts';
import { leaveWork } from './work.ts';

const pairsPerLab = 8;
const deadlineMs = 300_000;

export async function together(who: Person, seed: number, enough: (pairs: number) => boolean): Promise<Counted> {
  const counted = newCount();
  const random = seeded(seed);
  for (let lab = 1; !enough(counted.kills); lab++)
    await oneLab(who, lab, `seed ${seed}, lab ${lab}`, random, counted, enough);
  return counted;
}

async function oneLab(
  who: Person,
  number: number,
  about: string,
  random: () => number,
  counted: Counted,
  enough: (pairs: number) => boolean,
): Promise<void> {
  const choose = choosing(random);
  const dir = join(who.place, `two-${number}`);
  const snapshots: Snapshots = new Map();
  try {
    const begun = await run(who, dir, ['goto', String(choose(starts)), '--yes']);
    if (begun.status !== 0) return void counted.findings.push(`${about}: ${begun.text}`);
    for (let pair = 0; pair < pairsPerLab && !enough(counted.kills); pair++) {
      const work = await leaveWork(who, dir, `mine-${number}-${pair}`);
      const commands = [choose(choose(commandsAt(dir))), choose(choose(commandsAt(dir)))] as const;
      const first = begin(who, dir, commands[0].args);
      const began = performance.now();
      const offsetMs = Math.round(random() ** 2 * 2500);
      await until(() => first.child.exitCode !== null || performance.now() - began >= offsetMs, {
        deadlineMs,
        everyMs: 1,
      });
      const second = begin(who, dir, commands[1].args);
      const victim = choose([undefined, 0, 1] as const);
      const when = moment(dir, cacheOf(who), commands[victim ?? 0], random, choose);
      const killed = victim === undefined ? undefined : await killAt([first, second][victim] as Running, when);
      const ended = [
        await endOf(first, killed === true && victim === 0),
        await endOf(second, killed === true && victim === 1),
      ];
      count(counted, ...commands.map(nameOf));
      const said = ended.map(({ text }) => text).join('\n');
      const after = { who, dir, commands, work, said, snapshots, undoes: true };
      const found = [...ended.flatMap(({ found }) => found), ...(await faults(after))];
      const how = `${offsetMs} ms apart${killed ? `, ${victim === 0 ? 'the first' : 'the second'} killed at ${when.name}` : ''}`;
      const names = commands.map(({ args }) => args.join(' ')).join(' + ');
      counted.findings.push(...found.map((one) => `${about}, pair ${pair}, ${names}, ${how}: ${one}`));
    }
  } finally {
    await run(who, dir, ['down']);
    rmSync(dir, { recursive: true, force: true });
  }
}

/** A command that nobody killed ends by itself: it has done its work, or is refused with a sentence. */
async function endOf(
  running: Running,
  wasKilled: boolean,
): Promise<{ readonly text: string; readonly found: readonly string[] }> {
  const inTime = await until(() => running.child.exitCode !== null || running.child.signalCode !== null, {
    deadlineMs,
  });
  if (!inTime) running.child.kill('SIGKILL');
  const { status, text } = await running.ended;
  if (!inTime) return { text, found: [`it has not ended within ${deadlineMs / 1000} s: ${text}`] };
  const isRefused = (status === 2 || status === 3) && text.includes('→');
  return {
    text,
    found: [
      ...saidFaults(text),
      ...(wasKilled || status === 0 || status === 1 || isRefused ? [] : [`status ${status}: ${text}`]),
    ],
  };
}
