/** Whether the copy is consistent. A copy of a running server is consistent only with its backup_label. */
import type { Disk, Observation, ServerView } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { type Check, defineCheck } from '../check.ts';
import { locationOf, written } from '../setting/settings.ts';
import { lastRefusal, refusalWords } from '../streaming/refusal.ts';
import type { Step } from '../verdict.ts';
import { type Failure, fail, pass, unknown } from '../verdicts.ts';
import { atLogLine, identifierOf, inFile, lastRecord, plannedPort, viewOf } from '../view.ts';
import { cloneSteps, clusterMadeByImage, emptyFolderWarning, isCopy, noMaster, notEmpty, pathOf } from './clone.ts';

/** The copy is a base backup of the master, or was made of a stopped master. Its first start renames backup_label. */
export const safeCopy = (server: string, master: string): Check =>
  defineCheck(
    [
      'no-master',
      'no-copy-yet',
      'refused-hba',
      'refused-password',
      'refused-role',
      'not-a-cluster',
      'folder-not-emptied',
      'second-initdb',
      'container-started-too-soon',
      'incomplete-copy',
      'cloned-the-wrong-way-round',
      'wrong-owner',
      'bad-mode',
      'started-too-early',
      'unsafe-copy',
      'backup-label-lost',
    ],
    ({ now }) => {
      const view = viewOf(now, server);
      const { disk } = view;
      if (isProblem(disk)) return unknown(disk);
      if (!identifierOf(viewOf(now, master))) return noMaster(now, master);
      if (disk.state === 'absent' || disk.state === 'empty') return noCopyYet(now, disk, server, master);
      const at = inFile(server, disk.path);
      const want = `a base backup of ${master} in ${disk.path}`;
      const again = cloneSteps(now, server, master);
      if (disk.state === 'other') return { ...notEmpty(server, disk), cause: 'not-a-cluster' };
      if (!disk.control)
        return fail('incomplete-copy', {
          seen: `${disk.path} has no control file (global/pg_control): the copy is not whole, or not done yet`,
          want,
          why: 'pg_basebackup writes that file last',
          at,
          next: again,
        });
      if (!isCopy(now, server, master)) return anotherCluster(now, view, disk, master, again);
      const wrongWay = copiedBackwards(now, server, master);
      if (wrongWay) return wrongWay;
      const closed = cannotBeOpened(now, server, disk, want, again);
      if (closed) return closed;
      return judgeSafety(now, view, disk, master, again);
    },
  );

/** Files of the wrong owner, or a mode that PostgreSQL refuses. */
function cannotBeOpened(
  now: Observation,
  server: string,
  disk: Disk,
  want: string,
  next: readonly Step[],
): Failure<'wrong-owner' | 'bad-mode'> | undefined {
  if (disk.ownedByServer === false || disk.foreignOwner) {
    const what = disk.ownedByServer === false ? disk.path : `${disk.path}/${disk.foreignOwner}`;
    return fail('wrong-owner', {
      seen: `${what} belongs to another user than the one who runs servers`,
      want,
      why: 'a copy made as root belongs to root, and PostgreSQL only starts on files of its own; the log would not even say so',
      at: inFile(server, what),
      next,
    });
  }
  // The entrypoint of the image sets the mode of the folder at each start.
  if (now.engine === 'docker' || !disk.mode || disk.mode === '0700' || disk.mode === '0750') return undefined;
  return fail('bad-mode', {
    seen: `${disk.path} has mode ${disk.mode}`,
    want: `${want}, with mode 0700`,
    why: 'PostgreSQL does not start on a folder that others can look into',
    at: inFile(server, disk.path),
    next: [{ do: 'chmod', on: server }],
  });
}

const refusedAs = {
  'no-hba-entry': 'refused-hba',
  'hba-rejects': 'refused-hba',
  'role-may-not-replicate': 'refused-role',
  'role-may-not-log-in': 'refused-role',
  'role-missing': 'refused-password',
  'role-has-no-password': 'refused-password',
  'password-expired': 'refused-password',
  'md5-against-scram': 'refused-password',
  'password-failed': 'refused-password',
} as const;

/** There is no copy. A refusal at the end of the master's log is taken for the refused pg_basebackup. */
function noCopyYet(now: Observation, disk: Disk, server: string, master: string) {
  const view = viewOf(now, master);
  const want = `a base backup of ${master} in ${disk.path}`;
  const next = cloneSteps(now, server, master);
  const { records } = view.log;
  const since = records.slice(
    records.findLastIndex(({ message }) => /^received (SIGHUP|replication command)/.test(message)) + 1,
  );
  const refusal = lastRefusal(since);
  if (!refusal) {
    const sent = lastRecord(records, /^received replication command: BASE_BACKUP/);
    // A copy that was made elsewhere in a throw-away container is deleted with that container.
    const place = viewOf(now, server).container?.data;
    return fail('no-copy-yet', {
      seen: `${disk.path} is ${disk.state === 'empty' ? 'empty' : 'not there'}${sent && place ? `, though ${master} has sent a copy` : ''}`,
      want,
      why: `a standby begins as a copy of its primary${sent && place ? `. Inside the container it belongs into ${place}, on the folder that is mounted` : ''}`,
      at: inFile(server, disk.path),
      next,
    });
  }
  const words = refusalWords(refusal, now, master);
  return fail(refusedAs[refusal.kind], {
    seen: `${master} turned the copy away: ${refusal.record.message}`,
    want,
    why: words.why,
    at: atLogLine(master, refusal.record),
    next: [...words.next, ...next],
  });
}

/** A cluster with another identifier: a new one, which was never started or is beside the old one, else the old one. */
function anotherCluster(now: Observation, view: ServerView, disk: Disk, master: string, next: readonly Step[]) {
  const thirdCluster = clusterMadeByImage(now, view.name, master);
  if (thirdCluster) return thirdCluster;
  const ids = `its identifier is ${identifierOf(view)}, ${master}'s is ${identifierOf(viewOf(now, master))}`;
  const found = { want: `a base backup of ${master} in ${disk.path}`, at: inFile(view.name, disk.path), next };
  return view.process.state === 'created' || disk.leftBeside.length > 0
    ? fail('second-initdb', {
        ...found,
        seen: `${disk.path} holds a new cluster of its own: ${ids}`,
        why: 'every initdb makes a new family; it can never follow the master, even when the rows are equal',
      })
    : fail('folder-not-emptied', {
        ...found,
        seen: `${disk.path} still holds the slave's old cluster: ${ids}`,
        why: `the copy needs an empty folder${emptyFolderWarning(now)}`,
      });
}

/** The slave's cluster was copied over the master's. The only trace is the slave's port in the master's files. */
function copiedBackwards(
  now: Observation,
  server: string,
  master: string,
): Failure<'cloned-the-wrong-way-round'> | undefined {
  const masterView = viewOf(now, master);
  const view = viewOf(now, server);
  const mastersPort = isProblem(masterView.disk) ? undefined : written(masterView.disk, 'port').at(-1);
  const slavesPort = isProblem(view.disk) ? undefined : written(view.disk, 'port').at(-1);
  if (
    !mastersPort ||
    mastersPort.value !== slavesPort?.value ||
    Number(mastersPort.value) !== plannedPort(view) ||
    plannedPort(view) === plannedPort(masterView)
  )
    return undefined;
  return fail('cloned-the-wrong-way-round', {
    seen: `both are one family, but ${master}'s files say port ${mastersPort.value}, which is ${server}'s: it was copied from ${server} to ${master}`,
    want: `a copy of ${master} in ${pathOf(view)}`,
    why: `what stood on ${master}, the role and your rows, is not in this copy`,
    at: locationOf(master, mastersPort),
    next: [{ do: 'say', text: 'go back to the start of this lesson: repl-workshop reset 5' }],
  });
}

function judgeSafety(now: Observation, view: ServerView, disk: Disk, master: string, again: readonly Step[]) {
  const found = { want: `a base backup of ${master}, not started yet`, at: inFile(view.name, disk.path), next: again };
  const running = view.process.pid !== undefined;
  const state = disk.control?.state;
  const standby =
    disk.signals.includes('standby.signal') || state === 'in archive recovery' || state === 'shut down in recovery';
  const runsAsPrimary = 'inRecovery' in view.sql ? !view.sql.inRecovery : running && !standby;
  if (runsAsPrimary || (disk.backupLabelOld && !standby && !disk.backupLabel && !masterHasOldLabel(now, master))) {
    return fail('started-too-early', {
      ...found,
      seen: running
        ? `${view.name} runs already, as a primary of its own`
        : `this copy was started once, as a primary of its own; its backup_label is used up`,
      why: 'a copy does not know that it is a standby; started before it is told, it writes a log of its own and cannot follow any more',
      next: running ? [{ do: 'stop', on: view.name }, ...again] : again,
    });
  }
  if (disk.backupLabel)
    return pass(
      `a base backup of ${master}, from ${disk.backupLabel.startWal} on; its identifier is ${disk.control?.systemIdentifier}`,
    );
  const crash = lastRecord(view.log.records, /^database system was not properly shut down/);
  const lost = lastRecord(view.log.records, /^could not locate (a valid|required) checkpoint record/);
  if (
    lost ||
    (state === 'in production' &&
      lastRecord(viewOf(now, master).log.records, /^received replication command: BASE_BACKUP/))
  ) {
    return fail('backup-label-lost', {
      ...found,
      seen: `${disk.path} is a base backup, but its file backup_label is gone`,
      why: 'backup_label says where the copy begins; without it the server trusts the wrong place, and the files do not fit together',
    });
  }
  if (state === 'shut down' || state === 'shut down in recovery')
    return pass(
      `a copy of ${master} that was made while it was shut down; its identifier is ${disk.control?.systemIdentifier}`,
    );
  if (standby && !crash) return pass(`a copy of ${master}; it is already a standby`);
  return fail('unsafe-copy', {
    ...found,
    seen: `${disk.path} was copied from a running server: its control file says "${state}", and there is no backup_label`,
    why: 'the first file is older than the last; it may start and look right, with broken tables inside',
  });
}

/** The master was itself started from a base backup, so its copies have a backup_label.old too. */
const masterHasOldLabel = (now: Observation, master: string): boolean => {
  const { disk } = viewOf(now, master);
  return !isProblem(disk) && disk.backupLabelOld;
};
