/** What the checks of waiting commits share: values, locations, words, and the steps that end a wait. */

import type { Override, Sender, ServerView, Sql } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import type { Waiting } from '../../lab/waiting.ts';
import { quoteName } from '../../postgres/quote.ts';
import { type CommitLevel, type CommitWait, commitWait, evaluateSync } from '../../postgres/sync/sync.ts';
import { settingLayers, written } from '../setting/settings.ts';
import type { Layer, Location, Step } from '../verdict.ts';
import { startWithoutOptions } from '../view.ts';
import { setting } from './names.ts';

export const namesOf = (sql: Sql): string => sql.settings[setting]?.value ?? '';
export const queryInOneLine = ({ query }: Waiting): string => query.replace(/\s+/g, ' ').trim().slice(0, 80);

/** What a role or a database sets wins over the files: first role in database, then role, then database. */
const overrideOf = ({ overrides = [] }: Sql): Override | undefined => {
  const fits = overrides.filter(
    ({ database, role }) => (database ?? learnersDatabase) === learnersDatabase && (role ?? 'postgres') === 'postgres',
  );
  const rank = ({ database, role }: Override) => (role === null ? 0 : 2) + (database === null ? 0 : 1);
  return fits.toSorted((one, other) => rank(other) - rank(one))[0];
};
const learnersDatabase = 'master';

/** The level of a new session of postgres in the learner's database. */
export const synchronousCommitOf = (sql: Sql): string =>
  overrideOf(sql)?.value ?? sql.settings.synchronous_commit?.value ?? 'on';

/** The steps that bring the level back to `on`, where it was set. */
export function levelSteps(view: ServerView, sql: Sql): readonly Step[] {
  const { name: master, disk } = view;
  const override = overrideOf(sql);
  if (override) {
    const { role, database } = override;
    const whose = [
      role === null ? (database === null ? 'ROLE ALL' : '') : `ROLE ${quoteName(role)}`,
      database === null ? '' : `${role === null ? '' : 'IN '}DATABASE ${quoteName(database)}`,
    ];
    const text = `ALTER ${whose.filter(Boolean).join(' ')} RESET synchronous_commit`;
    return [{ do: 'sql', on: master, text }];
  }
  const line = isProblem(disk) ? undefined : written(disk, 'synchronous_commit').at(-1);
  const where = line ? { file: line.path, line: line.line } : { file: 'postgresql.conf' };
  if (sql.settings.synchronous_commit?.source === 'command line') return startWithoutOptions(master);
  return [
    { do: 'edit', on: master, ...where, text: 'synchronous_commit = on' },
    { do: 'reload', on: master },
  ];
}

/**
 * The standbys that a commit of a new session would wait for. pg_stat_replication says sync even where a commit hangs.
 */
export function waitNow(sql: Sql): CommitWait<Sender> {
  const view = evaluateSync(namesOf(sql), sql.senders);
  if ('message' in view) throw new Error(`a server has loaded names that it refuses: ${view.message}`);
  return commitWait(view, synchronousCommitOf(sql) as CommitLevel);
}

/** The layers of the names, from the file to the standby's state in pg_stat_replication. */
export function namesLayers(view: ServerView, sql: Sql, sender: Sender | undefined): readonly Layer[] {
  const line = isProblem(view.disk) ? undefined : written(view.disk, setting).at(-1);
  const observed = sender ? `${sender.applicationName} is ${sender.syncState}` : 'no standby is connected';
  return [
    ...settingLayers(view, sql, setting, line),
    {
      layer: 'observed',
      ok: sender?.syncState === 'sync' || sender?.syncState === 'quorum',
      seen: observed,
      at: sendersPlace(view.name, sender),
    },
  ];
}

export const settingPlace = (server: string, name: string, value: string): Location => ({
  server,
  view: 'pg_settings',
  row: { name, setting: value },
});
export const waitingPlace = (server: string, waits: Waiting): Location => ({
  server,
  view: 'pg_stat_activity',
  row: { pid: waits.pid, wait_event: 'SyncRep', query: queryInOneLine(waits) },
});

export const sendersPlace = (server: string, sender: Sender | undefined): Location => ({
  server,
  view: 'pg_stat_replication',
  row: { application_name: sender?.applicationName ?? null, sync_state: sender?.syncState ?? null },
});

export function connected({ senders }: Sql): string {
  const names = senders
    .map(({ applicationName, state }) => (state === 'streaming' ? applicationName : `${applicationName} (${state})`))
    .join(', ');
  return senders.length > 0 ? `${names} ${senders.length > 1 ? 'are' : 'is'} connected` : 'no standby is connected';
}

export const release = (master: string, slave?: string): readonly Step[] => [
  ...(slave ? ([{ do: 'start', on: slave }] as const) : []),
  { do: 'edit', on: master, file: 'postgresql.conf', text: `${setting} = ''`, ...(slave ? { or: true } : {}) },
  { do: 'reload', on: master },
];
