/** What one server says of itself: a few short statements on a fresh connection, read-only, never waiting for a standby. */
import type { Client } from 'pg';
import confErrorsSql from '../../../assets/observe/conf-errors.sql';
import hbaErrorsSql from '../../../assets/observe/hba-errors.sql';
import historySql from '../../../assets/observe/history.sql';
import newestSql from '../../../assets/observe/newest.sql';
import relationsSql from '../../../assets/observe/relations.sql';
import serverSql from '../../../assets/observe/server.sql';
import settingsSql from '../../../assets/observe/settings.sql';
import tableSql from '../../../assets/observe/table.sql';
import { type Branch, historyFile, parseHistory } from '../../postgres/timelines.ts';
import type { NewestRow, Setting, Sql } from '../observation.ts';
import type { Problem } from '../problem.ts';

type ServerRow = {
  now: string;
  started_at: string;
  loaded_at: string;
  version: string;
  data_directory: string;
  port: number;
  in_recovery: boolean;
  system_identifier: string;
  timeline: number | null;
  current: string | null;
  received: string | null;
  replayed: string | null;
  paused: boolean;
};
type TableRow = { table: string }; // regclass text: quoted where it has to be
type Relations = Pick<Sql, 'roles' | 'databases' | 'senders' | 'slots' | 'receiver' | 'waiting'>;

/** `database`: of this connection. `shown`: a path of the server as observations show it. Throws the server's error. */
export async function askServer(
  client: Client,
  database: string,
  through: Sql['through'],
  shown: (path: string) => string,
): Promise<Sql> {
  const [settings, , , , server, relations, confErrors, learners] = await several<
    [
      { settings: Record<string, Setting> },
      ...[never, never, never],
      ServerRow,
      Relations,
      { errors: Sql['confErrors'] },
      TableRow | undefined,
    ]
  >(client, atOnce);
  const hbaErrors = await several<[{ errors: Exclude<Sql['hbaErrors'], Problem> }]>(client, hbaErrorsSql).then(
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
    systemIdentifier: server.system_identifier,
    timeline,
    branches: timeline !== null && timeline > 1 ? await askHistory(client, timeline) : [],
    settings: Object.fromEntries(
      Object.entries(settings.settings).map(([name, setting]) => [
        name,
        { ...setting, file: setting.file && shown(setting.file) },
      ]),
    ),
    confErrors: confErrors.errors.map((error) => ({ ...error, file: shown(error.file) })),
    hbaErrors,
    ...relations,
    position: server.in_recovery
      ? { role: 'standby', received: server.received, replayed: server.replayed, paused: server.paused }
      : { role: 'primary', current: server.current ?? '0/0' },
    newest: await newestOf(client, database, learners),
  };
}

/** How its timeline came to be. A server that cannot give the file is none the worse: it has branched off all the same. */
async function askHistory(client: Client, timeline: number): Promise<readonly Branch[]> {
  const file = `pg_wal/${historyFile(timeline)}`;
  const { rows } = await client.query<{ text: string | null }>(historySql, [file]).catch(() => ({ rows: [] }));
  return parseHistory(rows[0]?.text ?? '', timeline);
}

/** The newest row of the learner's table in the database of this connection. */
export async function askNewest(client: Client, database: string): Promise<NewestRow | null> {
  const { rows } = await client.query<TableRow>(tableSql);
  return newestOf(client, database, rows[0]);
}

async function newestOf(client: Client, database: string, learners: TableRow | undefined): Promise<NewestRow | null> {
  if (!learners) return null;
  const { table } = learners;
  const newest = await client.query<{ id: string; xid: string; committed_at: string | null }>(
    newestSql.replaceAll('%I', table),
  );
  const row = newest.rows[0];
  return { database, table, id: row?.id ?? null, xid: row?.xid ?? null, committedAt: row?.committed_at ?? null };
}

/** One way there and back. The order matters: settings first (see settings.sql); what can fail is asked on its own. */
const atOnce = [
  settingsSql,
  'SET synchronous_commit = local',
  'SET statement_timeout = 2000',
  'SET default_transaction_read_only = on',
  serverSql,
  relationsSql,
  confErrorsSql,
  tableSql,
].join(';\n');

/** The first row of each statement. */
async function several<T extends readonly unknown[]>(client: Client, sql: string): Promise<T> {
  const answer: unknown = await client.query(sql);
  const results = (Array.isArray(answer) ? answer : [answer]) as readonly { rows: readonly unknown[] }[];
  return results.map(({ rows }) => rows[0]) as unknown as T;
}
