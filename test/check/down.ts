/** All states in which a server of lesson 3 does not answer, each with its cause. */

import type { Seen } from '../../src/check/journal.ts';
import { container, ended, foreign, noContainer } from './containers.ts';
import {
  at,
  atDocker,
  cannotAsk,
  conf,
  confOnly,
  disk,
  diskOf,
  failed,
  hba,
  type LabState,
  listens,
  log,
  madeByInitdb,
  sqlOf,
  state,
  stopped,
} from './lab.ts';

const data = '/home/me/repl-workshop/rep/master_data';

type Down = readonly [cause: string, story: string, seen: Seen];

/** The first line of an image's refusal to start, as `docker logs` prints it. */
export const refusals = {
  oldVolumePath: 'Error: in 18+, these Docker images are configured to store database data in a',
  password: 'Error: Database is uninitialized and superuser password is not specified.',
} as const;
const empty = disk('master', { state: 'empty', control: null, conf: [], hba: null });
const mounts = (name: string, target = '/var/lib/postgresql') =>
  ({ kind: 'folder', source: `/home/me/repl-workshop/rep/${name}_data`, target }) as const;
const oldMount = {
  mount: { kind: 'volume', source: 'a1'.repeat(32), target: '/var/lib/postgresql' } as const,
  others: [mounts('master', '/var/lib/postgresql/data')],
};

const dockerDowns: readonly Down[] = [
  ['absent', 'Docker: no container', atDocker(2)],
  ['absent', 'Docker: the container was removed, its data is there', atDocker(3, noContainer('master'))],
  ['absent', 'Docker: its folder was emptied', atDocker(3, stopped('master'), state('master', 'absent'), empty)],
  [
    'absent',
    'Docker: no container, and its folder cannot be read',
    atDocker(2, (lab) => void Object.assign(lab.now.servers.master, { disk: { what: 'EACCES', fix: 'make it' } })),
  ],
  ['foreign-container', 'Docker: a foreign container has the name', atDocker(3, foreign('master'))],
  [
    'foreign-container',
    "Docker: the tutorial's literal name and mount, not adopted",
    atDocker(3, foreign('master', { mayBeTheLabs: true })),
  ],
  ['dead-container', 'Docker: dead', atDocker(3, stopped('master'), container('master', { state: 'dead' }))],
  [
    'dead-container',
    'Docker: being removed',
    atDocker(3, stopped('master'), container('master', { state: 'removing' })),
  ],
  [
    'wrong-image',
    'Docker: 15, where 18 is wanted',
    atDocker(3, container('master', { image: 'postgres:15', major: 15 })),
  ],
  [
    'wrong-image',
    'Docker: an image without a tag, where 15 is wanted',
    atDocker(3, (lab) => void Object.assign(lab.now, { major: 15 }), ended('master', refusals.oldVolumePath, oldMount)),
  ],
  [
    'wrong-folder',
    "Docker: the slave's folder",
    atDocker(3, container('master', { mount: mounts('slave') }), (lab) => {
      diskOf(lab, 'master').path = diskOf(lab, 'slave').path;
    }),
  ],
  [
    'wrong-folder',
    "Docker: the slave's volume",
    atDocker(
      3,
      ...(['master', 'slave'] as const).flatMap((name) => [
        container(name, { mount: { kind: 'volume', source: 'rep_slave_data', target: '/var/lib/postgresql' } }),
        disk(name, { path: `${name}:/var/lib/postgresql/18/docker` }),
      ]),
    ),
  ],
  [
    'wrong-folder',
    "Docker: the slave's volume, before there is a slave",
    atDocker(
      3,
      noContainer('slave'),
      container('master', { mount: { kind: 'volume', source: 'rep_slave_data', target: '/var/lib/postgresql' } }),
      disk('master', { path: 'master:/var/lib/postgresql/18/docker' }),
    ),
  ],
  [
    'cannot-start',
    'Docker: a folder that it may not mount',
    atDocker(
      2,
      ended('master', 'no', { state: 'created', exitCode: null, error: 'mounts denied: /rep is not shared' }),
    ),
  ],
  [
    'port-taken',
    'Docker: the other container has it',
    atDocker(
      3,
      ended('master', 'no', {
        state: 'created',
        exitCode: null,
        published: [{ host: '127.0.0.1', port: 5433 }],
        error:
          'driver failed programming external connectivity on endpoint master (10b8d7): Bind for 127.0.0.1:5433 failed: port is already allocated',
      }),
    ),
  ],
  [
    'port-taken',
    'Docker: another program has it, when an old container is started again',
    atDocker(
      3,
      ended('master', 'no', {
        exitCode: 128,
        error:
          'driver failed programming external connectivity on endpoint master (10b8d7): Error starting userland proxy: listen tcp4 127.0.0.1:5432: bind: address already in use',
      }),
    ),
  ],
  [
    'old-volume-path',
    'Docker: the mount of 17 and before',
    atDocker(2, ended('master', refusals.oldVolumePath, oldMount)),
  ],
  [
    'old-volume-path',
    'Docker: a cluster where 17 and before had it',
    atDocker(2, ended('master', refusals.oldVolumePath)),
  ],
  ['password-missing', 'Docker: no POSTGRES_PASSWORD', atDocker(2, ended('master', refusals.password), empty)],
  [
    'out-of-memory',
    'Docker: killed by the machine',
    atDocker(3, ended('master', 'the process was killed', { outOfMemory: true, exitCode: 137 })),
  ],
  [
    'image-cannot-write',
    'Docker: the folder belongs to another user',
    atDocker(
      2,
      ended('master', "mkdir: cannot create directory '/var/lib/postgresql/18': Permission denied", { exitCode: 1 }),
      empty,
    ),
  ],
  [
    'image-cannot-write',
    'Docker: initdb may not write',
    atDocker(
      2,
      ended('master', 'initdb: error: could not change permissions of directory "/d": Operation not permitted'),
      empty,
    ),
  ],
  [
    'disk-full',
    'Docker: no room for initdb',
    atDocker(
      2,
      ended('master', 'initdb: error: could not write file "/d/PG_VERSION": No space left on device', { exitCode: 1 }),
      empty,
    ),
  ],
  [
    'disk-full',
    'Docker: no room for the log of changes',
    atDocker(
      3,
      ended('master', 'could not write to file "pg_wal/xlogtemp.29": No space left on device', { exitCode: 1 }),
    ),
  ],
  ['crashed', 'Docker: killed', atDocker(3, ended('master', 'the process ended without a word: it was killed'))],
  [
    'not-a-cluster',
    'Docker: initdb found other files',
    atDocker(2, ended('master', 'exit code 1'), disk('master', { state: 'other' })),
  ],
  [
    'created-not-started',
    'Docker: docker create, and no start',
    atDocker(3, state('master', 'created'), container('master', { state: 'created', exitCode: null })),
  ],
  ['stopped', 'Docker: docker stop', atDocker(3, stopped('master'))],
  [
    'starting',
    'Docker: the temporary server',
    atDocker(3, state('master', 'starting'), container('master', { initialising: true })),
  ],
  ['paused', 'Docker: docker pause', atDocker(3, state('master', 'paused'))],
  ['hung', 'Docker: no session gets an answer', atDocker(3, state('master', 'hung'))],
  [
    'restarting',
    'Docker: a restart policy, and a mistake in a file',
    atDocker(
      3,
      confOnly('master', ...Array(891).fill(''), 'foo = 1'),
      state('master', 'restarting'),
      log(
        'master',
        'LOG:  unrecognized configuration parameter "foo" in file "/var/lib/postgresql/18/docker/postgresql.conf" line 892',
        'FATAL:  configuration file "/var/lib/postgresql/18/docker/postgresql.conf" contains errors',
      ),
    ),
  ],
  [
    'locked-out',
    'Docker: the socket is refused',
    atDocker(3, cannotAsk('master'), hba('master', 'local all all reject\nhost all all all scram-sha-256\n')),
  ],
  [
    'locked-out',
    'Docker: peer, where we come as root',
    atDocker(3, cannotAsk('master'), hba('master', 'local all all peer\nhost all all all scram-sha-256\n')),
  ],
  [
    'locked-out',
    'Docker: no line for the socket',
    atDocker(3, cannotAsk('master'), hba('master', 'host all all all trust\n')),
  ],
  [
    'another-server-answers',
    'Docker: the folder was exchanged under the container',
    atDocker(3, (lab: LabState) => void Object.assign(diskOf(lab, 'master').control ?? {}, { systemIdentifier: '1' })),
  ],
  ['other-port', 'Docker: in the file', atDocker(3, cannotAsk('master'), conf('master', 'port = 5439'))],
  [
    'other-port',
    'Docker: on the command line',
    atDocker(3, cannotAsk('master'), log('master', 'LOG:  listening on IPv4 address "0.0.0.0", port 5499')),
  ],
  [
    'other-port',
    'Docker: an answer all the same',
    atDocker(3, (lab: LabState) => void Object.assign(sqlOf(lab, 'master'), { port: 5439 })),
  ],
];

export const downs: readonly Down[] = [
  ...dockerDowns,
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
      confOnly('master', ...Array(891).fill(''), "sync_standby_names = 'x'"),
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
    'as before PostgreSQL 12',
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
  ['restarting', 'a container that comes up again and again', atDocker(3, state('master', 'restarting'))],
  ['hung', 'no session gets an answer', at(3, state('master', 'hung'))],
  [
    'catalogue-locked',
    'a transaction holds pg_database',
    at(3, state('master', 'hung'), cannotAsk('master', 'master gave no answer within 3 s.'), (lab) => {
      Object.assign(lab.now.servers.master.process, { blocking: [4711] });
    }),
  ],
  [
    'stopping',
    'a smart shutdown waits for a session',
    at(3, state('master', 'starting'), log('master', 'LOG:  received smart shutdown request')),
  ],
  [
    'lost-files',
    'a folder was moved under it',
    at(3, cannotAsk('master', 'master runs, and no longer finds its files: could not open file "global/1": none')),
  ],
  [
    'bad-permissions',
    'a file that the server may not read',
    at(3, cannotAsk('master', 'could not open file "/x/rep/master_data/global/pg_control": Permission denied')),
  ],
  ['not-listening', 'the workshop comes in through the socket alone', at(3, listens('master', false))],
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
    at(
      3,
      (lab: LabState) => void Object.assign(sqlOf(lab, 'master'), { dataDirectory: '/var/lib/postgresql/15/main' }),
    ),
  ],
  [
    'another-server-answers',
    'another cluster',
    at(3, (lab: LabState) => void Object.assign(sqlOf(lab, 'master'), { systemIdentifier: '1' })),
  ],
  [
    'other-port',
    'a port of its own',
    at(3, (lab: LabState) => void Object.assign(sqlOf(lab, 'master'), { port: 5439 })),
  ],
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
