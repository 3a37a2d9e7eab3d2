/** One PostgreSQL server of a native lab: its data directory, its process, its log file. */

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, createReadStream, existsSync, statSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Client } from 'pg';
import { connect, type Route, routes } from '../../connect.ts';
import { removeFiles } from '../../files/copy-files.ts';
import { readDataFile, writeDataFile } from '../../files/data-files.ts';
import { followFile } from '../../files/follow-file.ts';
import { freeName } from '../../folders/free-name.ts';
import type { Server } from '../../lab.ts';
import { isAlive } from '../../lock/alive.ts';
import { scramOrNone, withoutPgSettings } from '../../machine/own-environment.ts';
import { errorFileOf } from '../../machine/processes.ts';
import { run } from '../../machine/run.ts';
import { until } from '../../machine/until.ts';
import type { LabPlan, ServerPlan } from '../../plan/plan.ts';
import { ProblemError } from '../../problem.ts';
import { secretsOf, tutorialSecrets } from '../../secrets/secrets.ts';
import { sessionOperations } from '../../sessions.ts';
import type { Binaries } from '../binaries.ts';
import { type ClusterTools, makeCluster } from '../data/cluster.ts';
import { give } from '../user/give.ts';
import { makePassage } from '../user/server-folder.ts';
import { isOwnSocket, readySocketFolder } from '../user/socket-folder.ts';
import { unlistedServer } from '../user/socket-lock.ts';
import type { ServerUser } from '../user/user.ts';
import { didNotStop, endServer, signalServer } from './ending.ts';
import { collectorLog, isNewer, openLogFile } from './log-file.ts';
import { isEndUnfetched, isPostgres, isServerOf, livePostmaster, postmasterIn, processesIn } from './postmaster.ts';

const startDeadlineMs = 20_000;
// After this time the server's own error says more: "pre-existing shared memory block", "lock file already exists".
const orphansDeadlineMs = 5_000;

export type NativeServer = Server & {
  readonly plan: ServerPlan;
  readonly data: string; // absolute
  logFile(): string; // the running process's log file, else the plan's; absolute
  doors(): Route[];
  launch(): Promise<void>; // `start`, where the files are known to be the servers' user's
  unlisted(): number | undefined; // pid of a server that runs here without a postmaster.pid
};

export function nativeServer(dir: string, plan: LabPlan, server: ServerPlan, tools: ClusterTools): NativeServer {
  const data = join(dir, server.data);
  const plannedLog = join(dir, server.log);
  const running = () => livePostmaster(data);
  const passwords = [server.password, ...secretsOf(plan), ...Object.values(tutorialSecrets.servers)];
  const within = (path: string) => join(data, path);

  const needRunning = () => {
    const postmaster = running();
    if (postmaster) return postmaster;
    throw new ProblemError({ what: `${server.name} is not running.`, fix: `Start it: pg_ctl -D ${server.data} start` });
  };
  const currentRoutes = (): Route[] => {
    const postmaster = running();
    const port = postmaster?.port ?? server.port;
    const socketDir = postmaster?.socketDir ?? tools.socketDir;
    return routes(isOwnSocket(socketDir, port) ? socketDir : null, plan.host, port, passwords);
  };
  const logFile = () => {
    const postmaster = running();
    const own = postmaster && errorFileOf(postmaster.pid);
    const collected = own === undefined ? collectorLog(data) : undefined;
    if (collected === undefined) return own ?? plannedLog;
    return postmaster || isNewer(collected, plannedLog) ? collected : plannedLog;
  };
  const session = async (database: string, application?: string): Promise<Client> => {
    needRunning();
    return (await connect(currentRoutes(), { database, ...(application ? { application } : {}) })).client;
  };

  const start = async (giveFiles: (user: ServerUser) => void): Promise<void> => {
    // Another program may just have started it.
    if (running()) return void (await until(() => isReady(data) || !running(), { deadlineMs: startDeadlineMs }));
    const user = await tools.user();
    for (const path of [data, plannedLog]) makePassage(dirname(path), user.owner); // an undo restores old owners
    const isFree = () => !isEndUnfetched(data) && processesIn(data).every(({ pid }) => !isPostgres(pid));
    await until(isFree, { deadlineMs: orphansDeadlineMs });
    giveFiles(user);
    await readySocketFolder(data, tools.socketDir, user.owner);
    const child = spawnServer(tools.binaries, user, data, plannedLog);
    const answered = await until(() => child.exitCode !== null || child.signalCode !== null || isReady(data), {
      deadlineMs: startDeadlineMs,
      everyMs: 5,
    });
    if (!answered && !running())
      throw new ProblemError({ what: `${server.name} did not come up within 20 s.`, fix: `Read ${server.log}.` });
  };

  return {
    name: server.name,
    plan: server,
    data,
    doors: currentRoutes,
    logFile,
    unlisted: () => (running() ? undefined : unlistedServer(tools.socketDir, server.port, data)),

    isRunning: async () => running() !== undefined,
    async connection() {
      const route = currentRoutes()[0];
      return {
        host: route?.host ?? plan.host,
        port: route?.port ?? server.port,
        user: 'postgres',
        password: route?.password ?? server.password,
      };
    },

    async create() {
      const made = (await tools.ahead?.take(server.name, data)) ?? (await makeCluster(tools, plan, server, data, []));
      if (made.status === 0) return;
      throw new ProblemError({
        what: `initdb could not make ${server.data}: ${made.stderr.trim() || made.stdout.trim()}`,
        fix: 'See what initdb says.',
      });
    },

    launch: () => start(() => undefined),
    start: () => start(({ owner }) => give(tools.placeOf(data), owner)),

    async stop(how) {
      const pid = running()?.pid ?? postmasterIn(data);
      if (pid === undefined) return;
      const ended = await endServer(server.name, pid, () => isServerOf(pid, data), how);
      // A server whose folder was moved cannot remove its socket's lock, which counts until the process is reaped.
      const lock = join(tools.socketDir, `.s.PGSQL.${server.port}.lock`);
      if (ended && existsSync(lock)) await until(() => !isAlive(pid), { deadlineMs: orphansDeadlineMs });
      if (!ended) throw didNotStop(server.name, server.log, how);
    },

    async kill() {
      const { pid } = needRunning();
      signalServer(server.name, pid, 'SIGKILL');
      await until(() => !isServerOf(pid, data), { deadlineMs: startDeadlineMs, everyMs: 5 });
    },

    async reload() {
      const { pid } = needRunning();
      give(tools.placeOf(data), (await tools.user()).owner); // files that root wrote since the start
      signalServer(server.name, pid, 'SIGHUP');
      signalServer(server.name, pid, 'SIGCONT'); // a stopped process handles no signal
    },

    async remove() {
      refuseWhileRunning(server, (running()?.pid ?? postmasterIn(data)) !== undefined);
      await removeFiles(data);
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
      // A file of a running source may vanish during the copy, which is one reason why such a copy is unsafe.
      if (copied.status !== 0 && !existsSync(within('PG_VERSION')))
        throw new ProblemError({ what: copied.stderr.trim(), fix: 'See what cp says.' });
      for (const name of without) await removeFiles(within(name));
    },

    ...sessionOperations(session),

    readFile: (path) => readDataFile(data, path),
    writeFile: (path, text) => writeDataFile(data, path, text),
    deleteFile: (path) => rm(within(path), { force: true }),
    log: async () => (await readDataFile(dir, server.log)) ?? '',
    readLog(follow) {
      const file = logFile();
      if (!existsSync(file))
        throw new ProblemError({
          what: `${server.name} has no log yet: ${file} is not there.`,
          fix: `Start ${server.name} first; lesson 2 does it.`,
        });
      if (!statSync(file).isFile())
        throw new ProblemError({
          what: `${file} is no plain file.`,
          fix: 'Move it away; the next start makes a new one.',
        });
      return follow ? followFile(file, follow) : createReadStream(file, { encoding: 'utf8' });
    },
  };
}

const isReady = (data: string): boolean => {
  const status = livePostmaster(data)?.status;
  return status === 'ready' || status === 'standby';
};

/** Starts postgres detached, else Ctrl-C in the learner's terminal would stop the server. */
function spawnServer({ bindir }: Binaries, user: ServerUser, data: string, log: string): ChildProcess {
  const { command, args } = user.as(join(bindir, 'postgres'), ['-D', data]);
  const output = openLogFile(log, user.owner);
  const child = spawn(command, args, {
    detached: true,
    cwd: '/', // the workshop's own folder may be closed to the servers' user; postgres changes to its data directory
    env: { ...withoutPgSettings(process.env), ...scramOrNone, LC_ALL: 'C' },
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  child.unref();
  return child;
}

function refuseWhileRunning(server: ServerPlan, running: boolean): void {
  if (running)
    throw new ProblemError({
      what: `${server.name} is running on ${server.data}.`,
      fix: `Stop it first: pg_ctl -D ${server.data} stop`,
    });
}
