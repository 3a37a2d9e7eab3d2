/** The configuration of a server as a report shows it: what differs from a new data directory of the lab. Pure. */
import type { ConfFile, Disk, Observation, Sql } from '../lab/observation.ts';
import { isProblem } from '../lab/problem.ts';
import type { ConfSetting } from '../postgres/conf/conf.ts';

export type ServerConfiguration = {
  readonly name: string;
  readonly state: string;
  readonly version: string | null; // null: the server does not answer
  readonly role: 'primary' | 'standby' | null;
  readonly timeline: number | null;
  readonly standbys: readonly string[]; // 'slave1: streaming, sync'
  readonly replicationRoles: readonly string[];
  readonly settings: readonly ChangedSetting[] | null; // null: the server's files could not be read
  readonly hba: readonly { readonly line: number; readonly text: string }[]; // the lines about replication
  readonly signals: readonly string[];
};
type ChangedSetting = {
  readonly name: string;
  readonly value: string;
  readonly file: string;
  readonly line: number;
  readonly inEffect: string | null; // the value of the running server; null: the same, or not known
};

export function serverConfiguration({ servers }: Observation, name: string): readonly ServerConfiguration[] {
  const view = servers[name];
  if (!view) return [];
  const sql = isProblem(view.sql) ? null : view.sql;
  const disk = isProblem(view.disk) ? null : view.disk;
  return [
    {
      name,
      state: view.process.state,
      version: sql?.version ?? null,
      role: sql && (sql.inRecovery ? 'standby' : 'primary'),
      timeline: sql?.timeline ?? null,
      standbys: sql?.senders.map((one) => `${one.applicationName}: ${one.state}, ${one.syncState}`) ?? [],
      replicationRoles: sql?.roles.filter((role) => role.replication && !role.superuser).map((role) => role.name) ?? [],
      settings: disk && changedSettings(disk, sql),
      hba: disk ? replicationRules(disk) : [],
      signals: disk?.signals ?? [],
    },
  ];
}

/** Of several lines for one setting, the last one counts. */
function changedSettings({ conf }: Disk, sql: Sql | null): readonly ChangedSetting[] {
  const last = new Map(conf.flatMap(settingsIn).map((setting) => [setting.name, setting]));
  return [...last.values()]
    .filter(({ name }) => !settingsOfEveryServer.has(name))
    .map(({ name, value, file, line }) => {
      const now = sql?.settings[name]?.value;
      return { name, value, file, line, inEffect: now === undefined || now === value ? null : now };
    });
}

const settingsIn = (file: ConfFile): readonly ConfSetting[] => ('unreadable' in file ? [] : file.settings);

/**
 * Settings that initdb and the lab write into every data directory. The port is not among them: each server has another
 * one.
 */
const settingsOfEveryServer: ReadonlySet<string> = new Set(
  `max_connections shared_buffers dynamic_shared_memory_type max_wal_size min_wal_size autovacuum_worker_slots log_timezone datestyle timezone
  lc_messages lc_monetary lc_numeric lc_time default_text_search_config listen_addresses unix_socket_directories
  log_replication_commands track_commit_timestamp wal_retrieve_retry_interval`.split(/\s+/),
);

const replicationRules = ({ hba }: Disk): ServerConfiguration['hba'] =>
  hba && 'rules' in hba
    ? hba.rules
        .filter(({ databases }) => databases.some(({ word }) => word === 'replication'))
        .map(({ line, text }) => ({ line, text: text.trim().replace(/\s+/g, ' ') }))
    : [];
