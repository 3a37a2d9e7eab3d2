/** All the ways in which a server of lesson 3 does not answer. */

import type { Seen } from '../../src/check/journal.ts';
import { at, cannotAsk, conf, disk, failed, hba, log, madeByInitdb, type Room, sqlOf, state, stopped } from './lab.ts';

const data = '/home/me/repl-workshop/rep/master_data';

export const downs: readonly (readonly [cause: string, story: string, seen: Seen])[] = [
  ['absent', 'there is no data directory', at(2)],
  ['absent', 'the folder is empty', at(2, disk('master', { state: 'empty' }))],
  ['not-a-cluster', 'the folder has other files', at(2, disk('master', { state: 'other' }))],
  ['created-not-started', 'made, never started', at(2, madeByInitdb('master'))],
  ['stopped', 'stopped in an orderly way', at(3, stopped('master'))],
  [
    'port-taken',
    'another program has the port',
    at(
      3,
      failed(
        'master',
        'LOG:  could not bind IPv4 address "127.0.0.1": Address already in use',
        'WARNING:  could not create listen socket for "127.0.0.1"',
        'FATAL:  could not create any TCP/IP sockets',
        'LOG:  database system is shut down',
      ),
    ),
  ],
  ['bad-permissions', 'by the mode', at(3, stopped('master'), disk('master', { mode: '0755' }))],
  [
    'bad-permissions',
    'by the log',
    at(3, failed('master', `FATAL:  data directory "${data}" has invalid permissions`)),
  ],
  ['wrong-owner', "the folder is root's", at(3, stopped('master'), disk('master', { ownedByServer: false }))],
  [
    'wrong-owner',
    "one file is root's",
    at(3, stopped('master'), disk('master', { foreignOwner: 'global/pg_control' })),
  ],
  [
    'wrong-owner',
    'by the log',
    at(3, failed('master', `LOG:  could not open file "${data}/pg_hba.conf": Permission denied`)),
  ],
  ['other-major', 'PG_VERSION of another major', at(3, stopped('master'), disk('master', { major: 15 }))],
  ['other-major', 'by the log', at(3, failed('master', 'FATAL:  database files are incompatible with server'))],
  [
    'config-error',
    'an unknown parameter',
    at(
      3,
      failed(
        'master',
        `LOG:  unrecognized configuration parameter "sync_standby_names" in file "${data}/postgresql.conf" line 892`,
        `FATAL:  configuration file "${data}/postgresql.conf" contains errors`,
      ),
    ),
  ],
  [
    'hba-error',
    'a line of pg_hba.conf',
    at(
      3,
      hba('master', 'host all all 127.0.0.1/32 scram\n'),
      failed(
        'master',
        'LOG:  invalid authentication method "scram"',
        `CONTEXT:  line 1 of configuration file "${data}/pg_hba.conf"`,
        `FATAL:  could not load ${data}/pg_hba.conf`,
      ),
    ),
  ],
  [
    'lock-file',
    'a copied postmaster.pid',
    at(3, failed('master', 'FATAL:  lock file "postmaster.pid" already exists')),
  ],
  [
    'recovery-conf',
    'as of old',
    at(3, failed('master', 'FATAL:  using recovery command file "recovery.conf" is not supported')),
  ],
  [
    'recovery-signal',
    '13 to 17',
    at(3, failed('master', 'FATAL:  must specify restore_command when standby mode is not enabled')),
  ],
  [
    'recovery-signal',
    '18',
    at(
      3,
      failed(
        'master',
        'FATAL:  must specify "restore_command" when standby mode is not enabled',
        'LOG:  startup process (PID 23103) exited with exit code 1',
      ),
    ),
  ],
  [
    'backup-label-lost',
    'no checkpoint',
    at(3, failed('master', 'PANIC:  could not locate a valid checkpoint record at 0/2000080')),
  ],
  ['incomplete-copy', 'no pg_wal', at(3, failed('master', 'FATAL:  required WAL directory "pg_wal" does not exist'))],
  [
    'settings-too-small',
    'max_connections lowered',
    at(
      3,
      failed(
        'master',
        'FATAL:  recovery aborted because of insufficient parameter settings',
        'DETAIL:  max_connections = 50 is a lower setting than on the primary server, where its value was 100.',
      ),
    ),
  ],
  ['crashed', 'killed', at(3, failed('master'))],
  ['starting', 'not ready yet', at(3, state('master', 'starting'))],
  ['restarting', 'a container that comes up again and again', at(3, state('master', 'restarting'))],
  ['hung', 'no session gets an answer', at(3, state('master', 'hung'))],
  ['paused', 'SIGSTOP', at(3, state('master', 'paused'))],
  [
    'locked-out',
    'a reject line',
    at(3, cannotAsk('master'), hba('master', 'local all all reject\nhost all all all scram-sha-256\n')),
  ],
  ['locked-out', 'no line for us', at(3, cannotAsk('master'), hba('master', 'host all bob all scram-sha-256\n'))],
  [
    'another-server-answers',
    'another data directory',
    at(3, (room: Room) => void Object.assign(sqlOf(room, 'master'), { dataDirectory: '/var/lib/postgresql/15/main' })),
  ],
  [
    'another-server-answers',
    'another cluster',
    at(3, (room: Room) => void Object.assign(sqlOf(room, 'master'), { systemIdentifier: '1' })),
  ],
  ['other-port', 'a port of its own', at(3, (room: Room) => void Object.assign(sqlOf(room, 'master'), { port: 5439 }))],
  ['hot-standby-off', 'in the file', at(3, cannotAsk('master'), conf('master', 'hot_standby = off'))],
  [
    'hot-standby-off',
    'by the log',
    at(
      3,
      cannotAsk('master'),
      log(
        'master',
        'FATAL:  the database system is not accepting connections',
        'DETAIL:  Hot standby mode is disabled.',
      ),
    ),
  ],
];
