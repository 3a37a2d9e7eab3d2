/** Short sessions in which a look asks a server for everything, the same on every engine. */
import type { Client } from 'pg';
import { lastAnswer, passwordFits } from '../../postgres/scram.ts';
import type { Route } from '../connect.ts';
import type { Sql } from '../observation.ts';
import type { LabPlan } from '../plan/plan.ts';
import type { Problem } from '../problem.ts';
import { askNewest } from './newest.ts';
import { askServer } from './sql.ts';

/** A learner's lock is not waited for long: that is no reason to call the server hung. */
export const lookLimits = { statement_timeout: 2000, lock_timeout: 300 };
const deadlineMs = 3000; // the workshop's own: statement_timeout does not end the wait for a synchronous standby

/** A server that can be asked. */
export type AskedServer = {
  readonly name: string;
  open(database: string, timeoutMs: number): Promise<{ readonly client: Client; readonly route: Route }>;
  shown(path: string): string; // a path on the server, as observations show it
  mark(): string; // another one when the log has grown, or a file that a session needs has changed
  also?(client: Client): Promise<void>; // asks further questions in the same session
};
export type Asker = (server: AskedServer, signal: AbortSignal | undefined) => Promise<Sql | Problem>;

export const isNoAnswer = ({ what }: Problem): boolean => what.includes(noAnswer);
const noAnswer = 'gave no answer within';

/**
 * Avoids two things that would write into the learner's log at every look: connecting to a database that does not exist
 * (so the learner's is used only once it is known), and connecting again after a refusal (so the next attempt waits
 * until the log has grown or a file has changed).
 */
export function createAsker({ servers, replication }: Pick<LabPlan, 'servers' | 'replication'>): Asker {
  const learnersDatabase = servers[0]?.database ?? 'postgres';
  const markOwn = ownPasswordMarker(replication);
  const hasDatabase = new Map<string, boolean>();
  const refusals = new Map<string, { readonly mark: string; readonly problem: Problem }>();
  const ask: Asker = async (server, signal) => {
    const previous = refusals.get(server.name);
    if (previous && previous.mark === server.mark()) return previous.problem;
    try {
      const database = hasDatabase.get(server.name) ? learnersDatabase : 'postgres';
      const sql = markOwn(await session(server, database, signal));
      refusals.delete(server.name);
      const there = sql.databases.includes(learnersDatabase) && !sql.closed.includes(learnersDatabase);
      hasDatabase.set(server.name, there);
      const isUnread = sql.newest?.database !== learnersDatabase && there && database === 'postgres';
      if (isUnread) return { ...sql, newest: (await newestIn(server, learnersDatabase, signal)) ?? sql.newest };
      return sql.newest ? sql : { ...sql, newest: await newestIn(server, 'postgres', signal) };
    } catch (error) {
      const { code } = error as { code?: string };
      // The server has another cluster now, or the database was closed.
      if (hasDatabase.delete(server.name) && (code === noSuchDatabase || code === closedDatabase))
        return ask(server, signal);
      const problem = refusal(server, error as Error & { code?: string });
      if (code) refusals.set(server.name, { mark: server.mark(), problem });
      return problem;
    }
  };
  return ask;
}

function ownPasswordMarker({ user, password }: LabPlan['replication']): (sql: Sql) => Sql {
  const fits = lastAnswer(passwordFits);
  return (sql) => ({
    ...sql,
    roles: sql.roles.map((role) =>
      role.name === user && role.password !== null ? { ...role, own: fits(role.password, user, password) } : role,
    ),
  });
}

// Source: documentation, "PostgreSQL Error Codes".
const noSuchDatabase = '3D000';
const closedDatabase = '55000';

async function session(server: AskedServer, database: string, signal: AbortSignal | undefined): Promise<Sql> {
  const { client, route } = await server.open(database, deadlineMs);
  return withDeadline(client, signal, async () => {
    const sql = await askServer(client, database, route.through, server.shown);
    await server.also?.(client);
    return sql;
  });
}

async function newestIn(
  server: AskedServer,
  database: string,
  signal: AbortSignal | undefined,
): Promise<Sql['newest']> {
  const { client } = await server.open(database, deadlineMs);
  return withDeadline(client, signal, () => askNewest(client, database));
}

/** Rejects when the deadline is over or `signal` aborts. Ends the session in every case. */
async function withDeadline<T>(
  client: { end(): Promise<void> },
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const deadline = AbortSignal.timeout(deadlineMs);
  const limit = signal ? AbortSignal.any([signal, deadline]) : deadline;
  let stop: () => void = () => undefined;
  const expired = new Promise<never>((_, reject) => {
    stop = () => reject(new Error(`${noAnswer} ${deadlineMs / 1000} s`));
    limit.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work(), expired]);
  } finally {
    limit.removeEventListener('abort', stop);
    void client.end().catch(() => undefined); // the server may be gone already; no need to wait for the end
  }
}

/** A running server keeps the path of its data directory from its start, and opens new files by that path. */
const lostFiles = 'no longer finds its files';
export const hasLostFiles = ({ what }: Problem): boolean => what.includes(lostFiles);
const undefinedFile = '58P01'; // source: documentation, "PostgreSQL Error Codes"

function refusal(server: AskedServer, error: Error & { code?: string; detail?: string }): Problem {
  const isLost = error.code === undefinedFile || /^The database subdirectory .* is missing/.test(error.detail ?? '');
  if (!isLost) return refusedSession(server, error);
  return {
    what: `${server.name} runs, and ${lostFiles}: ${error.message}`,
    fix: 'Its folder was moved or deleted while it ran. Where it was moved: "repl-workshop down", then "repl-workshop up".',
  };
}

const refusedSession = (server: AskedServer, error: Error): Problem => ({
  what: /timeout|gave no answer/.test(error.message)
    ? `${server.name} ${noAnswer} ${deadlineMs / 1000} s.`
    : `${server.name} turned the workshop away: ${error.message}`,
  fix: /not accepting connections|starting up/.test(error.message)
    ? `Read the log of ${server.name}: it says what it waits for.`
    : `Look at the log of ${server.name}; the workshop comes in as "postgres".`,
});
