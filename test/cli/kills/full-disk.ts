/**
 * Commands on a disk that gets full while they run, at a seeded point: they end with a sentence or come through, and
 * when there is room again the next command recovers. In turn the lab and the cache are on the small disk.
 */
import { join } from 'node:path';
import { until } from '../../../src/lab/machine/until.ts';
import { type Campaign, nameOf, type Place } from './campaign.ts';
import { type Command, commandsAt, removal, starts } from './commands.ts';
import { isCrash } from './faults.ts';
import { moment, namesIn } from './moments.ts';
import { begin, cacheOf, type Person, withCache } from './person.ts';
import { type SmallDisk, smallDisk } from './small-disk.ts';

const megabytes = 1500;
const deadlineMs = 300_000;

export function fullDisks(who: Person): Campaign {
  let disk: SmallDisk;
  return {
    starts,
    timesPerLab: 8,
    place(number): Place | undefined {
      const made = smallDisk(join(who.place, `disk-${number}`), who.uid, megabytes);
      if (!made) return undefined;
      disk = made;
      const end = { [Symbol.dispose]: () => made[Symbol.dispose]() };
      return number % 3 === 0
        ? {
            ...end,
            who: withCache(who, join(made.folder, 'cache')),
            dir: join(who.place, `lab-${number}`),
            about: `disk ${number} for the cache`,
          }
        : { ...end, who, dir: join(made.folder, 'lab'), about: `disk ${number} for the lab` };
    },
    commands({ dir, choose }) {
      const isOfCache = !dir.startsWith(disk.folder);
      const possible = ({ args, longestMs, moves, fillsCache }: Command) =>
        isOfCache ? fillsCache || args[0] === 'goto' : moves || longestMs > 1500;
      return [choose(choose(commandsAt(dir).filter((kind) => kind.every(possible))))];
    },
    async disturb({ who: user, dir, random, choose }, [command = removal]) {
      const states = statesOf(user);
      // Nothing is left from a moment on, or the disk has only so much room from the start.
      const when = random() < 0.5 ? moment(dir, cacheOf(user), command, random, choose) : undefined;
      const left = when ? 0 : Math.floor(random() ** 2 * 110e6);
      if (!when) disk.leave(left);
      const running = begin(user, dir, command.args);
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
      return {
        names: [`${nameOf(command)}, ${status === 0 ? 'passed' : 'refused'}`],
        how: when ? `full at ${when.name}` : `${Math.round(left / 1e6)} MB left`,
        said: text,
        found: [
          ...(inTime ? [] : [`it has not ended within ${deadlineMs / 1000} s`]),
          ...sentenceFaults(status, text),
          ...states
            .filter((key) => !statesOf(user).includes(key))
            .map((key) => `${key} is gone from the cache: ${text}`),
        ],
      };
    },
  };
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
