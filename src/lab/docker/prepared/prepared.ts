/**
 * Prepared states of a Docker lab. Its containers are made anew for each state, as the lessons make them: those of the
 * state before are put aside with it. The files are folders, as those of a native lab, where this user may read and
 * write them; else archives.
 */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { removeFiles } from '../../files/copy-files.ts';
import { makeFolder } from '../../folders/make-folder.ts';
import { dataInside, mountTarget } from '../../plan/plan.ts';
import { type PreparedServers, traitsOf } from '../../prepared/prepared.ts';
import { copyClusters, fillFolders, openSpare, spareFolder } from '../../prepared/spare.ts';
import type { Addresses, PreparedState } from '../../prepared/state.ts';
import { ProblemError } from '../../problem.ts';
import { isNotFound } from '../container.ts';
import { createContainer, dockerPlan, hasNetwork, needNetwork, removeNetwork } from '../create.ts';
import type { DockerContext } from '../lab-context.ts';
import { type DockerServer, ignoreDockerError } from '../server/server.ts';
import { type Mounted, saveArchive, settleArchives, unpackArchive } from './archives.ts';

/** undefined: the folders of the lab are another machine's than the daemon's. */
export function preparedContainers(
  context: DockerContext,
  servers: readonly DockerServer[],
  remove: (path: string) => Promise<void>,
): PreparedServers | undefined {
  const { reached, dir, plan } = context;
  const { docker } = reached;
  const { image, storage, user } = dockerPlan(plan);
  if (storage === 'folder' && reached.remote) return undefined;
  const uid = process.getuid?.() ?? 0;
  const form = storage === 'folder' && (uid === 0 || user?.startsWith(`${uid}:`)) ? 'folders' : 'archives';
  const rep = join(dir, 'rep');
  const target = mountTarget(plan.major);
  const mounted: Mounted = { target, within: relative(target, dataInside(plan.major)) };
  const hosts = Object.fromEntries(plan.servers.map(({ name, container }) => [name, container ?? name]));
  const addresses: Addresses = { dir, sockets: null, ports: {}, hosts };
  const spare = openSpare(dir, () => ({
    addresses,
    async fill(cached, to) {
      if (form === 'folders') return fillFolders(cached, to, mounted.within, addresses);
      const [source, made] = [join(cached.folder, 'rep'), join(to, 'rep')];
      mkdirSync(made);
      const files = readdirSync(source).map((name) => ({ from: join(source, name), to: join(made, name) }));
      await settleArchives(files, mounted, cached.state.from, addresses);
    },
  }));
  const made = (names: readonly string[] = []) => servers.filter(({ name }) => names.includes(name));

  const placeFolders = async (state: PreparedState) => {
    if (existsSync(rep) && readdirSync(rep).length === 0) await removeFiles(rep);
    spare.take(state.key, rep);
    await Promise.all(made(state.containers).map((server) => createContainer(docker, dir, plan, server.plan)));
  };
  const placeArchives = async (state: PreparedState) => {
    const archives = join(dir, `${spareFolder}-${process.pid}`); // the name of what killed programs leave
    await removeFiles(archives);
    spare.take(state.key, archives);
    const place = async (server: DockerServer) => {
      await createContainer(docker, dir, plan, server.plan);
      const file = join(archives, `${server.name}.tar`);
      if (existsSync(file)) await unpackArchive(docker, server.plan.container ?? server.name, file, mounted);
    };
    await Promise.all(made(state.containers).map(place)).catch((error: unknown) => notUnpacked(error));
    await removeFiles(archives);
  };

  return {
    addresses: () => addresses,
    spareKey: spare.spareKey,
    makeSpare: spare.makeSpare,

    async traits() {
      const id = await docker
        .getImage(image)
        .inspect()
        .then(({ Id }) => Id)
        .catch((error: unknown) => (isNotFound(error) ? null : Promise.reject(error)));
      return [id, form, storage, user, ...traitsOf(plan)];
    },

    async save(folder) {
      const found = await Promise.all(servers.map(async (server) => ({ server, info: (await server.find()).info })));
      const there = found.flatMap(({ server, info }) => (info ? [{ server, info }] : []));
      const standbys = new Set<DockerServer>();
      for (const { server } of there) if ((await server.readFile('standby.signal')) !== undefined) standbys.add(server);
      const inOrder = there.toSorted((a, b) => Number(standbys.has(a.server)) - Number(standbys.has(b.server)));
      const running = inOrder.filter(({ info }) => info.State.Running).map(({ server }) => server);
      for (const { server } of inOrder) await server.stop('fast'); // the primary first: then the standby has all WAL
      const saved = join(folder, 'rep');
      const isCluster = ({ data }: DockerServer['plan']) => existsSync(join(dir, data, mounted.within, 'PG_VERSION'));
      if (form === 'folders')
        await copyClusters(
          plan.servers.filter(isCluster).map(({ data }) => join(dir, data)),
          mounted.within,
          saved,
        );
      else {
        mkdirSync(saved);
        for (const { server, info } of there)
          await saveArchive(docker, info.Id, mounted, join(saved, `${server.name}.tar`));
      }
      await startInOrder(context, running);
      return {
        running: running.map(({ name }) => name),
        containers: there.map(({ server }) => server.name),
        network: await hasNetwork(docker, plan),
        from: addresses,
      };
    },

    async place(state) {
      await (state.network ? needNetwork : removeNetwork)(docker, plan);
      await (form === 'folders' ? placeFolders : placeArchives)(state);
      await startInOrder(
        context,
        state.running.flatMap((name) => made([name])),
      );
    },

    async clear() {
      for (const server of servers) {
        await server.stop('immediate');
        const { info } = await server.find();
        if (storage === 'volume') await server.remove();
        else if (info) await docker.getContainer(info.Id).remove({ force: true, v: true });
      }
      await spare.remove();
      await remove(rep);
      makeFolder(rep);
    },
  };
}

/**
 * A primary is up by the time that Docker has started the container of its standby. A standby that is earlier logs that
 * it cannot reach it.
 */
async function startInOrder({ reached }: DockerContext, servers: readonly DockerServer[]): Promise<void> {
  const nameOf = ({ plan }: DockerServer) => plan.container ?? plan.name;
  for (const server of servers) await reached.docker.getContainer(nameOf(server)).start().catch(ignoreDockerError);
  await Promise.all(servers.map((server) => server.start()));
  for (const server of servers)
    if (!(await server.isRunning()))
      throw new ProblemError({
        what: `${server.name} did not start.`,
        fix: `Read docker logs ${nameOf(server)}.`,
      });
}

function notUnpacked(error: unknown): never {
  const { statusCode, json } = error as { statusCode?: number; json?: { message?: string } };
  if (statusCode === undefined) throw error;
  throw new ProblemError({
    what: `Docker could not unpack a prepared state: ${json?.message ?? String(error)}`,
    fix: 'Make room on the disk of the Docker daemon, then try again.',
  });
}
