import { expect, test } from 'vitest';
import { safeCopy } from '../../src/check/clone/base-backup.ts';
import { ownPort, putAside, stoppedBeforeClone } from '../../src/check/clone/clone.ts';
import { noContainer } from './containers.ts';
import {
  at,
  atDocker,
  autoConf,
  cloned,
  conf,
  confOnly,
  disk,
  diskOf,
  failed,
  freshLog,
  type LabState,
  log,
  madeByInitdb,
  running,
  signals,
  state,
  stopped,
} from './lab.ts';
import { prove } from './prove.ts';

const unreadable = {
  'the folder cannot be read': at(
    5,
    (lab) => void Object.assign(lab.now.servers.slave, { disk: { what: 'EACCES', fix: 'chmod' } }),
  ),
};
const putAsideCluster = (lab: LabState) => {
  state('slave', 'absent')(lab);
  Object.assign(diskOf(lab, 'slave'), {
    state: 'absent',
    control: null,
    conf: [],
    hba: null,
    leftBeside: ['rep/slave_data.old'],
  });
};
const controlState = (to: string) => (lab: LabState) =>
  void Object.assign(diskOf(lab, 'slave').control ?? {}, { state: to });
const noLabel = disk('slave', { backupLabel: null });
/** On Docker, the container stays when its data directory is moved away. */
const moved = (lab: LabState) => {
  stopped('slave')(lab);
  Object.assign(diskOf(lab, 'slave'), {
    state: 'absent',
    control: null,
    conf: [],
    hba: null,
    leftBeside: ['rep/slave_data.old'],
  });
  state('slave', 'absent')(lab);
};
/** The container was started on the empty folder, so it has a third cluster. */
const third = (lab: LabState) => {
  moved(lab);
  running('slave')(lab);
};

prove('stoppedBeforeClone', stoppedBeforeClone('slave', 'master'), {
  right: {
    stopped: at(5, stopped('slave')),
    putAsideCluster: at(5, putAsideCluster),
    'a copy, not started': at(6),
    'a start that failed': at(6, failed('slave')),
    'on Docker, stopped': atDocker(5, stopped('slave')),
    'on Docker, its folder moved': atDocker(5, moved),
    'on Docker, its container removed': atDocker(5, noContainer('slave')),
    'on Docker, a copy, not started': atDocker(6),
  },
  wrong: [
    ['still-running', 'nothing done', at(5)],
    ['still-running', 'a smart stop that waits', at(5, log('slave', 'LOG:  received smart shutdown request'))],
    ['still-running', 'held by SIGSTOP', at(5, state('slave', 'paused'))],
    ['still-running', 'on Docker', atDocker(5)],
    ['still-running', 'on Docker, docker pause', atDocker(5, state('slave', 'paused'))],
    ['container-started-too-soon', 'on Docker, on the empty folder', atDocker(5, third)],
    ['started-too-early', 'on Docker, the copy runs', atDocker(6, running('slave'))],
    ['started-too-early', 'the copy runs', at(6, running('slave'))],
    [
      'started-too-early',
      'the copy ran, and was stopped again',
      at(6, noLabel, disk('slave', { backupLabelOld: true }), controlState('shut down')),
    ],
  ],
});

prove('putAside', putAside('slave', 'master'), {
  right: {
    moved: at(5, putAsideCluster),
    deleted: at(5, putAsideCluster, disk('slave', { leftBeside: [] })),
    emptied: at(5, putAsideCluster, disk('slave', { state: 'empty' })),
    'the copy is there already': at(6),
    'later, as a standby': at(9),
    'on Docker, moved': atDocker(5, moved),
    'on Docker, moved, an empty folder made in its place': atDocker(5, moved, disk('slave', { state: 'empty' })),
    'on Docker, the copy is there already': atDocker(6),
  },
  wrong: [
    ['old-cluster-still-there', 'on Docker, only stopped', atDocker(5, stopped('slave'))],
    ['container-started-too-soon', 'on Docker, and stopped again', atDocker(5, third, stopped('slave'))],
    ['old-cluster-still-there', 'only stopped', at(5, stopped('slave'))],
    ['folder-not-emptied', 'half deleted', at(5, stopped('slave'), disk('slave', { state: 'other' }))],
    [
      'no-master',
      'the master is gone',
      at(5, stopped('slave'), (lab) => Object.assign(lab.now.servers, { master: at(2).now.servers.master })),
    ],
  ],
  unknown: unreadable,
});

prove('safeCopy', safeCopy('slave', 'master'), {
  right: {
    pg_basebackup: at(6),
    'pg_basebackup -R': at(6, signals('standby.signal')),
    'a cold copy': at(6, noLabel, controlState('shut down')),
    'a cold copy of a standby': at(6, noLabel, controlState('shut down in recovery')),
    'later, as a standby': at(9),
    'later, a standby that is stopped': at(9, stopped('slave')),
    'on Docker, a base backup': atDocker(6),
    'on Docker, the container was removed meanwhile': atDocker(6, noContainer('slave')),
    'on Docker, with a mode that the image corrects': atDocker(6, disk('slave', { mode: '0755' })),
    'on Docker, later': atDocker(9),
  },
  wrong: [
    ['no-copy-yet', 'on Docker, the folder is free', atDocker(5, moved)],
    ['container-started-too-soon', 'on Docker, it runs', atDocker(5, third)],
    ['container-started-too-soon', 'on Docker, and was stopped again', atDocker(5, third, stopped('slave'))],
    ['folder-not-emptied', 'on Docker, the old cluster', atDocker(5, stopped('slave'))],
    [
      'unsafe-copy',
      'on Docker, cp of a running master',
      atDocker(6, freshLog('master'), noLabel, controlState('in production')),
    ],
    ['started-too-early', 'on Docker', atDocker(6, running('slave'), noLabel, disk('slave', { backupLabelOld: true }))],
    [
      'refused-password',
      'on Docker',
      atDocker(5, moved, log('master', 'FATAL:  password authentication failed for user "slave"')),
    ],
    ['no-copy-yet', 'the folder is free', at(5, putAsideCluster)],
    [
      'no-master',
      'the master is gone',
      at(5, putAsideCluster, (lab) => Object.assign(lab.now.servers, { master: at(2).now.servers.master })),
    ],
    [
      'refused-hba',
      'no line',
      at(
        5,
        putAsideCluster,
        log(
          'master',
          'FATAL:  no pg_hba.conf entry for replication connection from host "127.0.0.1", user "postgres", no encryption',
        ),
      ),
    ],
    [
      'refused-password',
      'wrong',
      at(5, putAsideCluster, log('master', 'FATAL:  password authentication failed for user "slave"')),
    ],
    [
      'refused-role',
      'no REPLICATION',
      at(5, putAsideCluster, log('master', 'FATAL:  permission denied to start WAL sender')),
    ],
    [
      'no-copy-yet',
      'refused earlier, but a replication login worked since',
      at(
        5,
        freshLog('master'),
        log(
          'master',
          'FATAL:  permission denied to start WAL sender',
          'LOG:  received replication command: IDENTIFY_SYSTEM',
        ),
        putAsideCluster,
      ),
    ],
    ['not-a-cluster', 'other files', at(5, stopped('slave'), disk('slave', { state: 'other' }))],
    ['folder-not-emptied', 'the old cluster, stopped', at(5, stopped('slave'))],
    [
      'second-initdb',
      "the tutorial's way, the old one put aside",
      at(5, madeByInitdb('slave'), disk('slave', { leftBeside: ['rep/slave_data.old'] })),
    ],
    ['second-initdb', 'the old one deleted', at(5, madeByInitdb('slave'))],
    ['incomplete-copy', 'no control file yet', at(6, disk('slave', { control: null }))],
    [
      'cloned-the-wrong-way-round',
      'the slave over the master',
      at(6, conf('slave', 'port = 5433'), confOnly('master', 'port = 5433')),
    ],
    ['wrong-owner', 'as root', at(6, disk('slave', { ownedByServer: false }))],
    ['wrong-owner', 'one file', at(6, disk('slave', { foreignOwner: 'pg_wal' }))],
    ['bad-mode', '0755', at(6, disk('slave', { mode: '0755' }))],
    ['started-too-early', 'it runs', at(6, running('slave'), noLabel, disk('slave', { backupLabelOld: true }))],
    [
      'started-too-early',
      'it ran',
      at(6, running('slave'), noLabel, disk('slave', { backupLabelOld: true }), stopped('slave')),
    ],
    ['unsafe-copy', 'cp of a running master', at(6, freshLog('master'), noLabel, controlState('in production'))],
    [
      'unsafe-copy',
      'the same, as a standby by now',
      at(
        6,
        freshLog('master'),
        noLabel,
        controlState('in archive recovery'),
        log('slave', 'LOG:  database system was not properly shut down; automatic recovery in progress'),
      ),
    ],
    ['backup-label-lost', 'deleted', at(6, noLabel, controlState('in production'))],
    [
      'backup-label-lost',
      'and started',
      at(
        6,
        freshLog('master'),
        noLabel,
        controlState('in production'),
        failed('slave', 'PANIC:  could not locate a valid checkpoint record at 0/2000080'),
      ),
    ],
  ],
  unknown: unreadable,
});

prove('ownPort', ownPort('slave', 'master'), {
  right: {
    appended: at(6),
    'in place': at(6, confOnly('slave', 'port = 5433')),
    'ALTER SYSTEM': at(6, confOnly('slave', 'port = 5432'), autoConf('slave', "port = '5433'")),
    'as a standby': at(9),
    'the standby is stopped': at(9, stopped('slave')),
  },
  wrong: [
    ['no-copy-yet', 'the folder is free', at(5, putAsideCluster)],
    ['identifier-differs', 'the old cluster', at(5, stopped('slave'))],
    ['port-not-changed', 'as copied', at(6, confOnly('slave', 'port = 5432'))],
    ['port-not-changed', 'a comment, so the default', at(6, confOnly('slave', '#port = 5433'))],
    ['port-not-changed', 'shadowed by postgresql.auto.conf', at(6, autoConf('slave', 'port = 5432'))],
    ['port-other', 'a third one', at(6, confOnly('slave', 'port = 5434'))],
    [
      'port-in-the-wrong-file',
      "the master's file",
      at(6, confOnly('slave', 'port = 5432'), conf('master', 'port = 5433')),
    ],
    ['conf-error', 'no value', at(6, confOnly('slave', 'port ='))],
  ],
  unknown: unreadable,
});

test('ownPort names the line that is in effect', () => {
  expect(ownPort('slave', 'master')(at(6, autoConf('slave', 'port = 5432')))).toMatchObject({
    at: { server: 'slave', file: 'rep/slave_data/postgresql.auto.conf', line: 1 },
  });
});

test('a copy that ran as a standby was not started too early', () => {
  const ran = at(6, noLabel, disk('slave', { backupLabelOld: true }), controlState('shut down in recovery'));
  expect(stoppedBeforeClone('slave', 'master')(ran)).toMatchObject({ kind: 'pass' });
});

test('safeCopy puts the old cluster aside under a name that is free', () => {
  const again = at(5, madeByInitdb('slave'), disk('slave', { leftBeside: ['rep/slave_data.old'] }));
  expect(safeCopy('slave', 'master')(again)).toMatchObject({
    next: [
      { do: 'put-aside', on: 'slave', to: 'rep/slave_data.old2' },
      { do: 'clone', from: 'master', to: 'slave' },
    ],
  });
});

test('a start of the master during the clone does not make the copy unsafe', () => {
  const master = disk('master', { backupLabelOld: true });
  expect(
    safeCopy(
      'slave',
      'master',
    )(at(6, cloned(), master, noLabel, disk('slave', { backupLabelOld: true }), controlState('shut down'))),
  ).toMatchObject({ kind: 'pass' });
});

test('on Docker, putAside moves the mounted folder, not the data directory deep in it', () => {
  expect(putAside('slave', 'master')(atDocker(5, stopped('slave')))).toMatchObject({
    want: 'the name rep/slave_data is free',
    why: expect.stringContaining('Do not start the container on the empty folder'),
    next: [{ do: 'put-aside', on: 'slave', to: 'rep/slave_data.old' }], // no stop: the container is stopped
  });
  expect(putAside('slave', 'master')(atDocker(5, third))).toMatchObject({
    seen: expect.stringMatching(/^rep\/slave_data was free, and holds a new cluster now/),
    next: [
      { do: 'stop' },
      { do: 'put-aside', on: 'slave', to: 'rep/slave_data.old2' },
      { do: 'clone', from: 'master', to: 'slave' },
    ],
  });
});

test('on Docker, a copy in another place of a removed container is known by what the master has sent', () => {
  const sent = log('master', "LOG:  received replication command: BASE_BACKUP ( LABEL 'pg_basebackup base backup' )");
  expect(safeCopy('slave', 'master')(atDocker(5, moved, sent))).toMatchObject({
    cause: 'no-copy-yet',
    seen: 'rep/slave_data/18/docker is not there, though master has sent a copy',
    why: expect.stringContaining('/var/lib/postgresql/18/docker'),
  });
});
