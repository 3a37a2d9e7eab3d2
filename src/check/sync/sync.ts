/** The check that the standby is synchronous, by pg_stat_replication: the log is late and has not every change. */
import type { Observation, Sender, ServerView, Sql } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { type Check, defineCheck } from '../check.ts';
import { answersOf } from '../server/running.ts';
import { whyNotConnected } from '../streaming/disconnected.ts';
import { senderOf } from '../streaming/streaming.ts';
import type { Location, Step } from '../verdict.ts';
import { fail, pass } from '../verdicts.ts';
import { viewOf } from '../view.ts';
import { namesInEffectSteps, namesSteps, setting } from './names.ts';
import { namesLayers, namesOf } from './words.ts';

export const isSync = (master: string, name: string, slave = 'slave'): Check =>
  defineCheck(
    ['no-answer', 'sender-missing', 'deadlock', 'async', 'catching-up', 'potential', 'priority'],
    ({ now }) => {
      const sql = answersOf(now, master);
      if ('kind' in sql) return sql;
      const sender = senderOf(sql, name);
      if (!sender) return notConnected(now, master, slave, name, sql);
      if (sender.state === 'streaming' && sender.syncState === 'quorum') {
        return pass(`${name} is in the quorum of ${master}`, {
          warning: 'ANY makes a quorum; with FIRST it would be sync, with a priority',
        });
      }
      if (sender.state === 'streaming' && sender.syncState === 'sync' && sender.syncPriority === 1)
        return pass(`${name} is sync, with priority 1`);
      return notSync(viewOf(now, master), name, sql, sender);
    },
  );

/** What brings the standby back among those that commits wait for. */
export function standbyBack(now: Observation, slave: string, master: string, name = 'slave1'): readonly Step[] {
  const { state } = viewOf(now, slave).process;
  if (state !== 'up' && state !== 'starting') return [{ do: 'start', on: slave }];
  const { sql } = viewOf(now, master);
  return !isProblem(sql) && senderOf(sql, name)
    ? namesSteps(viewOf(now, master), name)
    : whyNotConnected(now, slave, master, name).next;
}

const wanted = (name: string): string => `${name} is sync with priority 1`;

function notConnected(now: Observation, master: string, slave: string, name: string, sql: Sql) {
  const at: Location = {
    server: master,
    view: 'pg_stat_replication',
    row: { application_name: sql.senders[0]?.applicationName ?? null },
  };
  const seen = `no standby called ${name} is connected to ${master}`;
  const next = standbyBack(now, slave, master, name);
  if (namesOf(sql) === '')
    return fail('sender-missing', { seen, want: wanted(name), why: 'only a connected standby can confirm', at, next });
  return fail('deadlock', {
    seen: `${seen}, and ${master} waits for '${namesOf(sql)}'`,
    want: wanted(name),
    why: 'every commit on the master waits, until such a standby comes or the names are emptied',
    at,
    next: [
      ...next,
      { do: 'sql', on: master, text: `ALTER SYSTEM SET ${setting} = ''`, or: true },
      { do: 'reload', on: master },
    ],
  });
}

function notSync(view: ServerView, name: string, sql: Sql, sender: Sender) {
  const { name: master } = view;
  const { applicationName, state, syncState, syncPriority } = sender;
  const row = { application_name: applicationName, state, sync_state: syncState, sync_priority: syncPriority };
  const found = { want: wanted(name), at: { server: master, view: 'pg_stat_replication', row } };
  const write = namesSteps(view, name);
  if (state !== 'streaming') {
    return fail('catching-up', {
      ...found,
      seen: `${name} is connected, in state ${state}`,
      why: 'it counts only when it has caught up',
      next: [{ do: 'say', text: 'give it a moment' }],
    });
  }
  if (syncState === 'sync') {
    return fail('priority', {
      ...found,
      seen: `${name} is sync, with priority ${syncPriority}`,
      why: 'FIRST counts in the order of the list; another name stands before it',
      next: write,
    });
  }
  if (syncState === 'potential') {
    return fail('potential', {
      ...found,
      seen: `${name} is potential, with priority ${syncPriority}: it would take over`,
      why: 'another standby stands before it and is sync',
      next: write,
    });
  }
  const names = namesOf(sql);
  const why =
    names === '' ? `${setting} is empty in the running ${master}` : `the running ${master} waits for '${names}'`;
  return fail('async', {
    ...found,
    seen: `${name} is ${syncState}: no commit waits for it`,
    why,
    layers: namesLayers(view, sql, sender),
    next: namesInEffectSteps(view, name),
  });
}
