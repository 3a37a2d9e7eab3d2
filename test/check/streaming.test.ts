import { expect, test } from 'vitest';
import type { Seen } from '../../src/check/journal.ts';
import { runsAsStandby, streams } from '../../src/check/streaming/streaming.ts';
import { container, inNetworks, networkIs } from './containers.ts';
import { downs } from './down.ts';
import {
  at,
  atDocker,
  but,
  type Change,
  cannotAsk,
  conf,
  conninfoLine,
  disconnected,
  diskOf,
  freshLog,
  inEffect,
  type LabState,
  loads,
  log,
  madeByInitdb,
  noSender,
  running,
  sender,
  signals,
  sqlOf,
  state,
  stopped,
} from './lab.ts';
import { prove } from './prove.ts';

/** A case of `downs` with the names of master and slave exchanged. */
const onSlave = (seen: Seen): Seen =>
  JSON.parse(
    JSON.stringify(seen)
      .replaceAll('slave', '*')
      .replaceAll('master', 'slave')
      .replaceAll('*', 'master')
      .replaceAll('5432', '*')
      .replaceAll('5433', '5432')
      .replaceAll('*', '5433'),
  );

prove('runsAsStandby', runsAsStandby('slave'), {
  right: { 'as it should': at(9), 'the master is down': at(9, stopped('master')) },
  wrong: [
    ...downs.map(([cause, story, seen]) => [cause, story, onSlave(seen)] as const),
    ['not-in-recovery', 'no signal', at(8, running('slave'))],
  ],
  unknown: { 'turned away, and the files do not say why': at(9, cannotAsk('slave')) },
});

test('an empty folder of a standby asks for a clone, not for initdb', () => {
  expect(JSON.stringify(runsAsStandby('slave')(at(2)))).not.toContain('initdb');
});

const held =
  (on: 'master' | 'slave', name: string): Change =>
  (lab) =>
    void Object.assign(lab.now.servers[on].process, { held: [{ pid: 4711, name }] });

const check = streams('slave', 'master', 'slave1');
const cut = (...lines: string[]) => at(9, disconnected(...lines));
const could =
  'FATAL:  streaming replication receiver "walreceiver" could not connect to the primary server: connection to server at "127.0.0.1", port 5432 failed:';
const password = 'password authentication failed for user "slave"';
const masterSays = (seen: Seen, detail: string) =>
  but(seen, log('master', `FATAL:  ${password}`, `DETAIL:  ${detail}`));
/** On Docker, the slave is not connected, with this connection string in effect. */
const cutDocker = (line: string, params: string, ...more: Change[]) =>
  atDocker(9, disconnected(line), inEffect('slave', 'primary_conninfo', params), ...more);
const unknownHost = (name: string) =>
  `FATAL:  streaming replication receiver "walreceiver" could not connect to the primary server: could not translate host name "${name}" to address: Name or service not known`;
const position = (change: object) => (lab: LabState) => void Object.assign(sqlOf(lab, 'slave').position, change);
const twoFamilies = (lab: LabState) => {
  madeByInitdb('slave')(lab);
  running('slave')(lab);
  Object.assign(sqlOf(lab, 'slave'), { inRecovery: true });
};

prove('streams', check, {
  right: {
    'as it should': at(9),
    synchronous: at(11),
    'the name in capitals': at(9, sender({ applicationName: 'SLAVE1' })),
    'a little behind': at(9, sender({ sent: '0/3000200' })),
    'on Docker': atDocker(9),
    'on Docker, through the published port': atDocker(
      9,
      (lab) =>
        void Object.assign(sqlOf(lab, 'slave').receiver ?? {}, {
          senderHost: 'host.docker.internal',
          senderPort: 5432,
        }),
    ),
    'an earlier trouble is over': at(
      9,
      log(
        'slave',
        `${could} FATAL:  ${password}`,
        'LOG:  started streaming WAL from primary at 0/3000000 on timeline 1',
      ),
    ),
    'its receiver was ended by a reload': at(
      9,
      sender({ sent: '0/3000200' }),
      log(
        'slave',
        'LOG:  WAL receiver process shutdown requested',
        'FATAL:  terminating walreceiver process due to administrator command',
      ),
    ),
  },
  wrong: [
    ['no-answer', 'not started', at(8)],
    ['no-answer', 'stopped', at(9, stopped('slave'))],
    ['master-down', 'the master is stopped', at(9, stopped('master'))],
    [
      'master-down',
      'not consistent yet, and the master is stopped',
      at(9, stopped('master'), state('slave', 'starting')),
    ],
    ['no-answer', 'not consistent yet, no reason', at(9, state('slave', 'starting'))],
    ['not-in-recovery', 'no signal at the start', at(8, running('slave'))],
    ['identifier-differs', 'its own initdb', at(6, twoFamilies, signals('standby.signal'))],
    [
      'points-to-itself',
      'connected to itself',
      at(9, noSender, (lab) => void Object.assign(sqlOf(lab, 'slave').receiver ?? {}, { senderPort: 5433 })),
    ],
    [
      'points-to-itself',
      'aimed at itself',
      at(9, disconnected(), inEffect('slave', 'primary_conninfo', 'host=localhost port=5433 user=slave')),
    ],
    [
      'points-to-itself',
      'on Docker, connected to localhost',
      atDocker(
        9,
        noSender,
        (lab) => void Object.assign(sqlOf(lab, 'slave').receiver ?? {}, { senderHost: 'localhost' }),
      ),
    ],
    ['points-to-itself', 'on Docker, aimed at itself', cutDocker(could, 'host=127.0.0.1 user=slave')],
    [
      'connection-refused',
      'on Docker, its own published port at localhost, where nobody listens',
      cutDocker(`${could} Connection refused`, 'host=localhost port=5433 user=slave'),
    ],
    ['name-does-not-resolve', 'on Docker, another name', cutDocker(unknownHost('masterr'), 'host=masterr')],
    ['connected-under-another-name', 'no application_name', at(9, sender({ applicationName: 'walreceiver' }))],
    ['catching-up', 'state catchup', at(9, sender({ state: 'catchup' }))],
    ['replay-paused', 'and forgotten', at(9, position({ paused: true }))],
    ['replay-paused', 'without a receiver', at(9, disconnected(), position({ paused: true }))],
    ['process-held', 'the receiver', at(9, held('slave', 'walreceiver'))],
    ['process-held', 'the sender', at(9, held('master', 'walsender'))],
    ['replay-delayed', 'by an hour', at(9, inEffect('slave', 'recovery_min_apply_delay', '3600000'))],
    ['diverged', 'a position that the master has not written', at(9, sender({ flush: '0/4000000' }))],
    [
      'diverged',
      'lets go again and again',
      at(
        9,
        sender({ sent: '0/4000000' }),
        log(
          'slave',
          'FATAL:  terminating walreceiver process due to administrator command',
          'LOG:  waiting for WAL to become available at 0/1002000',
        ),
      ),
    ],
    [
      'diverged',
      'not connected at this moment, and the same bad record again and again',
      cut(
        ...[1, 2, 3].flatMap(() => [
          'LOG:  started streaming WAL from primary at 0/3000000 on timeline 1',
          'LOG:  invalid record length at 0/3000150: expected at least 24, got 0',
          'FATAL:  terminating walreceiver process due to administrator command',
        ]),
      ),
    ],
    [
      'no-hba-entry',
      'no line, and many bad records from before',
      cut(
        ...[1, 2, 3].flatMap(() => [
          'LOG:  started streaming WAL from primary at 0/3000000 on timeline 1',
          'LOG:  invalid record length at 0/3000150: expected at least 24, got 0',
          'FATAL:  terminating walreceiver process due to administrator command',
        ]),
        `${could} FATAL:  no pg_hba.conf entry for replication connection from host "127.0.0.1", user "slave", no encryption`,
      ),
    ],
    [
      'no-hba-entry',
      'no line',
      cut(
        `${could} FATAL:  no pg_hba.conf entry for replication connection from host "127.0.0.1", user "slave", no encryption`,
      ),
    ],
    [
      'hba-rejects',
      'a reject',
      cut(
        `${could} FATAL:  pg_hba.conf rejects replication connection for host "127.0.0.1", user "slave", no encryption`,
      ),
    ],
    ['password-failed', 'wrong', cut(`${could} FATAL:  ${password}`)],
    [
      'password-failed',
      'as 13 says it',
      masterSays(
        cut(`FATAL:  could not connect to the primary server: FATAL:  ${password}`),
        'Connection matched pg_hba.conf line 4: "host replication slave all md5"',
      ),
    ],
    ['role-missing', 'no such role', masterSays(cut(`${could} FATAL:  ${password}`), 'Role "slave" does not exist.')],
    [
      'role-has-no-password',
      'none',
      masterSays(cut(`${could} FATAL:  ${password}`), 'User "slave" has no password assigned.'),
    ],
    [
      'password-expired',
      'over',
      masterSays(cut(`${could} FATAL:  ${password}`), 'User "slave" has an expired password.'),
    ],
    [
      'md5-against-scram',
      'md5',
      masterSays(cut(`${could} FATAL:  ${password}`), 'User "slave" does not have a valid SCRAM secret.'),
    ],
    ['role-may-not-replicate', '16 and later', cut(`${could} FATAL:  permission denied to start WAL sender`)],
    [
      'role-may-not-replicate',
      '15',
      cut(
        'FATAL:  could not connect to the primary server: connection to server at "127.0.0.1", port 5432 failed: FATAL:  must be superuser or replication role to start walsender',
      ),
    ],
    ['role-may-not-log-in', 'NOLOGIN', cut(`${could} FATAL:  role "slave" is not permitted to log in`)],
    ['no-password-supplied', 'none in the conninfo', cut(`${could} fe_sendauth: no password supplied`)],
    [
      'name-does-not-resolve',
      'a placeholder',
      cut(
        'FATAL:  could not connect to the primary server: could not translate host name "masterr" to address: Name or service not known',
      ),
    ],
    [
      'connection-refused',
      'wrong port',
      cut(`${could} Connection refused`, '\tIs the server running on that host and accepting TCP/IP connections?'),
    ],
    [
      'conninfo-not-understood',
      'a missing =',
      cut(
        'FATAL:  streaming replication receiver "walreceiver" could not connect to the primary server: missing "=" after "port" in connection info string',
      ),
    ],
    ['no-conninfo', 'empty', cut('WARNING:  specified neither "primary_conninfo" nor "restore_command"')],
    [
      'ahead-of-the-master',
      'several segments',
      cut(
        'FATAL:  could not receive data from WAL stream: ERROR:  requested starting point 0/4000000 is ahead of the WAL flush position of this server 0/1779C38',
      ),
    ],
    [
      'wal-removed',
      'away too long',
      cut(
        'FATAL:  could not receive data from WAL stream: ERROR:  requested WAL segment 000000010000000000000001 has already been removed',
      ),
    ],
    [
      'too-many-standbys',
      'no place left',
      cut(`${could} FATAL:  number of requested standby connections exceeds "max_wal_senders" (currently 1)`),
    ],
    [
      'other-timeline',
      'level LOG',
      cut('LOG:  new timeline 2 forked off current database system timeline 1 before current recovery point 0/177D038'),
    ],
    [
      'connection-refused',
      'not consistent yet, so it answers no client',
      at(9, disconnected(`${could} Connection refused`), state('slave', 'starting')),
    ],
    ['no-sender-on-the-master', 'no reason yet', cut()],
    [
      'no-sender-on-the-master',
      'the trouble is older than the reload',
      cut(`${could} FATAL:  ${password}`, 'LOG:  received SIGHUP, reloading configuration files'),
    ],
  ],
  unknown: {
    'the slave turned us away': at(9, cannotAsk('slave')),
    'the master turned us away': at(9, cannotAsk('master')),
  },
});

test('streams shows both logs: what the slave was told, and what the master knows', () => {
  const verdict = check(masterSays(cut(`${could} FATAL:  ${password}`), 'Role "slave" does not exist.'));
  expect(verdict).toMatchObject({
    seen: 'master turned slave away: password authentication failed for user "slave"',
    why: 'master has no role "slave"; a stranger is only told that the password failed (master\'s own log: Role "slave" does not exist.)',
    at: { server: 'master' },
    layers: [
      { layer: 'written', ok: true },
      { layer: 'loaded', ok: true },
      { layer: 'in effect', ok: false },
      { layer: 'observed', ok: false },
    ],
  });
});

test('streams shows the layer where the setting is stuck: written, not loaded', () => {
  const seen = at(
    9,
    disconnected(`${could} Connection refused`),
    conf('slave', conninfoLine('host=127.0.0.1 port=5432')),
  );
  expect(check(seen)).toHaveProperty(
    'layers',
    expect.arrayContaining([expect.objectContaining({ layer: 'loaded', ok: 'unknown' })]),
  );
  expect(check(but(seen, loads('slave')))).toHaveProperty(
    'layers',
    expect.arrayContaining([expect.objectContaining({ layer: 'loaded', ok: true })]),
  );
});

test('streams finds a different system identifier also while the slave says “streaming”', () => {
  expect(
    check(
      at(
        9,
        freshLog('slave'),
        (lab) => void Object.assign(diskOf(lab, 'slave').control ?? {}, { systemIdentifier: '1' }),
      ),
    ),
  ).toMatchObject({ kind: 'fail' });
});

test('on Docker, streams asks for a common network when the name is right', () => {
  const apart = cutDocker(unknownHost('master'), 'host=master', inNetworks('slave', 'bridge'));
  expect(check(apart)).toMatchObject({
    cause: 'name-does-not-resolve',
    why: "the name is right, but containers find each other by name only in a user-defined network: slave is in bridge (Docker's own), master in rep",
    next: [{ do: 'run', text: 'docker network connect rep slave' }],
  });
  const none = but(apart, inNetworks('master', 'bridge'), networkIs({ there: false }));
  expect(check(none)).toMatchObject({
    next: [
      { text: 'docker network create rep' },
      { text: 'docker network connect rep master' },
      { text: 'docker network connect rep slave' },
    ],
  });
});

test.each([
  ['masterr', 'none is called so; master is master'],
  ['host.docker.internal', 'only Docker Desktop'],
  ['master', 'master was down just then'],
])('on Docker, streams says why the name %s does not resolve: %s', (name, why) => {
  expect(check(cutDocker(unknownHost(name), `host=${name}`))).toMatchObject({ why: expect.stringContaining(why) });
});

test.each([
  ['host=localhost port=5433', 'localhost is that container itself'],
  ['host=master port=15432', 'port 15432 is published for programs of your machine'],
  ['host=master port=5439', 'nobody listens at that address and port'],
])('on Docker, streams says why %s is refused: %s', (params, why) => {
  const published = container('master', { published: [{ host: '127.0.0.1', port: 15432 }] });
  const seen = cutDocker(`${could} Connection refused`, params, published);
  expect(check(seen)).toMatchObject({ cause: 'connection-refused', why: expect.stringContaining(why) });
});

test('on Docker, an address in a network of only one container asks for a common network', () => {
  const seen = cutDocker(`${could} No route to host`, 'host=172.18.0.2', inNetworks('slave', 'mine'));
  expect(check(seen)).toMatchObject({
    cause: 'connection-refused',
    why: expect.stringContaining('containers reach each other in a network of both'),
    next: [{ text: 'docker network connect rep slave' }, { do: 'edit' }, { do: 'reload' }],
  });
});
