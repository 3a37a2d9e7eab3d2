/** The checks that a commit returned with a synchronous standby, and that one waited without it. */
import type { NewestRow } from '../../lab/look/newest.ts';
import type { Observation, ServerView, Sql } from '../../lab/observation.ts';
import { type Check, defineCheck } from '../check.ts';
import { insertInto } from '../replication-works.ts';
import { answersOf } from '../server/running.ts';
import { isOff } from '../setting/settings.ts';
import type { Step } from '../verdict.ts';
import { type Failure, fail, pass } from '../verdicts.ts';
import { clock, processPlace, viewOf } from '../view.ts';
import { namesInEffectSteps, namesSteps, setting } from './names.ts';
import { standbyBack } from './sync.ts';
import {
  connected,
  levelSteps,
  namesLayers,
  namesOf,
  queryInOneLine,
  release,
  sendersPlace,
  settingPlace,
  synchronousCommitOf,
  waitingPlace,
  waitNow,
} from './words.ts';

/** A row was committed after the names were loaded, the synchronous standby has it, and no commit waits. */
export const commitReturns = (master: string, slave: string): Check =>
  defineCheck(
    [
      'no-answer',
      'names-not-in-effect',
      'level-asks-nobody',
      'no-sync-standby',
      'too-few-standbys',
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
        waits: true,
      };
      const failure = wouldWait(now, viewOf(now, master), slave, sql, want);
      if (failure) return failure;
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
      const slaveSql = viewOf(now, slave).sql;
      const newest = ('newest' in slaveSql && slaveSql.newest?.id) || null;
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

/** Why a commit would wait now, or would return without the confirmation of a standby. */
function wouldWait(all: Observation, view: ServerView, slave: string, sql: Sql, want: string) {
  const { name: master } = view;
  const [commit] = sql.waiting;
  if (commit)
    return fail('commit-waits', {
      seen: `a commit waits for a standby since ${clock(commit.since)}: ${queryInOneLine(commit)}`,
      want,
      why: `'${namesOf(sql)}' is asked for, and ${connected(sql)}`,
      at: waitingPlace(master, commit),
      next: [
        ...standbyBack(all, slave, master),
        ...release(master).map((step, at) => (at === 0 ? ({ ...step, or: true } as const) : step)),
      ],
    });
  const now = waitNow(sql);
  switch (now.kind) {
    case 'asks nobody':
      return now.because === 'names'
        ? fail('names-not-in-effect', {
            seen: `${setting} is empty in the running ${master}: commits return without asking anybody`,
            want,
            at: settingPlace(master, setting, ''),
            layers: namesLayers(view, sql, sql.senders[0]),
            next: namesInEffectSteps(view, 'slave1'),
          })
        : levelAsksNobody(view, sql, want);
    case 'stuck':
      return now.of.length === 0
        ? fail('no-sync-standby', {
            seen: `no standby of ${master} is sync now: a commit would wait`,
            want,
            why: `'${namesOf(sql)}' is asked for, and ${connected(sql)}`,
            at: sendersPlace(master, sql.senders[0]),
            next: standbyBack(all, slave, master),
          })
        : fail('too-few-standbys', {
            seen: `'${namesOf(sql)}' asks for ${now.of.length + now.missing} standbys, and ${now.of.length} can confirm now: a commit would wait`,
            want,
            why: `the view may say sync all the same; ${connected(sql)}`,
            at: sendersPlace(master, now.of[0]),
            next: namesSteps(view, now.of[0]?.applicationName ?? 'slave1'),
          });
    case 'asks':
      return undefined;
  }
}

/** With synchronous_commit = local or off no commit waits for a standby, though pg_stat_replication still says sync. */
function levelAsksNobody(view: ServerView, sql: Sql, want: string): Failure<'level-asks-nobody'> {
  const { name: master } = view;
  const level = synchronousCommitOf(sql);
  return fail('level-asks-nobody', {
    seen: `synchronous_commit is ${level} in the running ${master}: no commit waits for a standby, though '${namesOf(sql)}' is set`,
    want,
    why: `the view says sync all the same; ${level} waits ${level === 'local' ? "for the master's own disk alone" : 'for no disk at all'}, on waits for the standby's`,
    at: settingPlace(master, 'synchronous_commit', level),
    next: levelSteps(view, sql),
  });
}

/** A commit waits while the standby is stopped. */
export const commitWaited = (master: string, slave: string): Check =>
  defineCheck(
    [
      'no-answer',
      'waits-with-the-standby-up',
      'standby-still-up',
      'names-empty',
      'level-asks-nobody',
      'no-commit-waits',
    ],
    ({ now }) => {
      const sql = answersOf(now, master);
      if ('kind' in sql) return sql;
      const up = ['up', 'starting'].includes(viewOf(now, slave).process.state);
      const want = `with ${slave} stopped, a commit on ${master} that waits`;
      const [commit] = sql.waiting;
      if (commit && !up)
        return pass(`a commit waits since ${clock(commit.since)}: ${queryInOneLine(commit)} (wait event SyncRep)`);
      if (commit)
        return fail('waits-with-the-standby-up', {
          seen: `a commit waits, though ${slave} runs: ${queryInOneLine(commit)}`,
          want,
          why: `'${namesOf(sql)}' is asked for, and ${connected(sql)}`,
          at: waitingPlace(master, commit),
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
          at: settingPlace(master, setting, ''),
          next: namesSteps(viewOf(now, master), 'slave1'),
        });
      if (waitNow(sql).kind === 'asks nobody') return levelAsksNobody(viewOf(now, master), sql, want);
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
            waits: true,
          },
        ],
      });
    },
  );
