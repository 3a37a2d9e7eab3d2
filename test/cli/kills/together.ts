/** Two commands at the same time on one lab, one or none of them killed. */
import { join } from 'node:path';
import { until } from '../../../src/lab/machine/until.ts';
import { type Campaign, nameOf } from './campaign.ts';
import { commandsAt, removal, starts } from './commands.ts';
import { saidFaults } from './faults.ts';
import { killAt } from './kill.ts';
import { moment } from './moments.ts';
import { begin, cacheOf, type Person, type Running } from './person.ts';

const deadlineMs = 300_000;

export const pairs = (who: Person): Campaign => ({
  starts,
  timesPerLab: 8,
  place: (number) => ({
    who,
    dir: join(who.place, `two-${number}`),
    about: `lab ${number}`,
    [Symbol.dispose]: () => undefined,
  }),
  commands: ({ dir, choose }) => [choose(choose(commandsAt(dir))), choose(choose(commandsAt(dir)))],
  async disturb({ dir, random, choose }, commands) {
    const [one = removal, two = removal] = commands;
    const first = begin(who, dir, one.args);
    const began = performance.now();
    const offsetMs = Math.round(random() ** 2 * 2500);
    const isTime = () => first.child.exitCode !== null || performance.now() - began >= offsetMs;
    await until(isTime, { deadlineMs, everyMs: 1 });
    const second = begin(who, dir, two.args);
    const [victim, command = one] = choose([[], [first, one], [second, two]] as const);
    const when = victim && moment(dir, cacheOf(who), command, random, choose);
    const killed = when && (await killAt(victim, when)) ? victim : undefined;
    const ended = [await endOf(first, killed === first), await endOf(second, killed === second)];
    const which = killed === first ? 'the first' : 'the second';
    return {
      names: commands.map(nameOf),
      how: `${offsetMs} ms apart${killed ? `, ${which} killed at ${when?.name}` : ''}`,
      said: ended.map(({ text }) => text).join('\n'),
      found: ended.flatMap(({ found }) => found),
    };
  },
});

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
