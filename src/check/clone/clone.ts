/** Before and after the clone: the slave is stopped, its old cluster is moved away, and the copy gets its own port. */
import type { Disk, Observation, ServerView } from '../../lab/observation.ts';
import { isProblem, type Problem } from '../../lab/problem.ts';
import { withoutComment } from '../../postgres/conf/conf.ts';
import { type Check, defineCheck } from '../check.ts';
import { locationOf, mainConf, startFault, type WrittenSetting, written } from '../setting/settings.ts';
import type { Location, Step } from '../verdict.ts';
import { type Failure, fail, pass, unknown } from '../verdicts.ts';
import {
  asideName,
  atLogLine,
  folderOf,
  identifierOf,
  inFile,
  lastRecord,
  plannedPort,
  processPlace,
  viewOf,
} from '../view.ts';
import { movedBack } from './rebuild.ts';

/** The server that is to become the standby does not run, and has not run as a primary on the copy. */
export const stoppedBeforeClone = (server: string, master: string): Check =>
  defineCheck(['still-running', 'started-too-early', 'container-started-too-soon'], ({ now }) => {
    const view = viewOf(now, server);
    const { process } = view;
    const beside = isProblem(view.disk) ? undefined : view.disk.runningBeside;
    if (beside)
      return fail('still-running', {
        seen: `${server} still runs, in the folder that was moved away under it: ${beside}`,
        want: `${server} is stopped`,
        why: 'it keeps its port and goes on writing there; the copy could not start beside it',
        at: inFile(server, beside),
        next: [{ do: 'stop', on: server, folder: beside }],
      });
    if (['absent', 'created', 'stopped', 'failed'].includes(process.state))
      return ranAlone(now, server, master) ?? pass(`${server} does not run`);
    const next: readonly Step[] = [{ do: 'stop', on: server }];
    const at = processPlace(view);
    const thirdCluster = clusterMadeByImage(now, server, master);
    if (thirdCluster) return thirdCluster;
    if (isCopy(now, server, master)) {
      return fail('started-too-early', {
        seen: `${server} runs already, on the copy of ${master}`,
        want: `${server} stays stopped until lesson 8`,
        why: 'a copy does not know yet that it is a standby: started now, it goes a way of its own, and has to be cloned again',
        at,
        next,
      });
    }
    const smart = lastRecord(view.log.records, /^received smart shutdown request/);
    return fail('still-running', {
      seen: smart
        ? `${server} was asked to stop, but waits until everybody has gone`
        : `${server} still runs${process.pid && !view.container ? ` (process ${process.pid})` : ''}`,
      want: `${server} is stopped`,
      why: 'a data directory can only be exchanged when no server works in it',
      at: smart ? atLogLine(server, smart) : at,
      next: smart ? [{ do: 'stop', on: server, how: 'fast' }] : next,
    });
  });

/** On Docker: the container was started on the empty folder, and its image created a new cluster there. */
export function clusterMadeByImage(
  now: Observation,
  server: string,
  master: string,
): Failure<'container-started-too-soon'> | undefined {
  const view = viewOf(now, server);
  const { disk } = view;
  const [slaveId, masterId] = [identifierOf(view), identifierOf(viewOf(now, master))];
  if (now.engine === 'native' || isProblem(disk) || disk.state !== 'cluster' || disk.leftBeside.length === 0)
    return undefined;
  if (!slaveId || !masterId || slaveId === masterId) return undefined;
  return fail('container-started-too-soon', {
    seen: `${folderOf(disk)} was free, and holds a new cluster now: its identifier is ${slaveId}, ${master}'s is ${masterId}`,
    want: `a base backup of ${master} in ${folderOf(disk)}, before the container is started`,
    why: 'a container that is started on an empty folder makes a new cluster there, without a word: a third family. First the copy, then the start',
    at: inFile(server, disk.path),
    next: [{ do: 'stop', on: server }, ...cloneSteps(now, server, master)],
  });
}

/** A copy that was started once as a primary and stopped again: it has a backup_label.old, and was not in recovery. */
function ranAlone(now: Observation, server: string, master: string): Failure<'started-too-early'> | undefined {
  const [{ disk }, masters] = [viewOf(now, server), viewOf(now, master).disk];
  if (isProblem(disk) || isProblem(masters) || !isCopy(now, server, master)) return undefined;
  if (disk.backupLabel || !disk.backupLabelOld || masters.backupLabelOld) return undefined;
  if (disk.control?.state !== 'shut down' && disk.control?.state !== 'in production') return undefined;
  return fail('started-too-early', {
    seen: `${server} does not run now, but it was started once on the copy, as a primary of its own`,
    want: `a copy of ${master} that was never started`,
    why: 'it has written a log of its own since; it would connect later, and never get the rows',
    at: inFile(server, `${disk.path}/backup_label.old`),
    next: cloneSteps(now, server, master),
  });
}

/** The server's old cluster is moved away. Passes as well when the copy is already in its place. */
export const putAside = (server: string, master: string): Check =>
  defineCheck(
    ['old-cluster-still-there', 'container-started-too-soon', 'folder-not-emptied', 'no-master'],
    ({ now }) => {
      const { disk } = viewOf(now, server);
      if (isProblem(disk)) return unknown(disk);
      const beside = disk.leftBeside.length > 0 ? `; the old cluster is in ${disk.leftBeside.join(', ')}` : '';
      if (disk.state === 'absent' || disk.state === 'empty') return pass(`${disk.path} is free for the copy${beside}`);
      if (disk.state === 'other') return notEmpty(server, disk);
      if (!identifierOf(viewOf(now, master))) return noMaster(now, master);
      if (isCopy(now, server, master)) return pass(`${disk.path} holds a cluster of ${master}'s identifier${beside}`);
      const thirdCluster = clusterMadeByImage(now, server, master);
      if (thirdCluster) return thirdCluster;
      return fail('old-cluster-still-there', {
        seen: `${disk.path} still holds a cluster of ${server}'s own (identifier ${identifierOf(viewOf(now, server))})`,
        want: `the name ${folderOf(disk)} is free`,
        why: `pg_basebackup refuses a folder that is not empty, so that it never overwrites anything${emptyFolderWarning(now)}`,
        at: inFile(server, disk.path),
        next: [
          { do: 'stop', on: server },
          { do: 'put-aside', on: server, to: asideName(disk) },
        ],
      });
    },
  );

/** The files of the copy set a port of its own. Only for servers of one machine. */
export const ownPort = (server: string, master: string): Check =>
  defineCheck(
    ['no-copy-yet', 'identifier-differs', 'conf-error', 'port-in-the-wrong-file', 'port-not-changed', 'port-other'],
    ({ now }) => {
      const view = viewOf(now, server);
      const { disk } = view;
      if (isProblem(disk)) return unknown(disk);
      const want = `port = ${plannedPort(view)} in the files of ${server}`;
      if (disk.state !== 'cluster')
        return fail('no-copy-yet', {
          seen: `${disk.path} holds no copy yet`,
          want,
          at: inFile(server, disk.path),
          // A folder beside it in which the server still runs is the copy that was moved.
          next: disk.runningBeside
            ? [movedBack(disk, disk.runningBeside)]
            : [
                ...cloneSteps(now, server, master),
                { do: 'edit', on: server, file: mainConf(disk), text: `port = ${plannedPort(view)}` },
              ],
        });
      const masters = viewOf(now, master);
      if (!identifierOf(masters)) return unknown(isProblem(masters.disk) ? masters.disk : noIdentifier(master));
      if (!isCopy(now, server, master)) {
        return fail('identifier-differs', {
          seen: `${server} has ${identifierOf(view) ? `the identifier ${identifierOf(view)}` : 'no identifier'}, ${master} has ${identifierOf(masters)}: it is no copy of ${master}`,
          want: 'the same identifier on both',
          at: inFile(server, disk.path),
          next: [
            ...(view.process.pid === undefined ? [] : [{ do: 'stop', on: server } as const]),
            ...cloneSteps(now, server, master),
            { do: 'edit', on: server, file: mainConf(disk), text: `port = ${plannedPort(view)}` },
          ],
        });
      }
      const fault = startFault(view, disk);
      if (fault) return fault;
      const last = written(disk, 'port').at(-1);
      const value = last ? Number(last.value) : 5432;
      if (value === plannedPort(view))
        return pass(`${server} has port ${value}${last ? `: ${last.path}, line ${last.line}` : ', the default'}`);
      return wrongPort(view, disk, viewOf(now, master), last, want);
    },
  );

/** The port in effect is the last line that sets one, or 5432. The right port may be in the master's file. */
function wrongPort(view: ServerView, disk: Disk, master: ServerView, last: WrittenSetting | undefined, want: string) {
  const planned = plannedPort(view);
  const where = last ? { file: last.path, line: last.line } : { file: mainConf(disk) };
  const next: readonly Step[] = [{ do: 'edit', on: view.name, ...where, text: `port = ${planned}` }];
  const seen = last
    ? `${last.path}, line ${last.line}: ${withoutComment(last.text)}`
    : `no port in the files of ${view.name}, so it is 5432`;
  const at: Location = { server: view.name, ...where };
  const masters = isProblem(master.disk) ? undefined : written(master.disk, 'port').at(-1);
  if (masters && Number(masters.value) === planned) {
    return fail('port-in-the-wrong-file', {
      seen: `port = ${planned} stands in ${masters.path}, which is ${master.name}'s; ${seen}`,
      want,
      why: `each server reads the files of its own data directory; at its next start ${master.name} would move to port ${planned}`,
      at: locationOf(master.name, masters),
      next: [
        { do: 'edit', on: master.name, file: masters.path, line: masters.line, text: `port = ${plannedPort(master)}` },
        ...next,
      ],
    });
  }
  if ((last ? Number(last.value) : 5432) === plannedPort(master)) {
    const why = 'the copy has all the settings of the original; two servers cannot share one port of a machine';
    return fail('port-not-changed', { seen: `${seen}: that is ${master.name}'s port`, want, why, at, next });
  }
  return fail('port-other', {
    seen,
    want,
    why: `in this lab the others look for ${view.name} on port ${planned}`,
    at,
    next,
  });
}

const noIdentifier = (name: string): Problem => ({
  what: `The identifier of ${name} is not known: its data directory has no global/pg_control, and the server does not tell it.`,
  fix: `Bring ${name} back first: "repl-workshop check 2" says what it lacks.`,
});

export const isCopy = (now: Observation, server: string, master: string): boolean => {
  const masterId = identifierOf(viewOf(now, master));
  return masterId !== undefined && identifierOf(viewOf(now, server)) === masterId;
};

export const pathOf = (view: ServerView): string => (isProblem(view.disk) ? view.name : view.disk.path);

export function cloneSteps(now: Observation, server: string, master: string): readonly Step[] {
  const { disk } = viewOf(now, server);
  const free = isProblem(disk) || disk.state === 'absent' || disk.state === 'empty';
  return [
    ...(free ? [] : [{ do: 'put-aside', on: server, to: asideName(disk) } as const]),
    { do: 'clone', from: master, to: server },
  ];
}

/** On Docker: the second half of a sentence about an empty folder. */
export const emptyFolderWarning = (now: Observation): string =>
  now.engine === 'docker'
    ? '. Do not start the container on the empty folder: its image would make a new cluster there'
    : '';

export const notEmpty = (server: string, disk: Disk): Failure<'folder-not-emptied'> =>
  fail('folder-not-emptied', {
    seen: `${disk.path} has files in it, but is no cluster: PG_VERSION is missing`,
    want: `${disk.path} is empty, or not there`,
    why: 'what was left of the old cluster would mix with the copy; pg_basebackup refuses it',
    at: inFile(server, disk.path),
    next: [{ do: 'put-aside', on: server, to: `${folderOf(disk)}.other` }],
  });

export const noMaster = (now: Observation, master: string): Failure<'no-master'> =>
  fail('no-master', {
    seen: `${master} has no cluster that could be copied`,
    want: `${master} as it was in lesson 2`,
    at: inFile(master, pathOf(viewOf(now, master))),
    next: [{ do: 'say', text: `bring ${master} back: repl-workshop reset 5` }],
  });
