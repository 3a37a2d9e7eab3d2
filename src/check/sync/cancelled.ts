/** The check that the learner has cancelled a waiting commit. */

import type { Observation, Sql } from '../../lab/observation.ts';
import { type Check, defineCheck } from '../check.ts';
import { insertInto } from '../replication-works.ts';
import { answersOf } from '../server/running.ts';
import { unlogged } from '../steps/unlogged.ts';
import type { Step } from '../verdict.ts';
import { fail, pass } from '../verdicts.ts';
import { atLogLine, clock, inFile, lastRecord, viewOf } from '../view.ts';
import { namesInEffectSteps } from './names.ts';
import { queryInOneLine, waitingPlace, waitNow } from './words.ts';

/**
 * The master's log has the warning of a commit that was cancelled with Ctrl-C. A warning from before the last reload or
 * the last connection of a standby is from lesson 10 and does not count.
 */
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
      const withTimeout = sql.waiting.find(({ query }) => /statement_timeout/i.test(query));
      const [commit] = sql.waiting;
      if (withTimeout) {
        return fail('statement-timeout-does-not-end-it', {
          seen: `a commit with statement_timeout still waits: ${queryInOneLine(withTimeout)}`,
          want,
          why: 'the statement is done; only its commit waits, and statement_timeout does not count there',
          at: waitingPlace(master, withTimeout),
          next: cancel(master, withTimeout.pid, 'press Ctrl-C in the psql that waits'),
        });
      }
      if (commit)
        return fail('still-waiting', {
          seen: `the commit still waits since ${clock(commit.since)}: ${queryInOneLine(commit)}`,
          want,
          at: waitingPlace(master, commit),
          next: cancel(master, commit.pid, 'press Ctrl-C in the psql that waits'),
        });
      const ended = lastRecord(records, /^canceling the wait for synchronous replication and terminating connection/);
      if (ended)
        return fail('terminated-instead', {
          seen: `the session was ended: ${ended.message}`,
          want,
          why: 'that ends the whole session, not only the wait; the row is committed all the same',
          at: atLogLine(master, ended),
          next: cancelAnother(now, master, slave, sql),
        });
      const silent = unlogged(view);
      return fail('not-cancelled', {
        seen: `the log of ${master} has no cancelled wait since ${slave} was last there`,
        want,
        why: silent.why ?? 'a commit that returns by itself has no warning',
        at: inFile(master, view.log.file ?? 'the log'),
        next: [...silent.next, ...cancelAnother(now, master, slave, sql)],
      });
    },
  );

const cancel = (master: string, pid: number | 'pid', byHand: string): readonly Step[] => [
  { do: 'sql', on: master, text: `SELECT pg_cancel_backend(${pid})${pid === 'pid' ? ofWaiting : ''}` },
  { do: 'say', text: byHand, or: true },
];
const ofWaiting = " FROM pg_stat_activity WHERE wait_event = 'SyncRep'";

/** What makes a commit wait here, and ends its wait. */
function cancelAnother(now: Observation, master: string, slave: string, sql: Sql): readonly Step[] {
  const view = viewOf(now, master);
  const isUp = ['up', 'starting'].includes(viewOf(now, slave).process.state);
  return [
    ...(waitNow(sql).kind === 'asks nobody' ? namesInEffectSteps(view, 'slave1') : []),
    ...(isUp ? ([{ do: 'stop', on: slave }] as const) : []),
    {
      do: 'sql',
      on: master,
      database: 'master',
      text: insertInto(sql.newest?.table ?? 'visits', 'waiting'),
      waits: true,
    },
    ...cancel(master, 'pid', 'press Ctrl-C in the psql that waits'),
  ];
}
