/** The check that no commit waits any more, and that the standby is synchronous again. */
import { type Check, defineCheck } from '../check.ts';
import { answersOf } from '../server/running.ts';
import { whyNotConnected } from '../streaming/disconnected.ts';
import { senderOf } from '../streaming/streaming.ts';
import { fail, pass } from '../verdicts.ts';
import { clock, processPlace, viewOf } from '../view.ts';
import { namesSteps, setting } from './names.ts';
import {
  connected,
  namesOf,
  queryInOneLine,
  release,
  sendersPlace,
  settingPlace,
  waitingPlace,
  waitNow,
} from './words.ts';

/**
 * `after`: the key of the event task that must have passed first ('lesson/task'), so that a commit has waited at all.
 */
export const commitsReleased = (master: string, slave: string, applicationName: string, after: string): Check =>
  defineCheck(
    ['no-answer', 'nothing-to-let-go', 'still-waiting', 'forgot-to-undo', 'standby-still-down', 'not-sync-again'],
    ({ now, journal }) => {
      const sql = answersOf(now, master);
      if ('kind' in sql) return sql;
      const want = `nobody waits, and ${applicationName} is sync again`;
      if (!journal.events[after])
        return fail('nothing-to-let-go', {
          seen: 'no commit has waited yet',
          want: 'first a commit that waits',
          at: { server: master, view: 'pg_stat_activity', row: { wait_event: null } },
          next: [{ do: 'stop', on: slave }],
        });
      const [commit] = sql.waiting;
      if (commit)
        return fail('still-waiting', {
          seen: `a commit still waits since ${clock(commit.since)}: ${queryInOneLine(commit)}`,
          want,
          why: `it goes on when ${slave} is back, or when the names are emptied and loaded`,
          at: waitingPlace(master, commit),
          next: release(master, slave),
        });
      if (namesOf(sql) === '')
        return fail('forgot-to-undo', {
          seen: `${setting} is still empty in the running ${master}`,
          want,
          why: 'that let the commits go, but from now on a dead master may take the newest rows with it',
          at: settingPlace(master, setting, ''),
          next: namesSteps(viewOf(now, master), applicationName),
        });
      const { state } = viewOf(now, slave).process;
      if (!['up', 'starting'].includes(state))
        return fail('standby-still-down', {
          seen: `${slave} does not run (${state}), and ${master} waits for it at the next commit`,
          want,
          at: processPlace(viewOf(now, slave)),
          next: [{ do: 'start', on: slave }],
        });
      const sender = senderOf(sql, applicationName);
      if (sender && waitNow(sql).kind === 'stuck')
        return fail('not-sync-again', {
          seen: `the next commit would wait again: '${namesOf(sql)}' is asked for, and ${connected(sql)}`,
          want,
          why: 'the view may say sync all the same',
          at: sendersPlace(master, sender),
          next: namesSteps(viewOf(now, master), applicationName),
        });
      if (sender?.syncState === 'sync' || sender?.syncState === 'quorum')
        return pass(`nobody waits; ${applicationName} is ${sender.syncState} again`);
      if (!sender) {
        const { seen, why, next } = whyNotConnected(now, slave, master, applicationName);
        return fail('not-sync-again', {
          seen: `${slave} runs, but is not connected to ${master} as ${applicationName}: ${seen}`,
          want,
          ...(why === undefined ? {} : { why }),
          at: sendersPlace(master, sender),
          next,
        });
      }
      return fail('not-sync-again', {
        seen: `${applicationName} is connected, but ${sender.syncState}`,
        want,
        why: `'${namesOf(sql)}' is asked for`,
        at: sendersPlace(master, sender),
        next: namesSteps(viewOf(now, master), applicationName),
      });
    },
  );
