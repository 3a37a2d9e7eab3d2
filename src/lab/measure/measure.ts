/** Measures what a commit costs, on the learner's own servers. */
import type { Client } from 'pg';
import { until } from '../machine/until.ts';
import { ProblemError } from '../problem.ts';
import type { Level, LevelResult } from './measurement.ts';

/** How to connect to one of the two servers. */
export type Endpoint = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
};

/**
 * Commits one row at a time and reads each on the standby straight after. `async` is measured as `on`: the caller has
 * emptied synchronous_standby_names for it. Rejects with the server's error when it refuses to write (a pg
 * DatabaseError), and with a ProblemError when a server does not answer or a commit does not return within its
 * deadline; that commit is cancelled.
 */
export async function measureLevel(
  { writer, reader }: { readonly writer: Endpoint; readonly reader: Endpoint },
  level: Level,
  commits: number, // 100 without distance, 40 with it
  {
    signal,
    deadlineMs = 30_000, // for one commit; a standby reports at least every 10 s (wal_receiver_status_interval)
    onCommit = () => undefined,
  }: MeasureOptions = {},
): Promise<LevelResult> {
  await using primary = await open(writer);
  await using standby = await open(reader);
  const { client } = primary;
  await client.query('SET synchronous_commit = local');
  await client.query(
    'CREATE TABLE IF NOT EXISTS public.measured (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz DEFAULT now())',
  );
  await waitForTable(standby, reader, deadlineMs, signal);
  await client.query(`SET synchronous_commit = ${level === 'async' ? 'on' : level}`);
  const times: number[] = [];
  let staleReads = 0;
  for (let round = -warmUp; round < commits; round++) {
    const { id, ms } = await timedCommit(primary, writer, level, deadlineMs, signal);
    const there = await isThere(standby, reader, id);
    if (round < 0) continue;
    times.push(ms);
    if (!there) staleReads++;
    onCommit(times.length);
  }
  return { level, commits, medianMs: percentile(times, 50), p95Ms: percentile(times, 95), staleReads, reads: commits };
}

export type MeasureOptions = {
  readonly signal?: AbortSignal | undefined;
  readonly deadlineMs?: number;
  readonly onCommit?: (commits: number) => void; // called after each commit
};

const warmUp = 5; // commits that do not count: they plan the statements and load the pages

/** The nearest rank: a value that was really measured. NaN for an empty list. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

async function isThere({ client }: Connected, reader: Endpoint, id: string): Promise<boolean> {
  try {
    const query = {
      name: 'is it there',
      text: 'SELECT FROM public.measured WHERE id = $1',
      values: [id],
      query_timeout: 5000,
    };
    return (await client.query(query)).rowCount === 1;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const what = `the standby on port ${reader.port} stopped answering while it was read: ${why}`;
    throw new ProblemError({ what, fix: 'see that it runs, then measure again' }, 3, { cause });
  }
}

async function timedCommit(
  primary: Connected,
  writer: Endpoint,
  level: Level,
  deadlineMs: number,
  signal: AbortSignal | undefined,
): Promise<{ id: string; ms: number }> {
  const deadline = AbortSignal.timeout(deadlineMs);
  const limit = signal ? AbortSignal.any([signal, deadline]) : deadline;
  const cancel = () => void cancelStatement(primary, writer);
  limit.throwIfAborted();
  limit.addEventListener('abort', cancel, { once: true });
  const began = performance.now();
  try {
    const { rows } = await primary.client.query({
      name: 'write one',
      text: 'INSERT INTO public.measured DEFAULT VALUES RETURNING id',
    });
    const ms = performance.now() - began;
    // A cancelled wait for a standby ends with a warning, not an error: the row is committed, but nothing was measured.
    if (!limit.aborted) return { id: rows[0].id, ms };
  } catch (error) {
    if (!limit.aborted) throw error;
  } finally {
    limit.removeEventListener('abort', cancel);
  }
  signal?.throwIfAborted();
  throw new ProblemError({
    what: `a commit with synchronous_commit = ${level} did not return within ${deadlineMs / 1000} s: no synchronous standby confirms it`,
    fix: 'see that the standby named in synchronous_standby_names is running and streaming, then measure again',
  });
}

/** Cancels the statement through a second connection. */
async function cancelStatement({ client, pid }: Connected, writer: Endpoint): Promise<void> {
  try {
    await using side = await open(writer);
    await side.client.query('SELECT pg_cancel_backend($1)', [pid]);
  } catch {
    // A server that accepts no connection will not answer: ending this one makes the waiting statement fail.
    await client.end();
  }
}

/** Waits until the standby has replayed the new table: before that, no row can be read there. */
async function waitForTable(
  { client }: Connected,
  reader: Endpoint,
  deadlineMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const there = async () =>
    (await client.query("SELECT to_regclass('public.measured') IS NOT NULL AS there")).rows[0].there === true;
  if (await until(there, { deadlineMs, signal })) return;
  signal?.throwIfAborted();
  throw new ProblemError({
    what: `the table "measured" did not reach the standby on port ${reader.port} within ${deadlineMs / 1000} s`,
    fix: 'see that this server is a standby of the master, streams, and does not pause its replay, then measure again',
  });
}

type Connected = AsyncDisposable & { readonly client: Client; readonly pid: number };

async function open(endpoint: Endpoint): Promise<Connected> {
  const { default: pg } = await import('pg'); // loaded only when something is measured
  const client = new pg.Client({
    ...endpoint,
    ssl: false,
    application_name: 'repl-workshop',
    connectionTimeoutMillis: 5000,
    keepAlive: true,
  });
  client.on('error', () => {}); // the promise of the waiting statement rejects
  try {
    await client.connect();
    const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
    return { client, pid: rows[0].pid, [Symbol.asyncDispose]: () => client.end() };
  } catch (cause) {
    await client.end();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ProblemError(
      {
        what: `no connection to the server on ${endpoint.host}:${endpoint.port}: ${why}`,
        fix: 'start this server, then measure again',
      },
      3,
      { cause },
    );
  }
}
