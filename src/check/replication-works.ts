/**
 * The checks that replication works: a row written on the master is read on the slave, and the slave refuses writes.
 */

import type { NewestRow } from '../lab/look/newest.ts';
import type { Observation, Sql } from '../lab/observation.ts';
import { quoteName } from '../postgres/quote.ts';
import { type Check, defineCheck } from './check.ts';
import { rebuildSteps } from './clone/rebuild.ts';
import { answersOf } from './server/running.ts';
import { unlogged } from './steps/unlogged.ts';
import { whyNotConnected } from './streaming/disconnected.ts';
import type { Fail, Location, Step } from './verdict.ts';
import { type Failure, fail, pass } from './verdicts.ts';
import { inFile, isOtherFamily, lastRecord, type Replication, viewOf } from './view.ts';

/**
 * An INSERT of one row. The table `visits` has the columns of lesson 9; the columns of any other table are not known.
 */
export const insertInto = (table: string, who: string): string =>
  table === 'visits' ? `INSERT INTO visits (who) VALUES ('${who}')` : `INSERT INTO ${table} DEFAULT VALUES`;

/** The newest row of the learner's table is on both servers. Any table will do; the lesson's is `visits`. */
export const rowOnBoth = (master: string, slave: string, database = 'master'): Check =>
  defineCheck(
    [
      'no-answer',
      'database-closed',
      'no-table',
      'table-in-the-wrong-database',
      'no-row',
      'table-locked',
      'slave-not-streaming',
      'replay-paused',
      'not-on-slave-yet',
    ],
    ({ now }) => {
      const primary = answersOf(now, master);
      if ('kind' in primary) return primary;
      const want = `a row that was written on ${master}, seen on ${slave}`;
      if (primary.closed.includes(database)) return databaseClosed(master, database, want);
      const row = primary.newest;
      if (row?.unread !== undefined) return notReadable(master, row, want);
      if (!row?.id || row.database !== database) return notWritten(master, database, row, want);
      const standby = answersOf(now, slave, 'standby');
      if ('kind' in standby) return standby.kind === 'unknown' ? standby : { ...standby, cause: 'slave-not-streaming' };
      const notReplicating = notFollowing(now, slave, master, { standby, primary });
      const slaveRow = standby.newest;
      if (slaveRow && isThere(row, slaveRow) && !notReplicating)
        return pass(`row ${row.id} of ${row.table}, written on ${master}, is on ${slave}`);
      if (standby.position.role === 'standby' && standby.position.paused) {
        return fail('replay-paused', {
          seen: `row ${row.id} has arrived at ${slave}, but replay is paused: it is not shown yet`,
          want,
          why: 'somebody called pg_wal_replay_pause()',
          at: tablePlace(slave, slaveRow),
          next: [{ do: 'sql', on: slave, text: 'SELECT pg_wal_replay_resume()' }],
        });
      }
      if (notReplicating)
        return fail('slave-not-streaming', {
          seen: notReplicating,
          want,
          why: 'what both have may come from the copy, or was written on both; it proves nothing',
          at: tablePlace(slave, slaveRow),
          next: backToStreaming(now, slave, master, standby),
        });
      return fail('not-on-slave-yet', {
        seen: `the newest row on ${master} is ${row.id}, on ${slave} ${slaveRow?.id ?? 'none'}`,
        want,
        ...whyLate(slave, standby, { do: 'sql', on: slave, database, text: `SELECT * FROM ${row.table}` }),
        at: tablePlace(slave, slaveRow),
      });
    },
  );

const databaseClosed = (master: string, database: string, want: string): Failure<'database-closed'> =>
  fail('database-closed', {
    seen: `the database ${database} of ${master} takes no connections`,
    want,
    at: { server: master, view: 'pg_database', row: { datname: database, datallowconn: 'f' } },
    next: [{ do: 'sql', on: master, text: `ALTER DATABASE ${quoteName(database)} WITH ALLOW_CONNECTIONS true` }],
  });

function whyLate(slave: string, { settings }: Sql, look: Step): Pick<Fail, 'why' | 'next'> {
  const delay = settings.recovery_min_apply_delay?.value ?? '0';
  if (delay === '0') return { why: 'it normally takes milliseconds', next: [look] };
  return {
    why: `recovery_min_apply_delay is ${delay} ms: ${slave} has the row, and shows it that much later`,
    next: [
      { do: 'edit', on: slave, file: 'postgresql.conf', text: 'recovery_min_apply_delay = 0' },
      { do: 'reload', on: slave },
    ],
  };
}

/** The learner's table is there, and a read of it waits or is refused. */
function notReadable(master: string, row: NewestRow, want: string): Failure<'table-locked'> {
  const { table, unread, lockedBy } = row;
  return fail('table-locked', {
    seen: `${table} on ${master} cannot be read now: ${unread}`,
    want,
    why:
      lockedBy === undefined
        ? 'the server itself answers'
        : `the session ${lockedBy} holds a lock on it, and everybody who reads waits for its end`,
    at: tablePlace(master, row),
    next:
      lockedBy === undefined
        ? [{ do: 'sql', on: master, database: row.database, text: `SELECT * FROM ${table}` }]
        : [
            { do: 'sql', on: master, text: `SELECT pg_terminate_backend(${lockedBy})` },
            { do: 'say', text: 'end its transaction there: COMMIT or ROLLBACK', or: true },
          ],
  });
}

function notWritten(master: string, database: string, row: NewestRow | null, want: string) {
  const insert = {
    do: 'sql',
    on: master,
    database,
    text: `CREATE TABLE IF NOT EXISTS visits (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, who text, at timestamptz DEFAULT now()); ${insertInto('visits', 'me')}`,
  } as const;
  if (!row)
    return fail('no-table', {
      seen: `no table of yours in the database ${database} of ${master}`,
      want,
      at: tablePlace(master, row),
      next: [insert],
    });
  if (row.database !== database) {
    return fail('table-in-the-wrong-database', {
      seen: `your table ${row.table} is in the database ${row.database} of ${master}`,
      want: `a table in the database ${database}`,
      why: "psql without -d goes to the database of the user's name; both databases are replicated, but here we look at one",
      at: tablePlace(master, row),
      next: [insert],
    });
  }
  return fail('no-row', {
    seen: `the table ${row.table} on ${master} has no row yet`,
    want,
    at: tablePlace(master, row),
    next: [{ ...insert, text: insertInto(row.table, 'me') }],
  });
}

/** The log of the standby has a refused write since its last start. */
export const writeRefused = (slave: string, master: string): Check =>
  defineCheck(['no-answer', 'slave-takes-writes', 'wrote-on-the-master', 'not-tried'], ({ now }) => {
    const view = viewOf(now, slave);
    const refused = lastRecord(view.log.records, /^cannot execute .+ in a read-only transaction/);
    if (refused) return pass(`${slave} refused it: ${refused.message}`);
    const standby = answersOf(now, slave, 'standby');
    if ('kind' in standby) return standby;
    const want = `a write on ${slave} that is refused`;
    const insert = {
      do: 'sql',
      on: slave,
      database: 'master',
      text: insertInto(standby.newest?.table ?? 'visits', 'nobody'),
    } as const;
    if (!standby.inRecovery)
      return fail('slave-takes-writes', {
        seen: `${slave} is a primary: it would take the write`,
        want,
        why: 'only a standby refuses',
        at: { server: slave, view: 'pg_is_in_recovery()', row: { pg_is_in_recovery: false } },
        next: rebuildSteps(now, slave, master),
      });
    const { sql } = viewOf(now, master);
    const id = 'newest' in sql ? Number(sql.newest?.id) : 0;
    if (id > 1) {
      return fail('wrote-on-the-master', {
        seen: `${slave} has refused nothing yet; on ${master} there are several rows, the newest is ${id}`,
        want,
        why: `if you meant that one for ${slave}, it went to ${master}: psql says nothing about whom it talks to`,
        at: tablePlace(master, 'newest' in sql ? sql.newest : null),
        next: [insert],
      });
    }
    const silent = unlogged(view);
    return fail('not-tried', {
      seen: `the log of ${slave} tells of no refused write since its start`,
      want,
      why: silent.why ?? 'a standby only repeats; you should have seen it say no',
      at: inFile(slave, view.log.file ?? 'the log'),
      next: [...silent.next, insert],
    });
  });

const backToStreaming = (now: Observation, slave: string, master: string, standby: Sql): readonly Step[] =>
  standby.inRecovery && !isOtherFamily(now, slave, master)
    ? whyNotConnected(now, slave, master, 'slave1').next
    : rebuildSteps(now, slave, master);

const tablePlace = (server: string, row: NewestRow | null): Location => ({
  server,
  view: row?.table ?? 'visits',
  row: { id: row?.id ?? null },
});

/** The slave is queried a moment after the master, so it may have a newer row. */
function isThere(row: NewestRow, there: NewestRow): boolean {
  if (row.table !== there.table || row.database !== there.database || there.id === null) return false;
  const [id, its] = [row.id, there.id].map(Number);
  return row.id === there.id || (id !== undefined && its !== undefined && its > id);
}

function notFollowing(
  now: Observation,
  slave: string,
  master: string,
  { standby, primary }: Replication,
): string | undefined {
  if (!standby.inRecovery) return `${slave} runs as a primary of its own, not as a standby`;
  if (isOtherFamily(now, slave, master)) return `${slave} is not a copy of ${master}: their identifiers differ`;
  if (primary.senders.length === 0 || standby.receiver?.status !== 'streaming')
    return `${slave} is not connected to ${master}`;
  return undefined;
}
