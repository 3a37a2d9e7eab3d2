/**
 * The tutorial, followed literally with Docker: each place where it fails has its own cause. The logs are from real
 * containers.
 */
import { describe, expect, test } from 'vitest';
import logNotes from '../../assets/log-notes.yaml';
import { safeCopy } from '../../src/check/clone/base-backup.ts';
import { putAside, stoppedBeforeClone } from '../../src/check/clone/clone.ts';
import { hbaAllowsReplication } from '../../src/check/hba/hba.ts';
import { hbaLoaded } from '../../src/check/hba/loaded.ts';
import { replicationLoginWorked } from '../../src/check/hba/replication-login.ts';
import { network } from '../../src/check/network/network.ts';
import { replicationRole } from '../../src/check/role.ts';
import { runs, separateClusters } from '../../src/check/server/running.ts';
import { conninfo } from '../../src/check/setting/conninfo.ts';
import { runsAsStandby, streams } from '../../src/check/streaming/streaming.ts';
import { syncNames } from '../../src/check/sync/names.ts';
import { parseLog, startOfThisRun } from '../../src/postgres/log/log.ts';
import { noteOf } from '../../src/postgres/log/notes.ts';
import { recorded } from '../postgres/recorded.ts';
import { container, ended, inNetworks, networkIs } from './containers.ts';
import { refusals } from './down.ts';
import {
  atDocker,
  type Change,
  conf,
  conninfoLine,
  disconnected,
  disk,
  freshLog,
  hba,
  hbaLines,
  inEffect,
  type LabState,
  type Name,
  names,
  noRole,
  running,
  savedLater,
  signals,
  sqlOf,
  state,
  stopped,
  waits,
} from './lab.ts';

const guest = { user: 'slave', server: 'slave' };
const wanted = { master: 'master', applicationName: 'slave1', user: 'slave' };
const placeholder = 'application_name=slave1 host=<master_database_host> port=5432 user=slave password=slave_pass';
const right = placeholder.replace('<master_database_host>', 'master');

/** The records of a recorded log as an observation has them; the recorded containers were rt-master and rt-slave. */
const wrote =
  (server: Name, name: string): Change =>
  (lab) => {
    const records = parseLog(recorded(`docker/${name}`).replaceAll('rt-', ''));
    const kept = records.slice(startOfThisRun(records)).filter((record) => noteOf(record, logNotes));
    lab.now.servers[server].log.records = structuredClone(kept) as typeof lab.now.servers.master.log.records;
  };
/** "docker run" without --network. */
const onDefaultBridge = (lab: LabState) => [
  networkIs({ there: false })(lab),
  inNetworks('master', 'bridge')(lab),
  inNetworks('slave', 'bridge')(lab),
];
/** Both clusters are from their own initdb, and the slave was started as a standby. */
const unrelated = (lab: LabState) => [
  running('slave')(lab),
  signals('standby.signal')(lab),
  conf('slave', conninfoLine(right))(lab),
  inEffect('slave', 'primary_conninfo', right)(lab),
  Object.assign(sqlOf(lab, 'slave'), {
    inRecovery: true,
    position: { role: 'standby', received: null, replayed: '0/1936658', paused: false },
  }),
];
const data15 = (lab: LabState) => {
  lab.now.major = 15;
  for (const name of ['master', 'slave'] as const) {
    container(name, { image: 'postgres:15', major: 15, data: '/var/lib/postgresql/data' })(lab);
    disk(name, { path: `rep/${name}_data`, major: 15 })(lab);
  }
};

describe('create the two databases', () => {
  test("the tutorial's image “postgres” with the mount of 17 and before has its own cause", () => {
    const old = { kind: 'folder', source: '/rep/master_data', target: '/var/lib/postgresql/data' } as const;
    const volume = { kind: 'volume', source: 'a1'.repeat(32), target: '/var/lib/postgresql' } as const;
    const seen = atDocker(2, ended('master', refusals.oldVolumePath, { mount: volume, others: [old] }));
    expect(runs('master')(seen)).toMatchObject({ cause: 'old-volume-path' });
  });

  test("the tutorial's servers without --network pass with a warning, and the network task fails", () => {
    const seen = atDocker(3, onDefaultBridge);
    expect(runs('master')(seen)).toMatchObject({ kind: 'pass', warning: expect.stringContaining('by name') });
    expect(network('master', 'slave')(seen)).toMatchObject({ cause: 'network-missing' });
  });

  test("the tutorial's two databases are separate clusters", () => {
    expect(separateClusters('master', 'slave')(atDocker(3))).toMatchObject({ kind: 'pass' });
  });
});

describe('let the slave in', () => {
  const tutorials = hbaLines('host replication slave all md5');

  test("the tutorial's hba line passes with a warning that it is wide", () => {
    expect(hbaAllowsReplication('master', guest)(atDocker(4, tutorials))).toMatchObject({
      kind: 'pass',
      warning: expect.stringContaining('every address'),
    });
  });

  test("the tutorial's hba line is not loaded without a reload", () => {
    expect(hbaLoaded('master', guest)(atDocker(5, savedLater))).toMatchObject({ cause: 'saved-not-loaded' });
  });

  test("the tutorial's docker run does not log replication logins", () => {
    const silent = inEffect('master', 'log_replication_commands', 'off');
    expect(replicationLoginWorked('master', 'slave')(atDocker(5, freshLog('master'), silent))).toMatchObject({
      cause: 'knocks-not-logged',
    });
  });

  test('the tutorial never creates the role', () => {
    expect(replicationRole('master', 'slave')(atDocker(3))).toMatchObject({ cause: 'role-missing' });
  });

  test("the tutorial's role waits for a standby that cannot connect without it", () => {
    const seen = atDocker(3, names('first 1 (slave1)'), waits("CREATE ROLE slave LOGIN REPLICATION PASSWORD 'x'"));
    expect(replicationRole('master', 'slave')(seen)).toMatchObject({ cause: 'role-waits-for-a-standby' });
  });
});

describe('point the slave at the master', () => {
  test("the tutorial's placeholder in the connection string has its own cause", () => {
    expect(conninfo('slave', wanted)(atDocker(6, conf('slave', conninfoLine(placeholder))))).toMatchObject({
      cause: 'placeholder-left',
    });
  });
});

describe('the standby, by both logs', () => {
  const disconnectedWith = (...changes: Change[]) => atDocker(9, disconnected(), ...changes);

  test.each([
    [
      'role-missing',
      [wrote('master', '15-seed-fix2-network.master'), wrote('slave', '15-seed-fix2-network.slave'), noRole],
    ],
    [
      'role-may-not-replicate',
      [
        wrote('master', '15-seed-fix3a-role-not-replication.master'),
        wrote('slave', '15-seed-fix3a-role-not-replication.slave'),
      ],
    ],
    ['name-does-not-resolve', [wrote('slave', '15-seed-fix1-default-bridge-name.slave'), onDefaultBridge]],
  ] as const)("the tutorial's standby has its own cause: %s", (cause, changes) => {
    expect(streams('slave', 'master', 'slave1')(disconnectedWith(...changes))).toMatchObject({ kind: 'fail', cause });
  });

  test("a name on the tutorial's default bridge asks for a network, not for another name", () => {
    const seen = disconnectedWith(wrote('slave', '15-seed-fix1-default-bridge-name.slave'), onDefaultBridge);
    expect(streams('slave', 'master', 'slave1')(seen)).toMatchObject({
      why: expect.stringContaining('only in a user-defined network'),
      next: [
        { text: 'docker network create rep' },
        { text: 'docker network connect rep master' },
        { text: 'docker network connect rep slave' },
      ],
    });
  });

  test("the tutorial's second initdb is found by the different system identifier", () => {
    const seen = atDocker(5, unrelated, wrote('slave', '15-seed-fix3b-sysid-differs.slave'));
    expect(streams('slave', 'master', 'slave1')(seen)).toMatchObject({
      cause: 'identifier-differs',
      at: { log: { message: expect.stringContaining('identifier differs') } },
      next: [
        { do: 'stop', on: 'slave' },
        { do: 'put-aside', on: 'slave', to: 'rep/slave_data.old' },
        { do: 'clone', from: 'master', to: 'slave' },
        { do: 'edit', text: expect.stringContaining('primary_conninfo') },
        { do: 'touch', file: 'standby.signal' },
        { do: 'start', on: 'slave' },
      ],
    });
    expect(runsAsStandby('slave')(seen)).toMatchObject({ kind: 'pass' });
  });
});

describe('clone', () => {
  const third = (lab: LabState) => [running('slave')(lab), disk('slave', { leftBeside: ['rep/slave_data.old'] })(lab)];

  test("the tutorial's container on the emptied folder is found as a third cluster", () => {
    const cause = 'container-started-too-soon';
    expect(stoppedBeforeClone('slave', 'master')(atDocker(5, third))).toMatchObject({ cause });
    for (const check of [putAside('slave', 'master'), safeCopy('slave', 'master')]) {
      expect(check(atDocker(5, third))).toMatchObject({ cause });
      expect(check(atDocker(5, third, stopped('slave')))).toMatchObject({ cause });
    }
  });
});

describe('sync_standby_names', () => {
  const seen = atDocker(
    9,
    data15,
    hba('master', 'local all all trust\n'),
    conf('master', "sync_standby_names = 'first 1 (slave1)'"),
    state('master', 'failed'),
    wrote('master', '15-seed-step-sync_standby_names.master'),
  );

  test("the tutorial's sync_standby_names ends the master's container", () => {
    expect(runs('master')(seen)).toMatchObject({
      cause: 'config-error',
      at: { server: 'master', file: 'rep/master_data/postgresql.conf', line: 816 },
    });
    expect(streams('slave', 'master', 'slave1')(seen)).toMatchObject({ cause: 'master-down' });
  });

  test("the tutorial's sync_standby_names is corrected on its line", () => {
    expect(syncNames('master', 'slave1')(seen)).toMatchObject({
      cause: 'unknown-parameter',
      next: [
        { do: 'edit', text: "synchronous_standby_names = 'first 1 (slave1)'" },
        { do: 'start', on: 'master' },
      ],
    });
  });
});
