/**
 * Reasons to look: Docker's events about the lab's containers, and files saved in a watched folder. When the daemon
 * comes back, every server gets an event.
 */
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { createWatchers, eventQueue, halfSaved } from '../files/watch-folders.ts';
import type { LabEvent } from '../lab.ts';
import { labels } from '../plan/plan-seen.ts';
import { containerView, inspect, isTheLabs, owned } from './container.ts';
import { dockerPlan } from './create.ts';
import type { DockerContext } from './lab-context.ts';
import { stampOf } from './server/archive.ts';
import { filesPlace } from './server/data-location.ts';
import type { DockerServer } from './server/server.ts';

const againAfterMs = 250;
const foldersEveryMs = 1000;
const eventNames =
  'create start die stop kill pause unpause destroy rename oom health_status restart connect disconnect'.split(' ');

export async function* watchContainers(
  context: DockerContext,
  servers: readonly DockerServer[],
  signal: AbortSignal,
): AsyncIterable<LabEvent> {
  const queue = eventQueue(signal);
  using watchers = createWatchers();
  const known = new Map<string, string>(); // ids of containers that are or were servers of the lab
  const stamps = new Map<string, string>(); // by server; for data directories that cannot be watched
  const changed = async (name: string, stamp: Promise<string>): Promise<boolean> => {
    const before = stamps.get(name);
    stamps.set(name, await stamp);
    return before !== undefined && before !== stamps.get(name);
  };
  const emitAll = (kind: LabEvent['kind']) => {
    for (const { name } of servers) queue.tell({ kind, server: name });
  };
  const checkFolders = async () => {
    watchers.keep(join(context.dir, 'rep'), () => emitAll('files'));
    for (const server of servers) {
      const { info } = await server.find();
      if (info) known.set(info.Id, server.name);
      const view = info && containerView(info, context.owner, server.plan, false);
      const place = filesPlace(context.dir, context.plan, server.plan, view, context.reached.remote);
      const saved = () => queue.tell({ kind: 'files', server: server.name });
      if (place.kind === 'here') watchers.keep(place.data, (name) => void (halfSaved.test(name) || saved()));
      else if (info && (await changed(server.name, stampOf(context.reached.docker, info.Id, place.data)))) saved();
    }
  };
  const serversOf = (event: DockerEvent) => concernedServers(context, servers, known, event);
  void followEvents(context, serversOf, queue.tell, () => emitAll('process'), signal);
  void pollFolders(checkFolders, signal);
  yield* queue.events();
}

/** Runs `check` once a second, never twice at a time. Errors are ignored: `followEvents` notices a missing daemon. */
async function pollFolders(check: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await check().catch(() => undefined);
    await pause(foldersEveryMs, undefined, { signal }).catch(() => undefined); // rejects when `signal` aborts
  }
}

type DockerEvent = {
  readonly Type: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
};

async function followEvents(
  { reached }: DockerContext,
  serversOf: (event: DockerEvent) => Promise<readonly string[]>,
  emit: (event: LabEvent) => void,
  emitAll: () => void,
  signal: AbortSignal,
): Promise<void> {
  const filters = JSON.stringify({ type: ['container', 'network'], event: eventNames });
  while (!signal.aborted) {
    try {
      const stream = await reached.docker.getEvents({ filters, abortSignal: signal });
      emitAll(); // servers may have changed before this stream was open
      for await (const line of linesOf(stream as Readable))
        for (const server of await serversOf(JSON.parse(line))) emit({ kind: 'process', server });
    } catch {
      // The daemon is gone: each look reports it, and this loop waits for its return.
    }
    emitAll();
    await pause(againAfterMs, undefined, { signal }).catch(() => undefined); // rejects when `signal` aborts
  }
}

/** Resolves with the names of the servers that an event is about; with none for containers that are not the lab's. */
async function concernedServers(
  { reached, plan, owner }: DockerContext,
  servers: readonly DockerServer[],
  known: ReadonlyMap<string, string>,
  { Type, Actor }: DockerEvent,
): Promise<readonly string[]> {
  const { name, oldName = '', container } = Actor.Attributes; // container: its id, in network events
  const id = Type === 'network' ? container : Actor.ID;
  const all = servers.map((server) => server.name);
  if (id === undefined) return name === dockerPlan(plan).network ? all : [];
  const server = known.get(id) ?? servers.find((one) => [name, oldName.slice(1)].includes(one.plan.container))?.name;
  if (server) return [server];
  if (Actor.Attributes[labels.helper] !== undefined) return [];
  const info = await inspect(reached.docker, id);
  return info && isTheLabs(owned(info), owner) ? all : []; // a server of the lab under an unknown name
}

/** Docker sends events as JSON, one per line. */
async function* linesOf(stream: Readable): AsyncIterable<string> {
  let rest = '';
  for await (const piece of stream.setEncoding('utf8')) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    yield* lines.filter((line) => line.trim() !== '');
  }
}
