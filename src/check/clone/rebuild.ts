/** The way from whatever the standby's folder holds to a standby that streams: lessons 5 to 8 in a few commands. */
import type { Disk, Observation } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { lineFor } from '../setting/conninfo-line.ts';
import { mainConf } from '../setting/settings.ts';
import type { Step } from '../verdict.ts';
import { asideName, plannedPort, viewOf } from '../view.ts';

/** The lessons' own name of the standby and of its role. */
const lessons = { applicationName: 'slave1', user: 'slave' };

export function rebuildSteps(now: Observation, server: string, master: string): readonly Step[] {
  const view = viewOf(now, server);
  const stop: Step = { do: 'stop', on: server };
  if (isProblem(view.disk)) return [stop, { do: 'clone', from: master, to: server }];
  const { disk } = view;
  const free = disk.state === 'absent' || disk.state === 'empty';
  return [
    stop,
    ...(free ? [] : ([{ do: 'put-aside', on: server, to: asideName(disk) }] as const)),
    { do: 'clone', from: master, to: server },
    // On one machine the copy needs a port of its own; containers have one address each.
    ...(now.engine === 'native'
      ? ([{ do: 'edit', on: server, file: mainConf(disk), text: `port = ${plannedPort(view)}` }] as const)
      : []),
    { do: 'edit', on: server, file: mainConf(disk), text: lineFor(now, { master, ...lessons }) },
    { do: 'touch', on: server, file: 'standby.signal' },
    { do: 'start', on: server },
  ];
}

/** The other server of the lab, which a standby follows. */
export const masterOf = (now: Observation, server: string): string =>
  Object.keys(now.servers).find((name) => name !== server) ?? server;

/** A data directory that was moved away comes back; an empty folder in its place goes. */
export const movedBack = ({ path, state }: Pick<Disk, 'path' | 'state'>, beside: string): Step => ({
  do: 'run',
  text: `${state === 'empty' ? `rmdir ${path} && ` : ''}mv ${beside} ${path}`,
});
