/** What every part of a lab on Docker needs to know. */
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
  // A copy has the passwords of the server that it was copied from.
  const passwordsOf = (server: ServerPlan) => [server, ...plan.servers].map(({ password }) => password);
  const doors = new Map(plan.servers.map((server) => [server, createConnections(reached, passwordsOf(server))]));
  const doorsOf = (server: ServerPlan) => doors.get(server) ?? createConnections(reached, passwordsOf(server));
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

/** How far a start has come, by the container and its log. closed: it works, and lets nobody in. */
export type StartProgress = 'ended' | 'initialising' | 'starting' | 'ready' | 'closed' | 'stopping';

const initdbSpeaks = /^The files belonging to this database system will be owned by/m;
const initDone = /^PostgreSQL init process complete/m;
/** Of a container that has ended: it came no further than initdb or the temporary server. */
export const endedInInit = (text: string): boolean => initdbSpeaks.test(text) && !initDone.test(text);

const entrypointDone = /^PostgreSQL (init process complete|Database directory appears to contain a database)/gm;

/** The log of the server itself in this start: without the words of initdb, the temporary server and the entrypoint. */
export const afterInit = (text: string): string => {
  const done = [...text.matchAll(entrypointDone)].at(-1);
  return done ? text.slice(text.indexOf('\n', done.index) + 1) : text;
};

const mustSpeakWithinMs = 15_000; // a log that goes elsewhere, or speaks another language: then the server is asked itself
const consistentToReadyMs = 3000; // two processes write the two lines; with hot_standby = off the second never comes

/**
 * The entrypoint of a new container runs initdb and a temporary server first, which says "ready to accept connections" too, and takes none over the
 * network. Whoever knocks before the server is ready stands in the learner's log with a FATAL, so the log is asked.
 */
export function progressOf({ State }: Info, text: string, now: number): StartProgress {
  if (!State.Running) return 'ended';
  if (initdbSpeaks.test(text) && !initDone.test(text)) return 'initialising';
  const own = afterInit(text).split('terminating any other active server processes').at(-1) ?? ''; // after a crash, it begins anew
  const age = now - Date.parse(State.StartedAt);
  if (/received (smart|fast|immediate) shutdown request/.test(own)) return 'stopping';
  if (own.includes('database system is ready to accept')) return 'ready';
  if (own.includes('consistent recovery state reached')) return age > consistentToReadyMs ? 'closed' : 'starting';
  const silent = !text.includes('starting PostgreSQL');
  return silent && age > mustSpeakWithinMs ? 'ready' : 'starting';
}

const noReasonToWaitMs = 20_000; // for a copy that lacks WAL, and a primary that is not there

/** A start is over: the server lets clients in, or never will by itself, or the container has ended. */
export async function hasStarted({ reached, readLog }: DockerContext, id: string): Promise<boolean> {
  const info = await inspect(reached.docker, id);
  if (!info?.State.Running) return true;
  const progress = progressOf(info, await readLog(reached.docker, info), Date.now());
  if (progress === 'starting') return Date.now() - Date.parse(info.State.StartedAt) > noReasonToWaitMs;
  return progress !== 'initialising';
}
