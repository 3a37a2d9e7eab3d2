/** Settings in the files, in the catalog and on the command line; logs that go elsewhere. */
import type { Random } from '../../postgres/against/random.ts';
import { type Name, NotHere } from '../world.ts';
import {
  type After,
  afterwards,
  appended,
  both,
  confLine,
  type Family,
  filled,
  type Kind,
  type Mutation,
  sqlOn,
} from './kind.ts';

const names = ['work_mem', 'max_connections', 'shared_buffers', 'port', 'checkpoint_timeout', 'wal_keep_size'];
const badValues = ["'32 mb'", '99999999', '-5', "'many'", '4MB x', "'4MB", '= 3', '9000GB', "''"];
const unknownNames = [
  'shared_bufers',
  'standby_mode',
  'sync_standby_names',
  'max_wal_sender',
  'garbage here',
  '[master]',
];

/** Values of which each does something to who comes in, what is sent, or whether a start succeeds. */
const telling = [
  "listen_addresses = ''",
  "listen_addresses = '127.0.0.2'",
  "listen_addresses = '::1'",
  "listen_addresses = 'nohost.invalid'",
  "listen_addresses = 'localhost'",
  "listen_addresses = '*'",
  'port = 99999',
  'port = 0',
  'port = {slave.port}',
  'port = {master.port}',
  'max_connections = 0',
  'max_connections = 20',
  'max_wal_senders = 0',
  'wal_level = minimal',
  'wal_level = replica',
  'hot_standby = off',
  'huge_pages = on',
  'superuser_reserved_connections = 1000',
  "unix_socket_directories = '/nowhere'",
  "data_directory = '/nowhere'",
  "hba_file = '/nowhere'",
  "ident_file = '/nowhere'",
  'ssl = on',
  "shared_preload_libraries = 'nothing'",
  "session_preload_libraries = 'nothing'",
  "include 'nothing.conf'",
  "include_if_exists 'nothing.conf'",
  "include_dir 'nothing.d'",
  "recovery_min_apply_delay = '1h'",
  "restore_command = '/nowhere %f %p'",
  "recovery_target_time = '2020-01-01'\nrecovery_target_xid = '7'",
  'statement_timeout = 1',
  'track_commit_timestamp = off',
  'synchronous_commit = off',
  'synchronous_commit = local',
  'synchronous_commit = remote_apply',
  'default_transaction_read_only = on',
  "password_encryption = 'md5'",
  'max_worker_processes = 2',
  'wal_receiver_status_interval = 0',
  "primary_slot_name = 'no_such_slot'",
  'autovacuum = off',
  'fsync = off',
  'shared_buffers = 9000GB',
];
const collector = ['', "log_destination = 'csvlog'", "log_filename = 'mine.log'", "log_directory = 'elsewhere'"];
const loud = [
  'log_min_messages = panic',
  "log_destination = 'syslog'",
  "log_line_prefix = ''",
  "log_line_prefix = '%p '",
  'log_connections = on',
  'log_statement = all',
  'log_replication_commands = on',
  "lc_messages = 'C'",
  "log_timezone = 'Asia/Tokyo'",
  "logging_collector = on\nlog_directory = '/nowhere'",
  'log_error_verbosity = verbose',
  'log_error_verbosity = terse',
];

const after = (random: Random): After => random.pick(['nothing', 'reload', 'restart', 'restart']);
const file = (random: Random): string => (random.chance(0.25) ? 'postgresql.auto.conf' : 'postgresql.conf');

/** The server is started with an option that wins over its files. */
const startedWith = (on: Name, option: string): Mutation => ({
  name: `${on}: pg_ctl -o "-c ${option}"`,
  async apply(world) {
    await world.shell(`pg_ctl -D ${world.data(on)} -m fast stop`);
    await world.shell(`pg_ctl -D ${world.data(on)} -w -t 6 -o "-c ${filled(world, option)}" start`, 15_000);
  },
});

const lineOf = (family: Family, lines: readonly string[]): Kind => ({
  family,
  lessons: [2, 12],
  make: (random) => confLine(random.pick(both), random.pick(lines), after(random), file(random)),
});

export const settingKinds: readonly Kind[] = [
  lineOf('settings', telling),
  lineOf('settings', telling),
  lineOf(
    'settings',
    unknownNames.map((name) => (/\W/.test(name) ? name : `${name} = on`)),
  ),
  {
    family: 'settings',
    lessons: [2, 12],
    make: (random) =>
      confLine(random.pick(both), `${random.pick(names)} = ${random.pick(badValues)}`, after(random), file(random)),
  },
  {
    family: 'settings',
    lessons: [9, 12],
    make: (random) => {
      const level = random.pick(['off', 'local', 'remote_write', 'remote_apply']);
      const whose = random.pick(['ROLE postgres', 'DATABASE master', 'ROLE postgres IN DATABASE master', 'ROLE ALL']);
      return sqlOn('master', `ALTER ${whose} SET synchronous_commit = ${level}`);
    },
  },
  {
    family: 'settings',
    lessons: [3, 12],
    make: (random) =>
      startedWith(
        random.pick(both),
        random.pick([
          'synchronous_standby_names=',
          'synchronous_commit=off',
          'max_wal_senders=0',
          'port={slave.port}',
          'listen_addresses=',
          'primary_conninfo=',
        ]),
      ),
  },
  {
    family: 'settings',
    lessons: [3, 12],
    make: (random) => {
      const [name, value] = random.pick([
        ['synchronous_standby_names', 'slave9'],
        ['synchronous_commit', 'off'],
        ['max_wal_senders', '0'],
        ['wal_level', 'minimal'],
        ['listen_addresses', ''],
        ['log_min_messages', 'panic'],
      ] as const);
      const then = after(random);
      return {
        name: `master: ALTER SYSTEM SET ${name} = '${value}'; ${then}`,
        async apply(world) {
          await world.sql('master', `ALTER SYSTEM SET ${name} = '${value}'`);
          await afterwards(world, 'master', then);
        },
      };
    },
  },
  lineOf('logs', loud),
  {
    family: 'logs',
    lessons: [2, 12],
    make: (random) =>
      confLine(random.pick(both), `logging_collector = on\n${random.pick(collector)}`, 'restart', 'postgresql.conf'),
  },
  {
    family: 'logs',
    lessons: [2, 12],
    make: (random) => {
      const on = random.pick(both);
      const how = random.pick(['removed', 'emptied', 'filled with old lines']);
      return {
        name: `the log of ${on}: ${how}`,
        async apply(world) {
          const path = world.logFile(on);
          const before = world.read(path);
          if (before === undefined) throw new NotHere('no log');
          if (how === 'removed') await world.shell(`rm ${path}`);
          if (how === 'emptied') world.write(path, '');
          if (how === 'filled with old lines') await appended(world, path, oldLines);
        },
      };
    },
  },
];

const oldLines = [
  '2020-01-01 10:00:00.000 UTC [77] FATAL:  could not create lock file "postmaster.pid": File exists',
  '2020-01-01 10:00:00.000 UTC [78] FATAL:  password authentication failed for user "slave"',
  '2020-01-01 10:00:00.000 UTC [79] LOG:  database system is shut down',
].join('\n');
