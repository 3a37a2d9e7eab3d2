/** What the checks of waiting commits share: values, locations, words, and the steps that end a wait. */
import type { Sender, ServerView, Sql, Waiting } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { type CommitLevel, type CommitWait, commitWait, evaluateSync } from '../../postgres/sync/sync.ts';
import { settingLayers, written } from '../setting/settings.ts';
import type { Layer, Location, Step } from '../verdict.ts';
import { setting } from './names.ts';

export const namesOf = (sql: Sql): string => sql.settings[setting]?.value ?? '';
export const queryInOneLine = ({ query }: Waiting): string => query.replace(/\s+/g, ' ').trim().slice(0, 80);
export const synchronousCommitOf = (sql: Sql): string => sql.settings.synchronous_commit?.value ?? 'on';

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
