/** Roles and databases, and the locks that sessions hold. */
import type pg from 'pg';
import { NotHere } from '../world.ts';
import { all, confLine, filled, type Kind, type Mutation, sqlOn } from './kind.ts';

const roleClauses = [
  'NOLOGIN',
  'NOREPLICATION',
  "PASSWORD 'other'",
  'PASSWORD NULL',
  "VALID UNTIL '2020-01-01'",
  'CONNECTION LIMIT 0',
  'CONNECTION LIMIT 1',
  'SUPERUSER',
  'RENAME TO slave_old',
  'RENAME TO "Slave"',
  "SET search_path = 'nothing'",
  'SET statement_timeout = 1',
  "SET session_preload_libraries = 'nothing'",
];
const roleMade = [
  'CREATE ROLE standbys; GRANT standbys TO slave',
  'DROP ROLE slave',
  'ALTER ROLE postgres RENAME TO pg',
  "ALTER ROLE postgres PASSWORD 'mine'",
  "ALTER ROLE postgres VALID UNTIL '2020-01-01'",
  'ALTER ROLE postgres SET statement_timeout = 1',
  'ALTER ROLE postgres SET default_transaction_read_only = on',
  "SET password_encryption = 'md5'; ALTER ROLE slave PASSWORD '{password}'",
  "CREATE ROLE slave WITH LOGIN REPLICATION PASSWORD '{password}' CONNECTION LIMIT 0",
  "CREATE USER slave PASSWORD '{password}'",
];
const databaseChanges = [
  'ALTER DATABASE master RENAME TO masters',
  'ALTER DATABASE master CONNECTION LIMIT 0',
  'ALTER DATABASE master WITH ALLOW_CONNECTIONS false',
  'ALTER DATABASE master SET default_transaction_read_only = on',
  "ALTER DATABASE master SET search_path = 'nothing'",
  'ALTER DATABASE postgres WITH ALLOW_CONNECTIONS false',
  'ALTER DATABASE master SET statement_timeout = 1',
  'DROP DATABASE master WITH (FORCE)',
  'ALTER DATABASE master SET role = slave',
];
const tableChanges = [
  'DROP TABLE visits',
  'TRUNCATE visits',
  'ALTER TABLE visits RENAME TO visitors',
  'ALTER TABLE visits SET UNLOGGED',
  'DELETE FROM visits',
  'ALTER TABLE visits ADD COLUMN more int',
  'CREATE TABLE others (id int); INSERT INTO others VALUES (1)',
  'CREATE SCHEMA mine; ALTER TABLE visits SET SCHEMA mine',
];
const tablesTooEarly = [
  'CREATE TABLE visits (id int, who text); INSERT INTO visits VALUES (1)',
  'CREATE UNLOGGED TABLE visits (id int, who text); INSERT INTO visits VALUES (1)',
  'CREATE TEMP TABLE visits (id int)',
  'CREATE TABLE visits (who text)',
];

/** A session that goes on: its last statement is not waited for. */
const held = (on: 'master' | 'slave', statements: readonly string[], last?: string): Mutation => ({
  name: `a session on ${on}: ${[...statements, ...(last ? [last] : [])].join('; ')}`,
  async apply(world) {
    const client: pg.Client = await world.session(on, 'master');
    for (const text of statements)
      await client.query(filled(world, text)).catch((error: Error) => {
        throw new NotHere(error.message);
      });
    if (last) void client.query(last).catch(() => undefined); // it ends with the state
  },
});

const modes = ['ACCESS EXCLUSIVE', 'EXCLUSIVE', 'SHARE ROW EXCLUSIVE', 'SHARE'];

export const catalogKinds: readonly Kind[] = [
  {
    family: 'roles',
    lessons: [4, 12],
    make: (random) => sqlOn('master', `ALTER ROLE slave ${random.pick(roleClauses)}`),
  },
  { family: 'roles', lessons: [3, 12], make: (random) => sqlOn('master', random.pick(roleMade)) },
  {
    family: 'roles',
    lessons: [3, 3],
    make: (random) => {
      const words = [
        random.pick(['LOGIN', 'NOLOGIN', '']),
        random.pick(['REPLICATION', 'NOREPLICATION', 'SUPERUSER', '']),
        random.pick(["PASSWORD '{password}'", "PASSWORD 'other'", '']),
        random.pick(['', '', 'CONNECTION LIMIT 0', "VALID UNTIL '2020-01-01'", "VALID UNTIL 'infinity'"]),
      ];
      return sqlOn('master', `CREATE ROLE slave WITH ${words.join(' ')} INHERIT`);
    },
  },
  { family: 'databases', lessons: [3, 12], make: (random) => sqlOn('master', random.pick(databaseChanges)) },
  { family: 'databases', lessons: [10, 12], make: (random) => sqlOn('master', random.pick(tableChanges), 'master') },
  {
    family: 'databases',
    lessons: [9, 9],
    make: (random) => sqlOn('master', random.pick(tablesTooEarly), random.pick(['master', 'postgres'])),
  },
  {
    family: 'databases',
    lessons: [9, 12],
    make: (random) => {
      const then = random.pick(['SELECT 1', 'SELECT pg_wal_replay_pause()']);
      return all(
        `a table visits in the database postgres; on slave ${then}`,
        sqlOn(
          'master',
          'CREATE TABLE IF NOT EXISTS visits (id int, who text); INSERT INTO visits VALUES (1)',
          'postgres',
        ),
        sqlOn('slave', then),
      );
    },
  },
  {
    family: 'locks',
    lessons: [10, 12],
    make: (random) => held('master', ['BEGIN', `LOCK TABLE visits IN ${random.pick(modes)} MODE`]),
  },
  {
    family: 'locks',
    lessons: [10, 12],
    make: (random) => {
      const change = random.pick(['ALTER TABLE visits ADD COLUMN later int', 'TRUNCATE visits', 'DROP TABLE visits']);
      return held('master', ['BEGIN', change]);
    },
  },
  {
    family: 'locks',
    lessons: [10, 12],
    make: (random) => {
      const change = random.pick(['ALTER TABLE visits ADD COLUMN later int', 'VACUUM FULL visits', 'TRUNCATE visits']);
      return all(
        `a reader on slave holds up the replay of ${change}`,
        confLine('slave', 'max_standby_streaming_delay = -1', 'reload'),
        held('slave', ['BEGIN ISOLATION LEVEL REPEATABLE READ', 'SELECT * FROM visits']),
        sqlOn('master', change, 'master'),
      );
    },
  },
  {
    family: 'locks',
    lessons: [3, 12],
    make: (random) =>
      held('master', [
        'BEGIN',
        `LOCK TABLE ${random.pick(['pg_authid', 'pg_database', 'pg_class', 'pg_db_role_setting'])} IN ${random.pick(modes)} MODE`,
      ]),
  },
  {
    family: 'locks',
    lessons: [3, 12],
    make: (random) => {
      const how = random.pick(['idle in a transaction', 'asleep', 'in an aborted transaction']);
      return held('master', how === 'asleep' ? [] : ['BEGIN'], how === 'asleep' ? 'SELECT pg_sleep(600)' : 'SELECT 1');
    },
  },
];
