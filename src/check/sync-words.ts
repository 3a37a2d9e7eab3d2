/** How checks tell of commits that wait: who waits, for whom, and what lets them go. */
import type { Sender, Sql, Waiting } from '../lab/observation.ts';
import { setting } from './sync-names.ts';
import type { Place, Step } from './verdict.ts';

export const namesOf = (sql: Sql): string => sql.settings[setting]?.value ?? '';
export const oneLine = ({ query }: Waiting): string => query.replace(/\s+/g, ' ').trim().slice(0, 80);
export const settingPlace = (server: string, value: string): Place => ({
  server,
  view: 'pg_settings',
  row: { name: setting, setting: value },
});
export const waitingPlace = (server: string, waits: Waiting): Place => ({
  server,
  view: 'pg_stat_activity',
  row: { pid: waits.pid, wait_event: 'SyncRep', query: oneLine(waits) },
});

export const sendersPlace = (server: string, sender: Sender | undefined): Place => ({
  server,
  view: 'pg_stat_replication',
  row: { application_name: sender?.applicationName ?? null, sync_state: sender?.syncState ?? null },
});

export function connected({ senders }: Sql): string {
  const names = senders.map(({ applicationName }) => applicationName).join(', ');
  return senders.length > 0 ? `${names} ${senders.length > 1 ? 'are' : 'is'} connected` : 'no standby is connected';
}

export const release = (master: string, slave?: string): readonly Step[] => [
  ...(slave ? ([{ do: 'start', on: slave }] as const) : []),
  { do: 'edit', on: master, file: 'postgresql.conf', text: `${setting} = ''` },
  { do: 'reload', on: master },
];
