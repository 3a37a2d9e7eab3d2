/** The check that the learner has cancelled a waiting commit. */
import { type Check, defineCheck } from '../check.ts';
import { answersOf } from '../server/running.ts';
import type { Step } from '../verdict.ts';
import { fail, pass } from '../verdicts.ts';
import { atLogLine, clock, inFile, lastRecord, viewOf } from '../view.ts';
import { queryInOneLine, waitingPlace } from './words.ts';

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
      const cancel: Step = { do: 'say', text: 'press Ctrl-C in the psql that waits' };
      const withTimeout = sql.waiting.find(({ query }) => /statement_timeout/i.test(query));
      const [commit] = sql.waiting;
      if (withTimeout) {
        return fail('statement-timeout-does-not-end-it', {
          seen: `a commit with statement_timeout still waits: ${queryInOneLine(withTimeout)}`,
          want,
          why: 'the statement is done; only its commit waits, and statement_timeout does not count there',
          at: waitingPlace(master, withTimeout),
          next: [cancel],
        });
      }
      if (commit)
        return fail('still-waiting', {
          seen: `the commit still waits since ${clock(commit.since)}: ${queryInOneLine(commit)}`,
          want,
          at: waitingPlace(master, commit),
          next: [
            { do: 'sql', on: master, text: `SELECT pg_cancel_backend(${commit.pid})` },
            { ...cancel, or: true },
          ],
        });
      const ended = lastRecord(records, /^canceling the wait for synchronous replication and terminating connection/);
      if (ended)
        return fail('terminated-instead', {
          seen: `the session was ended: ${ended.message}`,
          want,
          why: 'that ends the whole session, not only the wait; the row is committed all the same',
          at: atLogLine(master, ended),
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
