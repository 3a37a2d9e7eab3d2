/** What a server reports about itself: a few short read-only statements, which wait for no synchronous standby. */
import type { Client } from 'pg';
import confErrorsSql from '../../../assets/observe/conf-errors.sql';
import hbaErrorsSql from '../../../assets/observe/hba-errors.sql';
import historySql from '../../../assets/observe/history.sql';
import identifierSql from '../../../assets/observe/identifier.sql';
import relationsSql from '../../../assets/observe/relations.sql';
import serverSql from '../../../assets/observe/server.sql';
import settingsSql from '../../../assets/observe/settings.sql';
import tableSql from '../../../assets/observe/table.sql';
import { type Branch, historyFile, parseHistory } from '../../postgres/timelines.ts';
import type { Setting, Sql } from '../observation.ts';
import type { Problem } from '../problem.ts';
import { newestRowOf, type TableRow } from './newest.ts';

type ServerRow = {
  now: string;
  started_at: string;
  loaded_at: string;
  version: string;
  data_directory: string;
  port: number;
  in_recovery: boolean;
  timeline: number | null;
  current: string | null;
  received: string | null;
  replayed: string | null;
  paused: boolean;
};
type Relations = Pick<
  Sql,
  | 'roles'
  | 'databases'
  | 'closed'
  | 'overrides'
  | 'readOnly'
  | 'catalogLocks'
  | 'senders'
  | 'slots'
  | 'receiver'
  | 'waiting'
>;

/**
 * `database`: of this connection. `shown`: a server's path as observations show it. Rejects with the server's error.
 */
export async function askServer(
  client: Client,
  database: string,
  through: Sql['through'],
  shown: (path: string) => string,
): Promise<Sql> {
  const [settings, , , server, relations, confErrors, learnersTable] = await firstRows<
    [
      { settings: Record<string, Setting> },
      ...[never, never],
      ServerRow,
      Relations,
      { errors: Sql['confErrors'] },
      TableRow | undefined,
    ]
  >(client, statements);
  const hbaErrors = await firstRows<[{ errors: Exclude<Sql['hbaErrors'], Problem> }]>(client, hbaErrorsSql).then(
    ([{ errors }]) => errors.map((error) => ({ ...error, ...(error.file ? { file: shown(error.file) } : {}) })),
    (error: Error): Problem => ({
      what: `PostgreSQL cannot read its pg_hba.conf: ${error.message}`,
      fix: 'Give the file back to the user that runs the server, readable.',
    }),
  );
  const timeline = server.timeline ?? relations.receiver?.timeline ?? null;
  return {
    through,
    now: server.now,
    startedAt: server.started_at,
    loadedAt: server.loaded_at,
    version: server.version.split(' ')[0] ?? server.version,
    dataDirectory: shown(server.data_directory),
    port: server.port,
    inRecovery: server.in_recovery,
    systemIdentifier: await askIdentifier(client),
    timeline,
    branches: timeline !== null && timeline > 1 ? await askHistory(client, timeline) : [],
    settings: Object.fromEntries(
      Object.entries(settings.settings).map(([name, setting]) => [
        name,
        { ...setting, file: setting.file && shown(setting.file) },
      ]),
    ),
    // A file that cannot be opened has no name in the view.
    confErrors: confErrors.errors.map((error) => ({
      ...error,
      file: shown(error.file ?? settings.settings.config_file?.value ?? ''),
    })),
    hbaErrors,
    ...relations,
    position: server.in_recovery
      ? { role: 'standby', received: server.received, replayed: server.replayed, paused: server.paused }
      : { role: 'primary', current: server.current ?? '0/0' },
    newest: await newestRowOf(client, database, learnersTable),
  };
}

/** null: the server may not read its control file. It runs on; a file that is gone is an error. */
async function askIdentifier(client: Client): Promise<string | null> {
  try {
    const { rows } = await client.query<{ identifier: string }>(identifierSql);
    return rows[0]?.identifier ?? null;
  } catch (error) {
    if ((error as { code?: string }).code === mayNotRead) return null;
    throw error;
  }
}
const mayNotRead = '42501'; // insufficient_privilege; source: documentation, "PostgreSQL Error Codes"

/** The branches of the server's timeline. Empty when the server cannot read the history file: that is not an error. */
async function askHistory(client: Client, timeline: number): Promise<readonly Branch[]> {
  const file = `pg_wal/${historyFile(timeline)}`;
  const { rows } = await client.query<{ text: string | null }>(historySql, [file]).catch(() => ({ rows: [] }));
  return parseHistory(rows[0]?.text ?? '', timeline);
}

/** Sent in one round trip. Settings come first (see settings.sql). Statements that may fail are sent alone. */
const statements = [
  settingsSql,
  'SET synchronous_commit = local',
  'SET default_transaction_read_only = on',
  serverSql,
  relationsSql,
  confErrorsSql,
  tableSql,
].join(';\n');

/** Resolves with the first row of each statement. */
async function firstRows<T extends readonly unknown[]>(client: Client, sql: string): Promise<T> {
  const answer: unknown = await client.query(sql);
  const results = (Array.isArray(answer) ? answer : [answer]) as readonly { rows: readonly unknown[] }[];
  return results.map(({ rows }) => rows[0]) as unknown as T;
}
