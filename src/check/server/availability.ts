/** Why a server does not answer: its container, its files, its process, or another server on its port. */
import type { Disk, Observation, ServerView } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { masterOf, movedBack, rebuildSteps } from '../clone/rebuild.ts';
import { addressOf } from '../network/address.ts';
import type { Step } from '../verdict.ts';
import { type Failure, fail, type Unknown, unknown } from '../verdicts.ts';
import { backToTheStart, folderOf, inFile, isOtherFamily, othersOf, processPlace, viewOf } from '../view.ts';
import { containerCauses, containerTrouble } from './container/container.ts';
import { makeClusterSteps } from './container/recreate.ts';
import { whyNoSession, wrongServer } from './identity.ts';
import { loginsWait, notNow, notNowCauses } from './not-now.ts';
import { copiedWithLock, crashCauses, whyItFailed } from './start-failure.ts';
import { swappedBack } from './swapped.ts';
import { otherMajorSteps } from './wrong-files.ts';

export type WantedRole = 'primary' | 'standby';

export const downCauses = [
  'absent',
  'not-a-cluster',
  'created-not-started',
  'stopped',
  ...containerCauses,
  ...crashCauses,
  ...notNowCauses,
  'locked-out',
  'another-server-answers',
  'other-port',
  'not-listening',
  'lost-files',
] as const;
type Down = Failure<(typeof downCauses)[number]>;

/** undefined: the server runs, answers, and is the one of the plan. */
export function whyNotUp(
  now: Observation,
  server: string,
  wanted: WantedRole,
): Down | Failure<'hot-standby-off'> | Unknown | undefined {
  const view = viewOf(now, server);
  const want = wanted === 'primary' ? `${server} runs` : `${server} runs as a standby`;
  const trouble = containerTrouble(now, view, wanted, want);
  if (trouble) return trouble;
  const { disk, process } = view;
  if (now.engine === 'docker' && !view.container) return noContainer(now, view, wanted, want);
  if (isProblem(disk)) return unknown(disk);
  switch (process.state) {
    case 'absent': {
      const unlisted = runsUnlisted(view);
      if (unlisted) return unlisted;
      return disk.state === 'other'
        ? notACluster(now, view, disk, wanted, want)
        : absent(now, view, disk, wanted, want);
    }
    case 'created':
    case 'stopped':
    case 'failed':
      return down(now, view, disk, wanted, want);
    case 'up':
      return (
        loginsWait(view, want) ??
        (isProblem(view.sql) ? whyNoSession(now, view, disk, want) : wrongServer(now, view, disk, view.sql))
      );
    case 'hung':
      return loginsWait(view, want) ?? notNow(now, view, disk, want);
    default:
      return notNow(now, view, disk, want);
  }
}

/** A server that may still answer, and that no program of PostgreSQL finds: not to reload it, not to stop it. */
export function runsUnlisted({ name, process, disk }: ServerView): Failure<'lost-files'> | undefined {
  const { unlisted } = process;
  if (unlisted === undefined || isProblem(disk)) return undefined;
  const isThere = disk.state === 'cluster';
  return fail('lost-files', {
    seen: isThere
      ? `${name} runs (process ${unlisted}), and its postmaster.pid does not say so: pg_ctl no longer finds it`
      : `the data directory of ${name} is gone, and the server that was started there still runs (process ${unlisted})`,
    want: `${name} runs, and pg_ctl finds it`,
    why: 'a server looks into its postmaster.pid once a minute, and ends itself when it is no longer its own',
    at: inFile(name, `${disk.path}/postmaster.pid`),
    next: isThere
      ? [{ do: 'run', text: `kill -INT ${unlisted}` }]
      : [{ do: 'run', text: `kill -QUIT ${unlisted}` }, backToTheStart],
  });
}

/** The data directory exists, and no server runs on it. */
function down(now: Observation, view: ServerView, disk: Disk, wanted: WantedRole, want: string): Down {
  const { name, process, container } = view;
  const isForeign = wanted === 'standby' && isOtherFamily(now, name, masterOf(now, name));
  const swapped = swappedBack(now, view, disk);
  const start: Step = { do: 'start', on: name };
  const next = isForeign ? rebuildSteps(now, name, masterOf(now, name)) : swapped ? [swapped, start] : [start];
  const why = swapped
    ? { why: 'its files have the port of the other server, and those the port of this one: the folders were exchanged' }
    : isForeign
      ? { why: 'what is there is no copy of its primary: started, it would never follow it' }
      : {};
  const at = inFile(name, disk.path);
  if (disk.state === 'other' && process.state === 'failed') return notACluster(now, view, disk, wanted, want);
  if (wanted === 'standby' && (disk.state === 'absent' || disk.state === 'empty'))
    return absent(now, view, disk, wanted, want);
  const failed = copiedWithLock(now, view, disk, want) ?? whyItFailed(now, view, disk, want);
  if (failed) return failed;
  if (container?.state === 'created')
    return fail('created-not-started', {
      seen: `the container ${container.name} is made, but was never started`,
      want,
      at: processPlace(view),
      next,
    });
  return process.state === 'created'
    ? fail('created-not-started', {
        seen: `${disk.path} is there, but ${name} was never started on it`,
        want,
        ...why,
        at,
        next,
      })
    : fail('stopped', { seen: `${name} is stopped; it was shut down in an orderly way`, want, ...why, at, next });
}

/** A folder beside it is likely the one that was moved; nothing new is made then. */
function movedAway(now: Observation, { name }: ServerView, disk: Disk, want: string): Failure<'absent'> | undefined {
  const beside = disk.runningBeside ?? disk.leftBeside.at(-1);
  const isFree = disk.state === 'absent' || (disk.state === 'empty' && disk.runningBeside !== undefined);
  if (now.engine === 'docker' || beside === undefined || !isFree) return undefined;
  return fail('absent', {
    seen: `${disk.state === 'empty' ? `the folder ${disk.path} is empty` : `there is no folder ${disk.path}`}; ${beside} beside it holds a cluster${disk.runningBeside ? ', in which a server still runs' : ''}`,
    want,
    why: 'a moved folder is whole: moved back, it is as it was',
    at: inFile(name, beside),
    next: [movedBack(disk, beside), ...(disk.runningBeside ? [] : ([{ do: 'start', on: name }] as const))],
  });
}

function absent(now: Observation, view: ServerView, disk: Disk, wanted: WantedRole, want: string): Failure<'absent'> {
  // A copy of it that is a standby, or waits to be one: a new cluster would be a stranger to it.
  const isLost =
    wanted === 'primary' &&
    othersOf(now, view.name).some(
      ({ disk: other }) => !isProblem(other) && (other.backupLabel || other.backupLabelOld || other.signals.length > 0),
    );
  const moved = wanted === 'primary' || disk.runningBeside ? movedAway(now, view, disk, want) : undefined;
  if (moved) return moved;
  const seen = disk.state === 'empty' ? `the folder ${disk.path} is empty` : `there is no folder ${disk.path}`;
  const at = inFile(view.name, disk.path);
  return wanted === 'primary'
    ? fail('absent', {
        seen: `${seen}: ${view.name} has no cluster yet`,
        want,
        why: view.container
          ? 'the image of its container makes a new cluster in an empty folder at the next start'
          : 'initdb makes the folder with its files, pg_ctl starts a server on it',
        at,
        next: isLost ? [backToTheStart] : makeClusterSteps(now, view),
      })
    : fail('absent', {
        seen,
        want,
        why: 'a standby is a copy of its primary: without the copy there is nothing to start',
        at,
        next: rebuildSteps(now, view.name, masterOf(now, view.name)),
      });
}

/** On Docker: there is no container of that name; its data may exist. */
function noContainer(now: Observation, view: ServerView, wanted: WantedRole, want: string): Failure<'absent'> {
  const { name, disk } = view;
  const data = !isProblem(disk) && disk.state === 'cluster' ? disk.path : undefined;
  const container = addressOf(view).host;
  return fail('absent', {
    seen: `there is no container "${container}"${data ? `; the data of ${name} is in ${data}` : ''}`,
    want,
    why: data
      ? 'a container on a folder that has a cluster starts a server on it, and makes nothing new'
      : wanted === 'primary'
        ? '"docker run" makes the container; at its first start the image makes a cluster in the folder that is mounted'
        : 'a standby is a copy of its primary: clone it first (lesson 5); a container on an empty folder would make a new cluster',
    at: { server: name, view: 'docker ps --all', row: { names: null } },
    next:
      wanted === 'primary' || data
        ? makeClusterSteps(now, view)
        : [{ do: 'say', text: 'clone the primary first (lesson 5), then make the container on the copy' }],
  });
}

/** With a control file of this lab's major all is there but PG_VERSION. */
function notACluster(now: Observation, view: ServerView, disk: Disk, wanted: WantedRole, want: string): Down {
  const { name } = view;
  const isWhole = now.engine === 'native' && disk.control?.major === now.major;
  const aside: Step = { do: 'put-aside', on: name, to: `${folderOf(disk)}.other` };
  return fail('not-a-cluster', {
    seen: `${disk.path} has files in it, but it is no cluster: the file PG_VERSION is missing`,
    want,
    why: isWhole
      ? 'pg_ctl looks for that file first; its global/pg_control says that the rest is a cluster'
      : 'initdb and pg_basebackup refuse a folder that is not empty, so that they never overwrite anything',
    at: inFile(name, disk.path),
    next: isWhole
      ? otherMajorSteps(now, view, disk)
      : wanted === 'standby'
        ? rebuildSteps(now, name, masterOf(now, name))
        : [aside],
  });
}
