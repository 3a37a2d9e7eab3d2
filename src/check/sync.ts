/** Is the standby the one whose confirmation commits wait for? By the view: the log line comes late, and not at every change. */
import { type Check, defineCheck } from './check.ts';
import { fail, pass } from './look.ts';
import { answersOf } from './running.ts';
import { senderOf } from './streaming.ts';
import { setting, writeSteps } from './sync-names.ts';
import type { Place, Step } from './verdict.ts';

/** The standby is the one whose confirmation every commit waits for. */
export const isSync = (master: string, applicationName: string): Check =>
  defineCheck(
    ['no-answer', 'sender-missing', 'deadlock', 'async', 'catching-up', 'potential', 'priority'],
    ({ now }) => {
      const sql = answersOf(now, master);
      if ('kind' in sql) return sql;
      const names = sql.settings[setting]?.value ?? '';
      const sender = senderOf(sql, applicationName);
      const want = `${applicationName} is sync with priority 1`;
      const view = 'pg_stat_replication';
      if (!sender) {
        const at: Place = { server: master, view, row: { application_name: sql.senders[0]?.applicationName ?? null } };
        const seen = `no standby called ${applicationName} is connected to ${master}`;
        const next: readonly Step[] = [{ do: 'say', text: `start ${applicationName}'s server, and look at its log` }];
        if (names === '')
          return fail('sender-missing', { seen, want, why: 'only a connected standby can confirm', at, next });
        return fail('deadlock', {
          seen: `${seen}, and ${master} waits for '${names}'`,
          want,
          why: 'every commit on the master waits, until such a standby comes or the names are emptied',
          at,
          next: [
            ...next,
            { do: 'sql', on: master, text: `ALTER SYSTEM SET ${setting} = ''` },
            { do: 'reload', on: master },
          ],
        });
      }
      const at: Place = {
        server: master,
        view,
        row: {
          application_name: sender.applicationName,
          state: sender.state,
          sync_state: sender.syncState,
          sync_priority: sender.syncPriority,
        },
      };
      if (sender.state !== 'streaming')
        return fail('catching-up', {
          seen: `${applicationName} is connected, in state ${sender.state}`,
          want,
          why: 'it counts only when it has caught up',
          at,
          next: [{ do: 'say', text: 'give it a moment' }],
        });
      if (sender.syncState === 'quorum')
        return pass(`${applicationName} is in the quorum of ${master}`, {
          warning: 'ANY makes a quorum; with FIRST it would be sync, with a priority',
        });
      if (sender.syncState === 'sync' && sender.syncPriority === 1)
        return pass(`${applicationName} is sync, with priority 1`);
      if (sender.syncState === 'sync')
        return fail('priority', {
          seen: `${applicationName} is sync, with priority ${sender.syncPriority}`,
          want,
          why: 'FIRST counts in the order of the list; another name stands before it',
          at,
          next: writeSteps(master, undefined, applicationName),
        });
      if (sender.syncState === 'potential')
        return fail('potential', {
          seen: `${applicationName} is potential, with priority ${sender.syncPriority}: it would take over`,
          want,
          why: 'another standby stands before it and is sync',
          at,
          next: writeSteps(master, undefined, applicationName),
        });
      return fail('async', {
        seen: `${applicationName} is ${sender.syncState}: no commit waits for it`,
        want,
        why:
          names === '' ? `${setting} is empty in the running ${master}` : `the running ${master} waits for '${names}'`,
        at,
        next: [{ do: 'reload', on: master }],
      });
    },
  );
