/** Data directories that stand in each other's place: the commands that put them back. */
import type { Disk, Observation, ServerView } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { written } from '../setting/settings.ts';
import type { Step } from '../verdict.ts';
import { othersOf, plannedPort } from '../view.ts';

/** Moves the folder to where it belongs; what is there now takes its place. */
export const moveBack = (here: string, there: string, isFree: boolean): Step => ({
  do: 'run',
  text: isFree ? `mv ${here} ${there}` : `mv ${here} ${here}.away && mv ${there} ${here} && mv ${here}.away ${there}`,
});

/**
 * Each folder has the port of the other server in its files, and no server runs in either: the step that exchanges
 * them. A port that was only copied stands in one of them.
 */
export function swappedBack(now: Observation, view: ServerView, disk: Disk): Step | undefined {
  if (now.engine !== 'native') return undefined;
  const other = othersOf(now, view.name).find(
    (one) =>
      !isProblem(one.disk) &&
      one.process.pid === undefined &&
      portOf(one.disk) === plannedPort(view) &&
      portOf(disk) === plannedPort(one),
  );
  return other && !isProblem(other.disk) ? moveBack(disk.path, other.disk.path, false) : undefined;
}

const portOf = (disk: Disk): number => Number(written(disk, 'port').at(-1)?.value ?? 5432);
