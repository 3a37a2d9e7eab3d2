/** The newest row of the learner's table. */
import type { Client } from 'pg';
import lockedSql from '../../../assets/observe/locked.sql';
import newestSql from '../../../assets/observe/newest.sql';
import tableSql from '../../../assets/observe/table.sql';

/** The learner's table and its last committed row. `committedAt` needs track_commit_timestamp (set by initdb). */
export type NewestRow = {
  readonly database: string;
  readonly table: string;
  readonly id: string | null; // null: the table is empty. The row's ctid when there is no column `id`
  readonly xid: string | null;
  readonly committedAt: string | null;
  readonly unread?: string; // the server's error: the table is locked, or cannot be read
  readonly lockedBy?: number; // pid of the session whose lock the read waits for
};

export type TableRow = { table: string }; // regclass text: quoted where necessary

/** The newest row of the learner's table in the connection's database. */
export async function askNewest(client: Client, database: string): Promise<NewestRow | null> {
  const { rows } = await client.query<TableRow>(tableSql);
  return newestRowOf(client, database, rows[0]);
}

/** `learnersTable` undefined: there is none. */
export async function newestRowOf(
  client: Client,
  database: string,
  learnersTable: TableRow | undefined,
): Promise<NewestRow | null> {
  if (!learnersTable) return null;
  const { table } = learnersTable;
  const empty = { database, table, id: null, xid: null, committedAt: null };
  try {
    const newest = await client.query<{ id: string; xid: string; committed_at: string | null }>(
      newestSql.replaceAll('%I', table),
    );
    const row = newest.rows[0];
    return { ...empty, id: row?.id ?? null, xid: row?.xid ?? null, committedAt: row?.committed_at ?? null };
  } catch (error) {
    // One question that fails says nothing about the server, which has answered all others.
    const { rows } = await client.query<{ pid: number }>(lockedSql, [table]);
    return { ...empty, unread: (error as Error).message, ...(rows[0] ? { lockedBy: rows[0].pid } : {}) };
  }
}
