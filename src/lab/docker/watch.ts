/** Reasons to look: what Docker tells of the lab's containers, and files saved where we can watch their folder. When the daemon comes back, everything is one. */
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { createWatchers, eventQueue, halfSaved } from '../files/watch-folders.ts';
import type { LabEvent } from '../lab.ts';
import { containerView, inspect, isTheLabs, labels, owned } from './container.ts';
import { dockerPlan } from './create.ts';
import type { DockerContext } from './lab-context.ts';
import { stampOf } from './server/archive.ts';
import { filesPlace } from './server/data-location.ts';
import type { DockerServer } from './server/server.ts';

const againAfterMs = 250;
const foldersEveryMs = 1000;
const told =
  'create start die stop kill pause unpause destroy rename oom health_status restart connect disconnect'.split(' ');

export async function* watchContainers(
  context: DockerContext,
  servers: readonly DockerServer[],
  signal: AbortSignal,
): AsyncIterable<LabEvent> {
  const queue = eventQueue(signal);
  using watchers = createWatchers();
  const known = new Map<string, string>(); // ids of containers that are or were servers of the lab
  const stamps = new Map<string, string>(); // where a folder cannot be watched, a few cheap calls a second tell
  const changed = async (name: string, stamp: Promise<string>): Promise<boolean> => {
    const before = stamps.get(name);
    stamps.set(name, await stamp);
    return before !== undefined && before !== stamps.get(name);
  };
  const tellAll = (kind: LabEvent['kind']) => {
    for (const { name } of servers) queue.tell({ kind, server: name });
  };
  const folders = async () => {
    watchers.keep(join(context.dir, 'rep'), () => tellAll('files'));
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
  const whose = (event: DockerEvent) => concerned(context, servers, known, event);
  void followEvents(context, whose, queue.tell, () => tellAll('process'), signal);
  void lookAround(folders, signal);
  yield* queue.events();
}

/** Once a second, never two at once. That the daemon is gone the events tell. */
async function lookAround(folders: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await folders().catch(() => undefined);
    await pause(foldersEveryMs, undefined, { signal }).catch(() => undefined); // the end of the watching
  }
}

type DockerEvent = {
  readonly Type: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
};

async function followEvents(
  { reached }: DockerContext,
  whose: (event: DockerEvent) => Promise<readonly string[]>,
  emit: (event: LabEvent) => void,
  tellAll: () => void,
  signal: AbortSignal,
): Promise<void> {
  const filters = JSON.stringify({ type: ['container', 'network'], event: told });
  while (!signal.aborted) {
    try {
      const stream = await reached.docker.getEvents({ filters, abortSignal: signal });
      tellAll(); // it may have changed while nobody listened
      for await (const line of linesOf(stream as Readable))
        for (const server of await whose(JSON.parse(line))) emit({ kind: 'process', server });
    } catch {
      // The daemon is gone; each look says so, and here we wait for its return.
    }
    tellAll();
    await pause(againAfterMs, undefined, { signal }).catch(() => undefined); // the end of the watching
  }
}

/** Names of the servers that it is about; none for other people's containers. */
async function concerned(
  { reached, plan, owner }: DockerContext,
  servers: readonly DockerServer[],
  known: ReadonlyMap<string, string>,
  { Type, Actor }: DockerEvent,
): Promise<readonly string[]> {
  const { name, oldName = '', container } = Actor.Attributes; // container: of a network's event
  const id = Type === 'network' ? container : Actor.ID;
  const all = servers.map((server) => server.name);
  if (id === undefined) return name === dockerPlan(plan).network ? all : [];
  const server = known.get(id) ?? servers.find((one) => [name, oldName.slice(1)].includes(one.plan.container))?.name;
  if (server) return [server];
  if (Actor.Attributes[labels.helper] !== undefined) return [];
  const info = await inspect(reached.docker, id);
  return info && isTheLabs(owned(info), owner) ? all : []; // a server under a name that we do not know
}

/** Events come as JSON, one a line. */
async function* linesOf(stream: Readable): AsyncIterable<string> {
  let rest = '';
  for await (const piece of stream.setEncoding('utf8')) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    yield* lines.filter((line) => line.trim() !== '');
  }
}
