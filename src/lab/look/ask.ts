/** Short sessions that ask a server everything a look wants to know, the same on every engine. */
import type { Client } from 'pg';
import { lastAnswer, passwordFits } from '../../postgres/scram.ts';
import type { Route } from '../connect.ts';
import type { Sql } from '../observation.ts';
import type { LabPlan } from '../plan/plan.ts';
import type { Problem } from '../problem.ts';
import { askNewest, askServer } from './sql.ts';

const deadlineMs = 3000; // of our own: statement_timeout does not end the wait for a standby

/** A server that can be asked. */
export type AskedServer = {
  readonly name: string;
  open(database: string, timeoutMs: number): Promise<{ readonly client: Client; readonly route: Route }>;
  shown(path: string): string; // a path of the server as observations show it
  logSize(): number;
  also?(client: Client): Promise<void>; // what else is asked in that session
};
export type Asker = (server: AskedServer, signal: AbortSignal | undefined) => Promise<Sql | Problem>;

export const isNoAnswer = ({ what }: Problem): boolean => what.includes(noAnswer);
const noAnswer = 'gave no answer within';

/**
 * Two things that would write into the learner's log at every look: asking for a database that is not there (so the learner's is asked for once it is
 * known), and knocking again after a refusal (so that waits until the log tells of something new).
 */
export function createAsker({ servers, replication }: Pick<LabPlan, 'servers' | 'replication'>): Asker {
  const learnersDatabase = servers[0]?.database ?? 'postgres';
  const withOwn = ownPasswords(replication);
  const hasDatabase = new Map<string, boolean>();
  const refusals = new Map<string, { readonly logSize: number; readonly problem: Problem }>();
  const ask: Asker = async (server, signal) => {
    const before = refusals.get(server.name);
    if (before && before.logSize === server.logSize()) return before.problem;
    try {
      const first = hasDatabase.get(server.name) ? learnersDatabase : 'postgres';
      const sql = withOwn(await session(server, first, signal));
      refusals.delete(server.name);
      const there = sql.databases.includes(learnersDatabase);
      hasDatabase.set(server.name, there);
      const unseen = sql.newest?.database !== learnersDatabase && there && first === 'postgres';
      if (unseen) return { ...sql, newest: (await newestIn(server, learnersDatabase, signal)) ?? sql.newest };
      return sql.newest ? sql : { ...sql, newest: await newestIn(server, 'postgres', signal) };
    } catch (error) {
      const { code } = error as { code?: string };
      if (hasDatabase.delete(server.name) && code === noSuchDatabase) return ask(server, signal); // another cluster stands there now
      const problem = refusal(server, error as Error & { code?: string });
      if (code) refusals.set(server.name, { logSize: server.logSize(), problem });
      return problem;
    }
  };
  return ask;
}

function ownPasswords({ user, password }: LabPlan['replication']): (sql: Sql) => Sql {
  const fits = lastAnswer(passwordFits);
  return (sql) => ({
    ...sql,
    roles: sql.roles.map((role) =>
      role.name === user && role.password !== null ? { ...role, own: fits(role.password, user, password) } : role,
    ),
  });
}

const noSuchDatabase = '3D000';

async function session(server: AskedServer, database: string, signal: AbortSignal | undefined): Promise<Sql> {
  const { client, route } = await server.open(database, deadlineMs);
  return within(client, signal, async () => {
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
  return within(client, signal, () => askNewest(client, database));
}

/** Ends the session when the work is done, when the deadline is over, or when nobody wants the answer any more. */
async function within<T>(
  client: { end(): Promise<void> },
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const deadline = AbortSignal.timeout(deadlineMs);
  const over = signal ? AbortSignal.any([signal, deadline]) : deadline;
  let stop: () => void = () => undefined;
  const given = new Promise<never>((_, reject) => {
    stop = () => reject(new Error(`${noAnswer} ${deadlineMs / 1000} s`));
    over.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work(), given]);
  } finally {
    over.removeEventListener('abort', stop);
    void client.end().catch(() => undefined); // it may be gone already; nothing waits for the goodbye
  }
}

/** A server takes the path of its data directory from its start, and opens new files by it. */
const lostFiles = 'no longer finds its files';
export const hasLostFiles = ({ what }: Problem): boolean => what.includes(lostFiles);
const undefinedFile = '58P01'; // source: documentation, "PostgreSQL Error Codes"

function refusal(server: AskedServer, error: Error & { code?: string }): Problem {
  if (error.code !== undefinedFile) return turnedAway(server, error);
  return {
    what: `${server.name} runs, and ${lostFiles}: ${error.message}`,
    fix: 'Its folder was moved or deleted while it ran. Where it was moved: "repl-workshop down", then "repl-workshop up".',
  };
}

const turnedAway = (server: AskedServer, error: Error): Problem => ({
  what: /timeout|gave no answer/.test(error.message)
    ? `${server.name} ${noAnswer} ${deadlineMs / 1000} s.`
    : `${server.name} turned the workshop away: ${error.message}`,
  fix: /not accepting connections|starting up/.test(error.message)
    ? `Read the log of ${server.name}: it says what it waits for.`
    : `Look at the log of ${server.name}; the workshop comes in as "postgres".`,
});
