/** One look at every server of a Docker lab: calls the daemon, reads files, runs short queries; writes nothing. */
import { setTimeout as pause } from 'node:timers/promises';
import type Docker from 'dockerode';
import logNotes from '../../../assets/log-notes.yaml';
import { type LogRecord, parseLog } from '../../postgres/log/log.ts';
import { noteOf } from '../../postgres/log/notes.ts';
import { type Asker, createAsker, isNoAnswer, lookLimits } from '../look/ask.ts';
import type { NetworkView, Observation, ServerAddress, ServerView } from '../observation.ts';
import { portInside, type ServerPlan } from '../plan/plan.ts';
import { isProblem, type Problem } from '../problem.ts';
import { isUnreachable, unreachable } from './connect/unreachable.ts';
import { containerView, isGone, isNotFound } from './container.ts';
import type { ContainerView } from './container-view.ts';
import { dockerPlan } from './create.ts';
import { afterInit, type DockerContext, progressOf, type StartProgress } from './lab-context.ts';
import { filesPlace, shownInside } from './server/data-location.ts';
import { createDiskLook } from './server/disk.ts';
import { createFileCache } from './server/file-cache.ts';
import { containerProcessView } from './server/process.ts';
import type { DockerServer } from './server/server.ts';

const mostRecords = 200;
const deadlineMs = 30_000; // over ssh, the archive call for a stopped server is slow

/** The returned function throws a ProblemError when the daemon does not answer: then there is no observation. */
export function createDockerObserver(context: DockerContext, servers: readonly DockerServer[]) {
  const { plan, reached } = context;
  const ask = createAsker(plan);
  const looks = servers.map((server) => createLook(context, server, ask));
  return async (signal?: AbortSignal): Promise<Observation> => {
    try {
      const [network, ...views] = await inTime(
        Promise.all([networkView(context), ...looks.map((look) => retryIfRemoved(reached.docker, () => look(signal)))]),
      );
      return {
        at: new Date().toISOString(),
        engine: 'docker',
        major: plan.major,
        network,
        servers: Object.fromEntries(views.map((view) => [view.name, view])),
      };
    } catch (error) {
      throw unreachable(error, reached);
    }
  };
}

/** Looks once more when the container was removed during the look: then there is none, or another one. */
async function retryIfRemoved(docker: Docker, look: () => Promise<ServerView>): Promise<ServerView> {
  try {
    return await look();
  } catch (error) {
    if (isGone(error) || (isUnreachable(error) && (await answers(docker)))) return look();
    throw error;
  }
}

/** A call about a container that is being removed may be cut off; the daemon itself may still answer. */
const answers = (docker: Docker): Promise<boolean> =>
  docker.ping().then(
    () => true,
    () => false,
  );

/** Rejects with ETIMEDOUT, which counts as an unreachable daemon, when the daemon accepts calls and does not answer. */
async function inTime<T>(looking: Promise<T>): Promise<T> {
  const ended = new AbortController();
  const timeout = pause(deadlineMs, undefined, { signal: ended.signal }).then(() => {
    throw Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' });
  });
  try {
    return await Promise.race([looking, timeout]);
  } finally {
    ended.abort();
    timeout.catch(() => undefined); // the abort rejects it, and nothing awaits it any more
  }
}

async function networkView({ reached, plan }: DockerContext): Promise<NetworkView> {
  const { network: name } = dockerPlan(plan);
  try {
    const { Driver } = (await reached.docker.getNetwork(name).inspect()) as { Driver?: string };
    return { name, there: true, driver: Driver ?? null };
  } catch (error) {
    if (isNotFound(error)) return { name, there: false, driver: null };
    throw error;
  }
}

function createLook(context: DockerContext, server: DockerServer, ask: Asker) {
  const { plan, dir, reached, owner, readLog } = context;
  const { docker } = reached;
  const lookAtDisk = createDiskLook(context, server.plan);
  const fetcher = createFileCache(docker);
  const parsed = rememberLast((text: string) => parseLog(afterInit(text)));
  const withNotes = rememberLast(recordsWithNotes);
  return async (signal: AbortSignal | undefined): Promise<ServerView> => {
    const { info, foreign } = await server.find();
    const text = info ? await readLog(docker, info) : '';
    const records = parsed(text);
    const progress = info ? progressOf(info, text, Date.now()) : 'ended';
    const container = info && containerView(info, owner, server.plan, progress === 'initialising');
    const place = filesPlace(dir, plan, server.plan, container, reached.remote);
    const sql =
      info && progress === 'ready' && !info.State.Paused
        ? await ask(
            {
              name: server.name,
              open: (database, timeoutMs) =>
                context.doorsOf(server.plan).open(info, text, { database, timeoutMs, limits: lookLimits }),
              shown: shownInside(dir, container, server.name),
              // A count alone could be the same after a restart.
              mark: () => `${info.Id} ${info.State.StartedAt} ${records.filter(isSignOfChange).length}`,
              ...(place.kind === 'inside' ? { also: (client) => fetcher.ask(client, place.data) } : {}),
            },
            signal,
          )
        : notAsked(server, container, progress);
    if (place.kind === 'inside' && info && isProblem(sql)) await fetcher.fetch(info, place.data);
    const { disk, madeAt } = await lookAtDisk(place, container, fetcher);
    const hung = isProblem(sql) && isNoAnswer(sql);
    const process = containerProcessView({ info, foreign, progress, text, records, disk, madeAt, hung });
    const fresh = process.state === 'absent' || process.state === 'created';
    return {
      name: server.name,
      addresses: addressesOf(context, server.plan, container),
      process,
      disk,
      sql,
      log: {
        file: container ? `docker logs ${container.name}` : null,
        since: 0,
        size: Buffer.byteLength(text),
        records: fresh ? [] : withNotes(records),
      },
      ...(container ? { container } : {}),
      ...(foreign ? { foreign } : {}),
    };
  };
}

/** Leaves out what a look's own refused login logs, else every look would try again because of the one before. */
const isSignOfChange = ({ level, message }: LogRecord): boolean =>
  level === 'LOG' && !/^(connection|disconnection)\b/.test(message);

/** Remembers the last result: while a server is idle, every look gives the same text. */
function rememberLast<In, Out>(make: (input: In) => Out): (input: In) => Out {
  let last: { readonly input: In; readonly made: Out } | undefined;
  return (input) => {
    if (last?.input !== input) last = { input, made: make(input) };
    return last.made;
  };
}

const recordsWithNotes = (records: readonly LogRecord[]): readonly LogRecord[] =>
  records.filter((record) => noteOf(record, logNotes)).slice(-mostRecords);

function notAsked({ name }: DockerServer, container: ContainerView | undefined, progress: StartProgress): Problem {
  if (!container)
    return { what: `${name} has no container, so it cannot be asked.`, fix: 'Lesson 2 makes it with "docker run".' };
  if (progress === 'closed')
    return {
      what: `${name} follows its primary and takes no sessions: hot_standby seems to be off.`,
      fix: 'Set hot_standby = on, and restart it.',
    };
  if (container.state === 'running')
    return {
      what: `${name} does not take sessions now: it is starting or stopping.`,
      fix: 'Its log says what it waits for.',
    };
  return { what: `${name} does not run, so it cannot be asked.`, fix: `Start it: docker start ${container.name}` };
}

/**
 * Other servers reach a container at its name and its address in the Docker networks, or through the host's gateway
 * at the published port; programs of this machine use the published port.
 */
function addressesOf(
  { plan }: DockerContext,
  server: ServerPlan,
  container: ContainerView | undefined,
): readonly ServerAddress[] {
  const names = container ? [...container.aliases, container.name, container.id] : [server.container ?? server.name];
  const inside = [...names, ...(container?.networks ?? []).flatMap(({ address }) => (address ? [address] : []))];
  const published = container?.published ?? [{ host: plan.host, port: server.port }];
  const gateways = (container?.networks ?? []).flatMap(({ gateway }) => (gateway ? [gateway] : []));
  return [
    ...[...new Set(inside)].map((host) => ({ host, port: portInside, from: 'servers' }) as const),
    ...published.map(({ port }) => ({ host: plan.host, port, from: 'learner' }) as const),
    ...published.flatMap(({ port }) =>
      ['host.docker.internal', ...gateways].map((host) => ({ host, port, from: 'servers' }) as const),
    ),
  ];
}
