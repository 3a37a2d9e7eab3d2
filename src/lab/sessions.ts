/** Operations on a superuser session, the same on every engine. */
import type { Client } from 'pg';
import type { Row, RunningStatement, Server, SqlResult } from './lab.ts';
import { until } from './machine/until.ts';

const cancelDeadlineMs = 10_000;

/** Opens a connected client, which the caller ends. Without `application` it has the workshop's application_name. */
export type OpenSession = (database: string, application?: string) => Promise<Client>;

export function sessionOperations(open: OpenSession): Pick<Server, 'sql' | 'begin' | 'promote'> {
  const withSession = async <T>(database: string, use: (client: Client) => Promise<T>): Promise<T> => {
    const client = await open(database);
    try {
      return await use(client);
    } finally {
      await client.end();
    }
  };
  return {
    sql: (text, options = {}) =>
      withSession(options.database ?? 'postgres', async (client) => {
        options.signal?.addEventListener('abort', () => void client.end(), { once: true });
        return lastResult(await client.query(text));
      }),

    async begin(text, options = {}): Promise<RunningStatement> {
      const client = await open(options.database ?? 'postgres', 'psql');
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      const pid = rows[0]?.pid ?? 0;
      const done = client.query(text).then(lastResult, (error: Error) => error);
      let isOver = false;
      void done.finally(() => {
        isOver = true;
        client.end().catch(() => undefined); // the session may have been terminated
      });
      const signalBackend = (call: string) =>
        withSession('postgres', async (other) => void (await other.query(`SELECT ${call}(${pid})`)));
      // A cancel that arrives before the statement is lost. The session has no other statement that it could hit.
      const cancelled = async () => {
        if (!isOver) await signalBackend('pg_cancel_backend');
        return isOver;
      };
      const cancel = async () => void (await until(cancelled, { deadlineMs: cancelDeadlineMs }));
      return { pid, done, cancel, terminate: () => signalBackend('pg_terminate_backend') };
    },

    promote: () => withSession('postgres', async (client) => void (await client.query('SELECT pg_promote()'))),
  };
}

const lastResult = (answer: unknown): SqlResult => {
  const last = (Array.isArray(answer) ? answer.at(-1) : answer) as { command: string | null; rows: readonly Row[] };
  return { command: last.command ?? '', rows: last.rows };
};
