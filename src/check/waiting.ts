/** Commits that return, wait, and are cancelled. */
import type { NewestRow, Sql } from '../lab/observation.ts';
import { type Check, defineCheck } from './check.ts';
import { clock, fail, inFile, inLog, lastRecord, pass, processPlace, viewOf } from './look.ts';
import { answersOf } from './running.ts';
import { isOff } from './settings.ts';
import { setting } from './sync-names.ts';
import { connected, namesOf, oneLine, release, sendersPlace, settingPlace, waitingPlace } from './sync-words.ts';
import type { Step } from './verdict.ts';
import { insertInto } from './visits.ts';

/** A row was committed after the names were loaded, the synchronous standby has it, and nobody waits. */
export const commitReturns = (master: string, slave: string): Check =>
  defineCheck(
    [
      'no-answer',
      'names-not-in-effect',
      'no-sync-standby',
      'commit-waits',
      'times-not-kept',
      'no-commit-yet',
      'not-on-the-slave',
    ],
    ({ now }) => {
      const sql = answersOf(now, master);
      if ('kind' in sql) return sql;
      const want = `a commit on ${master} that ${slave} has confirmed`;
      const insert: Step = {
        do: 'sql',
        on: master,
        database: 'master',
        text: insertInto(sql.newest?.table ?? 'visits', 'safe'),
      };
      const waits = wouldWait(master, slave, sql, want);
      if (waits) return waits;
      const row = sql.newest;
      if (row?.id && row.committedAt === null && isOff(sql.settings.track_commit_timestamp?.value)) {
        return fail('times-not-kept', {
          seen: `${master} does not keep the times of commits, so nobody can tell whether row ${row.id} came after the names were loaded`,
          want,
          why: 'track_commit_timestamp is off, as PostgreSQL has it; it is read at a start only',
          at: { server: master, view: 'pg_settings', row: { name: 'track_commit_timestamp', setting: 'off' } },
          next: [
            { do: 'sql', on: master, text: 'ALTER SYSTEM SET track_commit_timestamp = on' },
            { do: 'restart', on: master },
            insert,
          ],
        });
      }
      if (!row?.id || !row.committedAt || row.committedAt <= sql.loadedAt) {
        return fail('no-commit-yet', {
          seen: `the names are in effect since ${clock(sql.loadedAt)}; ${beforeThat(row)}`,
          want,
          at: { server: master, view: row?.table ?? 'visits', row: { id: row?.id ?? null } },
          next: [insert],
        });
      }
      const there = viewOf(now, slave).sql;
      const newest = ('newest' in there && there.newest?.id) || null;
      if (newest === row.id || (newest !== null && Number(newest) > Number(row.id)))
        return pass(`row ${row.id} was committed ${clock(row.committedAt)}, and ${slave} has it; nobody waits`);
      return fail('not-on-the-slave', {
        seen: `row ${row.id} is committed on ${master}, but ${slave} does not show it`,
        want,
        why: 'confirmed means: written to its log; replay may be paused',
        at: { server: slave, view: row.table, row: { id: newest } },
        next: [{ do: 'sql', on: slave, text: 'SELECT pg_wal_replay_resume()' }],
      });
    },
  );

function beforeThat(row: NewestRow | null): string {
  if (!row?.id) return 'there is no row yet';
  return row.committedAt
    ? `the newest row was committed ${clock(row.committedAt)}, before that`
    : `the newest row is older than track_commit_timestamp`;
}

/** What keeps a synchronous commit from returning now, or makes it return without asking. */
function wouldWait(master: string, slave: string, sql: Sql, want: string) {
  const [waits] = sql.waiting;
  if (waits)
    return fail('commit-waits', {
      seen: `a commit waits for a standby since ${clock(waits.since)}: ${oneLine(waits)}`,
      want,
      why: `'${namesOf(sql)}' is asked for, and ${connected(sql)}`,
      at: waitingPlace(master, waits),
      next: release(master),
    });
  if (namesOf(sql) === '')
    return fail('names-not-in-effect', {
      seen: `${setting} is empty in the running ${master}: commits return without asking anybody`,
      want,
      at: settingPlace(master, ''),
      next: [{ do: 'reload', on: master }],
    });
  const sync = sql.senders.some(({ syncState }) => syncState === 'sync' || syncState === 'quorum');
  if (sync) return undefined;
  return fail('no-sync-standby', {
    seen: `no standby of ${master} is sync now: a commit would wait`,
    want,
    why: connected(sql),
    at: sendersPlace(master, sql.senders[0]),
    next: [{ do: 'start', on: slave }],
  });
}

/** With the standby gone, a commit was seen waiting. */
export const commitWaited = (master: string, slave: string): Check =>
  defineCheck(
    ['no-answer', 'waits-with-the-standby-up', 'standby-still-up', 'names-empty', 'no-commit-waits'],
    ({ now }) => {
      const sql = answersOf(now, master);
      if ('kind' in sql) return sql;
      const up = ['up', 'starting'].includes(viewOf(now, slave).process.state);
      const want = `with ${slave} stopped, a commit on ${master} that waits`;
      const [waits] = sql.waiting;
      if (waits && !up)
        return pass(`a commit waits since ${clock(waits.since)}: ${oneLine(waits)} (wait event SyncRep)`);
      if (waits)
        return fail('waits-with-the-standby-up', {
          seen: `a commit waits, though ${slave} runs: ${oneLine(waits)}`,
          want,
          why: `'${namesOf(sql)}' is asked for, and ${connected(sql)}`,
          at: waitingPlace(master, waits),
          next: [{ do: 'stop', on: slave }],
        });
      if (up)
        return fail('standby-still-up', {
          seen: `${slave} runs, so commits are confirmed at once`,
          want,
          at: processPlace(viewOf(now, slave)),
          next: [{ do: 'stop', on: slave }],
        });
      if (namesOf(sql) === '')
        return fail('names-empty', {
          seen: `${slave} is down, but ${setting} is empty: no commit waits for it`,
          want,
          why: 'without names the master is asynchronous',
          at: settingPlace(master, ''),
          next: [
            { do: 'say', text: `set ${setting} again, as in lesson 10` },
            { do: 'reload', on: master },
          ],
        });
      return fail('no-commit-waits', {
        seen: `${slave} is down, and nobody on ${master} waits`,
        want,
        why: 'only a commit waits; a SELECT does not',
        at: { server: master, view: 'pg_stat_activity', row: { wait_event: null } },
        next: [
          {
            do: 'sql',
            on: master,
            database: 'master',
            text: insertInto(sql.newest?.table ?? 'visits', 'waiting'),
          },
        ],
      });
    },
  );

/** A waiting commit was given up with Ctrl-C, and the master's log has the warning. One from before the names were loaded or the standby came counts for nothing: it is from lesson 10. */
export const cancelled = (master: string, slave: string): Check =>
  defineCheck(
    ['no-answer', 'terminated-instead', 'statement-timeout-does-not-end-it', 'still-waiting', 'not-cancelled'],
    ({ now }) => {
      const view = viewOf(now, master);
      const { records: all } = view.log;
      const records = all.slice(
        all.findLastIndex(({ message }) => /^received (SIGHUP|replication command: START_REPLICATION)/.test(message)) +
          1,
      );
      const warning = lastRecord(records, /^canceling wait for synchronous replication due to user request/);
      if (warning)
        return pass(`${warning.message}. ${warning.detail ?? 'The transaction has already committed locally.'}`);
      const sql = answersOf(now, master);
      if ('kind' in sql) return sql;
      const want = 'a waiting commit that you cancel, with its warning read';
      const cancel: Step = { do: 'say', text: 'press Ctrl-C in the psql that waits' };
      const [waits] = sql.waiting;
      if (waits && /statement_timeout/i.test(waits.query)) {
        return fail('statement-timeout-does-not-end-it', {
          seen: `a commit with statement_timeout still waits: ${oneLine(waits)}`,
          want,
          why: 'the statement is done; only its commit waits, and statement_timeout does not count there',
          at: waitingPlace(master, waits),
          next: [cancel],
        });
      }
      if (waits)
        return fail('still-waiting', {
          seen: `the commit still waits since ${clock(waits.since)}: ${oneLine(waits)}`,
          want,
          at: waitingPlace(master, waits),
          next: [cancel, { do: 'sql', on: master, text: `SELECT pg_cancel_backend(${waits.pid})` }],
        });
      const ended = lastRecord(records, /^canceling the wait for synchronous replication and terminating connection/);
      if (ended)
        return fail('terminated-instead', {
          seen: `the session was ended: ${ended.message}`,
          want,
          why: 'that ends the whole session, not only the wait; the row is committed all the same',
          at: inLog(master, ended),
          next: [{ do: 'say', text: 'let another commit wait, and press Ctrl-C there' }],
        });
      return fail('not-cancelled', {
        seen: `the log of ${master} has no cancelled wait since ${slave} was last there`,
        want,
        why: 'a commit that returns by itself has no warning',
        at: inFile(master, view.log.file ?? 'the log'),
        next: [{ do: 'say', text: 'let a commit wait with the slave stopped, and press Ctrl-C there' }],
      });
    },
  );
