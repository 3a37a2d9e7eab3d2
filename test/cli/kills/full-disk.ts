/**
 * Commands on a disk that gets full while they run, at a seeded point: they end with a sentence or come through, and
 * when there is room again the next command recovers. In turn the lab and the cache are on the small disk.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../../src/lab/machine/until.ts';
import { type Counted, count, nameOf, newCount, starts } from './campaign.ts';
import { type Command, commandsAt } from './commands.ts';
import { faults, isCrash, type Snapshots } from './faults.ts';
import { moment, namesIn } from './moments.ts';
import { begin, cacheOf, type Person, run, withCache } from './person.ts';
import { choosing, seeded } from './seeded.ts';
import { type SmallDisk, smallDisk } from './small-disk.ts';
import { leaveWork } from './work.ts';

const timesPerLab = 8;
const megabytes = 1500;
const deadlineMs = 300_000;

/** undefined: this machine gives the test no small disk. */
export async function fullDisks(
  who: Person,
  seed: number,
  enough: (times: number) => boolean,
): Promise<Counted | undefined> {
  const counted = newCount();
  const random = seeded(seed);
  for (let lab = 1; !enough(counted.kills); lab++) {
    using disk = smallDisk(join(who.place, `disk-${lab}`), who.uid, megabytes);
    if (!disk) return undefined;
    const [what, where, user] =
      lab % 3 === 0
        ? (['the cache', join(who.place, `lab-${lab}`), withCache(who, join(disk.folder, 'cache'))] as const)
        : (['the lab', join(disk.folder, 'lab'), who] as const);
    await oneLab(user, where, disk, `seed ${seed}, disk ${lab} for ${what}`, random, counted, enough);
  }
  return counted;
}

async function oneLab(
  who: Person,
  dir: string,
  disk: SmallDisk,
  about: string,
  random: () => number,
  counted: Counted,
  enough: (times: number) => boolean,
): Promise<void> {
  const choose = choosing(random);
  const snapshots: Snapshots = new Map();
  const isOfCache = !dir.startsWith(disk.folder);
  const possible = ({ args, longestMs, fillsCache }: Command) =>
    isOfCache ? fillsCache || args[0] === 'goto' : longestMs > 1500;
  try {
    const begun = await run(who, dir, ['goto', String(choose(starts)), '--yes']);
    if (begun.status !== 0) return void counted.findings.push(`${about}: ${begun.text}`);
    for (let n = 0; n < timesPerLab && !enough(counted.kills); n++) {
      const command = choose(choose(commandsAt(dir).filter((kind) => kind.every(possible))));
      const work = await leaveWork(who, dir, `mine-${n}`);
      const states = statesOf(who);
      // Nothing is left from a moment on, or the disk has only so much room from the start.
      const when = random() < 0.5 ? moment(dir, cacheOf(who), command, random, choose) : undefined;
      const left = when ? 0 : Math.floor(random() ** 2 * 110e6);
      if (!when) disk.leave(left);
      const running = begin(who, dir, command.args);
      const ended = () => running.child.exitCode !== null;
      if (when) {
        await until(() => ended() || when.met(), { deadlineMs, everyMs: 1 });
        disk.leave(0);
      }
      const isOver = () => {
        if (when) disk.leave(0); // also what the command makes free
        return ended();
      };
      const inTime = await until(isOver, { deadlineMs, everyMs: 10 });
      if (!inTime) running.child.kill('SIGKILL');
      const { status, text } = await running.ended;
      disk.makeRoom();
      count(counted, `${nameOf(command)}, ${status === 0 ? 'passed' : 'refused'}`);
      const after = { who, dir, commands: [command], work, said: text, snapshots, undoes: random() < 0.5 };
      const found = [
        ...(inTime ? [] : [`it has not ended within ${deadlineMs / 1000} s`]),
        ...sentenceFaults(status, text),
        ...states.filter((key) => !statesOf(who).includes(key)).map((key) => `${key} is gone from the cache: ${text}`),
        ...(await faults(after)),
      ];
      const point = when ? `full at ${when.name}` : `${Math.round(left / 1e6)} MB left`;
      counted.findings.push(...found.map((one) => `${about}, ${n}, ${command.args.join(' ')}, ${point}: ${one}`));
    }
  } finally {
    disk.makeRoom();
    await run(who, dir, ['down']);
    rmSync(dir, { recursive: true, force: true });
  }
}

const statesOf = (who: Person): readonly string[] => namesIn(cacheOf(who)).filter((name) => !name.startsWith('.'));

/** A command on a full disk passes, or is refused with a sentence that says what is full and what to do. */
function sentenceFaults(status: number | null, text: string): readonly string[] {
  if (isCrash(text)) return [`an error of our own: ${text}`];
  if (status === 0 || status === 1 || (status === 2 && text.includes('→'))) return [];
  if (status !== 3) return [`status ${status}: ${text}`];
  return /full|No space left|room/i.test(text) && text.includes('→')
    ? []
    : [`it does not say that the disk is full: ${text}`];
}
