/** What every part of a Docker lab needs (daemon, plan, log reader, connections), and how far a start is. */
import type { LabPlan, ServerPlan } from '../plan/plan.ts';
import type { Reached } from './connect/reach.ts';
import { type Info, inspect, type LabOwner } from './container.ts';
import { type Connections, createConnections, type OpenedSession, type SessionWish } from './server/connections.ts';
import { type ContainerLogReader, createLogReader } from './server/logs.ts';

export type DockerContext = {
  readonly reached: Reached;
  readonly dir: string;
  readonly plan: LabPlan;
  readonly owner: LabOwner;
  readonly readLog: ContainerLogReader;
  doorsOf(server: ServerPlan): Connections;
  openSession(server: ServerPlan, info: Info, wish: SessionWish): Promise<OpenedSession>;
};

export function dockerContext(
  dir: string,
  plan: LabPlan,
  reached: Reached,
  adopted: () => readonly string[],
): DockerContext {
  // A copied data directory has the passwords of the server that it was copied from, so all passwords are tried.
  const passwordsOf = (server: ServerPlan) => [server, ...plan.servers].map(({ password }) => password);
  const connections = new Map(plan.servers.map((server) => [server, createConnections(reached, passwordsOf(server))]));
  const doorsOf = (server: ServerPlan) => connections.get(server) ?? createConnections(reached, passwordsOf(server));
  const readLog = createLogReader();
  return {
    reached,
    dir,
    plan,
    owner: { plan, dir, adopted },
    readLog,
    doorsOf,
    openSession: async (server, info, wish) => doorsOf(server).open(info, await readLog(reached.docker, info), wish),
  };
}

/** How far a start is, by container state and log. closed: a running standby without sessions (hot_standby = off). */
export type StartProgress = 'ended' | 'initialising' | 'starting' | 'ready' | 'closed' | 'stopping';

const initdbStarted = /^The files belonging to this database system will be owned by/m;
const initDone = /^PostgreSQL init process complete/m;
/** For the log of a container that has ended: true when it ended in initdb or in the temporary server. */
export const endedInInit = (text: string): boolean => initdbStarted.test(text) && !initDone.test(text);

const entrypointDone = /^PostgreSQL (init process complete|Database directory appears to contain a database)/gm;

/** The server's own log of this start: without the output of initdb, the temporary server and the entrypoint. */
export const afterInit = (text: string): string => {
  const done = [...text.matchAll(entrypointDone)].at(-1);
  return done ? text.slice(text.indexOf('\n', done.index) + 1) : text;
};

/** A log without "starting PostgreSQL" after this time goes to a file or is not English: the server is asked anyway. */
const silentLogMs = 15_000;
/** Two processes write "consistent recovery state" and "ready"; with hot_standby = off the second line never comes. */
const consistentToReadyMs = 3000;

/**
 * The entrypoint of a new container first runs initdb and a temporary server, which also logs "ready to accept
 * connections" but does not listen on the network. A connection before the server is ready would leave a FATAL in the
 * learner's log, so the progress is read from the log instead of tried.
 */
export function progressOf({ State }: Info, text: string, now: number): StartProgress {
  if (!State.Running) return 'ended';
  if (initdbStarted.test(text) && !initDone.test(text)) return 'initialising';
  // After the crash of a server process the postmaster recovers in the same container: only the log since then
  // counts.
  const own = afterInit(text).split('terminating any other active server processes').at(-1) ?? '';
  const age = now - Date.parse(State.StartedAt);
  if (/received (smart|fast|immediate) shutdown request/.test(own)) return 'stopping';
  if (own.includes('database system is ready to accept')) return 'ready';
  if (own.includes('consistent recovery state reached')) return age > consistentToReadyMs ? 'closed' : 'starting';
  const silent = !text.includes('starting PostgreSQL');
  return silent && age > silentLogMs ? 'ready' : 'starting';
}

const startingDeadlineMs = 20_000; // a copy that lacks WAL, or whose primary is down, may stay "starting" for ever

/** Resolves with true when waiting is over: the server is ready or will not be by itself, or the container ended. */
export async function hasStarted({ reached, readLog }: DockerContext, id: string): Promise<boolean> {
  const info = await inspect(reached.docker, id);
  if (!info?.State.Running) return true;
  const progress = progressOf(info, await readLog(reached.docker, info), Date.now());
  if (progress === 'starting') return Date.now() - Date.parse(info.State.StartedAt) > startingDeadlineMs;
  return progress !== 'initialising';
}
