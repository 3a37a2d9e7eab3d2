/** One look at every server of a native lab. Reads files and asks short questions; writes nothing. */
import { statSync } from 'node:fs';

import { createDiskReader, type DiskReader } from '../look/disk.ts';
import { createLogTail, type LogTail } from '../look/log-tail.ts';
import { processView } from '../look/process.ts';
import { askNewest, askServer, inLab } from '../look/sql.ts';
import type { Observation, ProcessState, ServerView, Sql } from '../observation.ts';
import type { LabPlan } from '../plan.ts';
import { isProblem, type Problem } from '../problem.ts';
import { connect } from './connect.ts';
import { livePostmaster } from './postmaster.ts';
import type { NativeServer } from './server.ts';
import type { ServerUser } from './user.ts';

const deadlineMs = 3000; // of our own: statement_timeout does not end the wait for a standby

export type Observer = (signal?: AbortSignal) => Promise<Observation>;

export function createObserver(
  dir: string,
  plan: LabPlan,
  servers: readonly NativeServer[],
  user: ServerUser,
): Observer {
  const readDisk = createDiskReader();
  const tail = createLogTail();
  const learnersDatabase = plan.servers[0]?.database ?? 'postgres';
  const asker = createAsker(dir, learnersDatabase);
  return async (signal) => {
    const views = await Promise.all(
      servers.map((server) => look(dir, plan, server, user, readDisk, tail, asker, signal)),
    );
    return {
      at: new Date().toISOString(),
      engine: 'native',
      major: plan.major,
      servers: Object.fromEntries(views.map((view) => [view.name, view])),
    };
  };
}

async function look(
  dir: string,
  plan: LabPlan,
  server: NativeServer,
  user: ServerUser,
  readDisk: DiskReader,
  tail: LogTail,
  ask: Asker,
  signal: AbortSignal | undefined,
): Promise<ServerView> {
  const postmaster = livePostmaster(server.data);
  const disk = attempt(
    () => readDisk(dir, server.data, user.owner?.uid ?? process.getuid?.(), postmaster !== undefined),
    server,
  );
  const logFile = server.logFile();
  const run = tail(logFile, inLab(dir, logFile), postmaster?.pid);
  const process_ = isProblem(disk)
    ? ({ state: postmaster ? 'up' : 'absent' } as const)
    : processView(server.data, disk, postmaster, run.all);
  const fresh = process_.state === 'absent' || process_.state === 'created'; // the log tells of a cluster that is gone
  const sql = process_.state === 'up' ? await ask(server, signal) : notAsked(server, process_.state);
  const hung = process_.state === 'up' && isProblem(sql) && sql.what.includes(noAnswer);
  return {
    name: server.name,
    addresses: [
      { host: plan.host, port: server.plan.port, from: 'servers' },
      { host: plan.host, port: server.plan.port, from: 'learner' },
    ],
    process: hung ? { ...process_, state: 'hung' } : process_,
    disk,
    sql,
    log: fresh ? { ...run.view, since: run.view.size, records: [] } : run.view,
  };
}

const attempt = <T>(read: () => T, server: NativeServer): T | Problem => {
  try {
    return read();
  } catch (error) {
    return {
      what: `${server.plan.data} cannot be read: ${(error as Error).message}`,
      fix: 'Give the folder back to the user that runs the workshop.',
    };
  }
};

/** A server that starts or stops turns everybody away, with a FATAL in the learner's log for each who tries. */
const notAsked = (server: NativeServer, state: ProcessState): Problem =>
  state === 'starting'
    ? {
        what: `${server.name} does not take sessions now: it is starting or stopping.`,
        fix: `Its log says what it waits for.`,
      }
    : {
        what: `${server.name} does not run, so it cannot be asked.`,
        fix: `Start it: pg_ctl -D ${server.plan.data} start`,
      };

const noAnswer = 'gave no answer within';
type Asker = (server: NativeServer, signal: AbortSignal | undefined) => Promise<Sql | Problem>;

/**
 * Two things that would write into the learner's log at every look: asking for a database that is not there (so the learner's is asked for once it is
 * known), and knocking again after a refusal (so that waits until the log tells of something new).
 */
function createAsker(dir: string, learnersDatabase: string): Asker {
  const hasDatabase = new Map<string, boolean>();
  const refusals = new Map<string, { readonly logSize: number; readonly problem: Problem }>();
  const ask: Asker = async (server, signal) => {
    const before = refusals.get(server.name);
    if (before && before.logSize === logSize(server)) return before.problem;
    try {
      const first = hasDatabase.get(server.name) ? learnersDatabase : 'postgres';
      const sql = await session(dir, server, first, signal);
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
      if (code) refusals.set(server.name, { logSize: logSize(server), problem });
      return problem;
    }
  };
  return ask;
}

const noSuchDatabase = '3D000';
const logSize = (server: NativeServer): number => statSync(server.logFile(), { throwIfNoEntry: false })?.size ?? 0;

async function session(
  dir: string,
  server: NativeServer,
  database: string,
  signal: AbortSignal | undefined,
): Promise<Sql> {
  const { client, door } = await connect(server.doors(), { database, timeoutMs: deadlineMs });
  return within(client, signal, async () => ({
    ...(await askServer(client, door.through, dir)),
    newest: await askNewest(client, database),
  }));
}

async function newestIn(
  server: NativeServer,
  database: string,
  signal: AbortSignal | undefined,
): Promise<Sql['newest']> {
  const { client } = await connect(server.doors(), { database, timeoutMs: deadlineMs });
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

const refusal = (server: NativeServer, error: Error & { code?: string }): Problem => ({
  what: /timeout|gave no answer/.test(error.message)
    ? `${server.name} ${noAnswer} ${deadlineMs / 1000} s.`
    : `${server.name} turned the workshop away: ${error.message}`,
  fix: /not accepting connections|starting up/.test(error.message)
    ? `Read the log of ${server.name}: it says what it waits for.`
    : `Look at the log of ${server.name}; the workshop comes in as "postgres".`,
});
