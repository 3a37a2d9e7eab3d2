/** One PostgreSQL server of a native lab: its data directory, its process, its log file. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, closeSync, existsSync, fchownSync, mkdirSync, openSync, statSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Client } from 'pg';
import type { RunningStatement, Server, SqlResult, StopHow } from '../lab.ts';
import type { LabPlan, ServerPlan } from '../plan.ts';
import { ProblemError } from '../problem.ts';
import { run, withoutPgSettings } from '../run.ts';
import { until } from '../until.ts';
import { type ClusterTools, makeCluster } from './cluster.ts';
import { connect, type Door, doors } from './connect.ts';
import { isPostgres, isServerOf, livePostmaster, logOfProcess, postmasterIn, processesIn } from './postmaster.ts';

const startDeadlineMs = 20_000;
const stopDeadlineMs = 30_000;
const orphansDeadlineMs = 5_000; // then the server's own words are better than ours: "pre-existing shared memory block"
const stopSignals = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT' } as const satisfies Record<
  StopHow,
  NodeJS.Signals
>;

export type NativeServer = Server & {
  readonly plan: ServerPlan;
  readonly data: string; // absolute
  logFile(): string; // of the running process, else where the lab puts it
  doors(): Door[];
};

export function nativeServer(dir: string, plan: LabPlan, server: ServerPlan, tools: ClusterTools): NativeServer {
  const data = join(dir, server.data);
  const plannedLog = join(dir, server.log);
  const running = () => livePostmaster(data);
  const passwords = [server, ...plan.servers].map(({ password }) => password);
  const within = (path: string) => join(data, path);

  const needRunning = () => {
    const postmaster = running();
    if (postmaster) return postmaster;
    throw new ProblemError({ what: `${server.name} is not running.`, fix: `Start it: pg_ctl -D ${server.data} start` });
  };
  const waysIn = (): Door[] => {
    const postmaster = running();
    return doors(postmaster?.socketDir ?? tools.socketDir, plan.host, postmaster?.port ?? server.port, passwords);
  };
  const session = async (database: string, application?: string): Promise<Client> => {
    needRunning();
    return (await connect(waysIn(), { database, ...(application ? { application } : {}) })).client;
  };
  const withSession = async <T>(database: string, use: (client: Client) => Promise<T>): Promise<T> => {
    const client = await session(database);
    try {
      return await use(client);
    } finally {
      await client.end();
    }
  };

  return {
    name: server.name,
    plan: server,
    data,
    doors: waysIn,
    logFile: () => {
      const postmaster = running();
      return (postmaster && logOfProcess(postmaster.pid)) ?? plannedLog;
    },

    isRunning: async () => running() !== undefined,
    address: () => ({ host: plan.host, port: running()?.port ?? server.port }),
    connection() {
      const door = waysIn()[0];
      return {
        host: door?.host ?? plan.host,
        port: door?.port ?? server.port,
        user: 'postgres',
        password: door?.password ?? server.password,
      };
    },

    async create() {
      const made = await makeCluster(tools, plan, server, data, []);
      if (made.status === 0) return;
      throw new ProblemError({
        what: `initdb could not make ${server.data}: ${made.stderr.trim() || made.stdout.trim()}`,
        fix: 'See what initdb says.',
      });
    },

    async start() {
      if (running()) return;
      mkdirSync(dirname(plannedLog), { recursive: true });
      await until(() => processesIn(data).every(({ pid }) => !isPostgres(pid)), { deadlineMs: orphansDeadlineMs });
      const child = spawnServer(tools, dir, data, plannedLog);
      const answered = await until(() => child.exitCode !== null || child.signalCode !== null || isReady(data), {
        deadlineMs: startDeadlineMs,
      });
      if (!answered && !running())
        throw new ProblemError({ what: `${server.name} did not come up within 20 s.`, fix: `Read ${server.log}.` });
    },

    async stop(how) {
      const pid = running()?.pid ?? postmasterIn(data);
      if (pid === undefined) return;
      signalServer(server, pid, stopSignals[how]);
      if (await until(() => !isServerOf(pid, data), { deadlineMs: stopDeadlineMs, everyMs: 5 })) return;
      throw new ProblemError({
        what: `${server.name} did not stop within 30 s${how === 'smart' ? ': a smart stop waits until the last session is closed' : ''}.`,
        fix: how === 'smart' ? 'Close your sessions, or stop it with "-m fast".' : `Read ${server.log}.`,
      });
    },

    async kill() {
      const { pid } = needRunning();
      signalServer(server, pid, 'SIGKILL');
      await until(() => !isServerOf(pid, data), { deadlineMs: stopDeadlineMs, everyMs: 5 });
    },

    async reload() {
      signalServer(server, needRunning().pid, 'SIGHUP');
    },

    async promote() {
      await withSession('postgres', (client) => client.query('SELECT pg_promote()'));
    },

    async remove() {
      refuseWhileRunning(server, (running()?.pid ?? postmasterIn(data)) !== undefined);
      await rm(data, { recursive: true, force: true });
    },

    async putAside() {
      refuseWhileRunning(server, (running()?.pid ?? postmasterIn(data)) !== undefined);
      const aside = freeName(dir, `${server.data}.old`);
      await rename(data, join(dir, aside));
      return aside;
    },

    async copyFrom(other, without = []) {
      const from = plan.servers.find(({ name }) => name === other);
      if (!from) throw new Error(`no server "${other}" in the plan of this lab`);
      const copied = await run({ command: 'cp', args: ['-a', `${join(dir, from.data)}/.`, data] });
      // A file that vanishes while it is copied is part of what makes such a copy unsafe.
      if (copied.status !== 0 && !existsSync(within('PG_VERSION')))
        throw new ProblemError({ what: copied.stderr.trim(), fix: 'See what cp says.' });
      for (const name of without) await rm(within(name), { recursive: true, force: true });
    },

    sql: (text, options = {}) =>
      withSession(options.database ?? 'postgres', async (client) => {
        options.signal?.addEventListener('abort', () => void client.end(), { once: true });
        return lastResult(await client.query(text));
      }),

    async begin(text, options = {}): Promise<RunningStatement> {
      const client = await session(options.database ?? 'postgres', 'psql');
      const pid = await client
        .query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
        .then(({ rows }) => rows[0]?.pid ?? 0);
      const done = client.query(text).then(lastResult, (error: Error) => error);
      void done.finally(() => client.end().catch(() => undefined)); // the session may have been terminated
      const tell = (call: string) =>
        withSession('postgres', async (other) => void (await other.query(`SELECT ${call}(${pid})`)));
      return { pid, done, cancel: () => tell('pg_cancel_backend'), terminate: () => tell('pg_terminate_backend') };
    },

    readFile: (path) =>
      readFile(within(path), 'utf8').catch((error: NodeJS.ErrnoException) =>
        error.code === 'ENOENT' ? undefined : Promise.reject(error),
      ),

    async writeFile(path, text) {
      const before = statSync(within(path), { throwIfNoEntry: false }) ?? statSync(data);
      const aside = within(`${path}.repl-workshop`);
      await writeFile(aside, text, { mode: before.isFile() ? before.mode & 0o777 : 0o600 });
      if (process.getuid?.() === 0) chownSync(aside, before.uid, before.gid);
      await rename(aside, within(path));
    },

    deleteFile: (path) => rm(within(path), { force: true }),
    log: () => readFile(plannedLog, 'utf8').catch(() => ''), // not started yet
  };
}

const isReady = (data: string): boolean => {
  const status = livePostmaster(data)?.status;
  return status === 'ready' || status === 'standby';
};

/** Detached, else Ctrl-C in the learner's terminal would stop the server. */
function spawnServer({ binaries, user }: ClusterTools, dir: string, data: string, log: string): ChildProcess {
  const output = openSync(log, 'a');
  if (user.owner) fchownSync(output, user.owner.uid, user.owner.gid); // pg_ctl opens it as that user later
  const [command = '', ...args] = [...user.prefix, join(binaries.bindir, 'postgres'), '-D', data];
  const child = spawn(command, args, {
    detached: true,
    cwd: dir,
    env: { ...withoutPgSettings(process.env), LC_MESSAGES: 'C' },
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  child.unref();
  return child;
}

/** A server stopped by SIGSTOP hears of nothing until it is continued. */
function signalServer(server: ServerPlan, pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
    process.kill(pid, 'SIGCONT');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return; // it ended by itself in the meantime
    throw new ProblemError({
      what: `The process ${pid} of ${server.name} belongs to somebody else, so it cannot be signalled.`,
      fix: 'Stop it as the user who started it.',
    });
  }
}

function refuseWhileRunning(server: ServerPlan, running: boolean): void {
  if (running)
    throw new ProblemError({
      what: `${server.name} is running on ${server.data}.`,
      fix: `Stop it first: pg_ctl -D ${server.data} stop`,
    });
}

function freeName(dir: string, wanted: string): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? wanted : `${wanted}.${n}`;
    if (!existsSync(join(dir, name))) return name;
  }
}

const lastResult = (answer: unknown): SqlResult => {
  const last = (Array.isArray(answer) ? answer.at(-1) : answer) as { command: string | null; rows: SqlResult['rows'] };
  return { command: last.command ?? '', rows: last.rows };
};
