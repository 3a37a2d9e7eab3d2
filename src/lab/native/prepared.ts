/**
 * Prepared states of a native lab: saving the servers' data directories to the cache, and putting the spare in the
 * place of the lab's own.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { removeFiles } from '../files/copy-files.ts';
import { portsOf } from '../plan/kept-ports.ts';
import type { LabPlan } from '../plan/plan.ts';
import type { CachedState } from '../prepared/cache.ts';
import { type PreparedServers, traitsOf } from '../prepared/prepared.ts';
import { copyClusters, fillFolders, openSpare } from '../prepared/spare.ts';
import type { Addresses } from '../prepared/state.ts';
import { ProblemError } from '../problem.ts';
import { startAll, stopAll } from '../running.ts';
import type { ClusterTools } from './data/cluster.ts';
import type { NativeServer } from './server/server.ts';
import { give } from './user/give.ts';
import { makePassage } from './user/server-folder.ts';

export function preparedServers(
  dir: string,
  plan: LabPlan,
  tools: ClusterTools,
  servers: readonly NativeServer[],
  start: (some: readonly NativeServer[]) => Promise<void>,
): PreparedServers {
  const rep = join(dir, 'rep');
  const addresses = (): Addresses => ({ dir, sockets: tools.socketDir, ports: { ...portsOf(plan) } });
  const spare = openSpare(dir, () => {
    const now = addresses();
    const fill = async (cached: CachedState, to: string) => {
      await fillFolders(cached, to, '', now);
      give(join(to, 'rep'), (await tools.user()).owner);
    };
    return { addresses: now, fill };
  });

  return {
    addresses,
    spareKey: spare.spareKey,
    makeSpare: spare.makeSpare,

    async traits() {
      const { owner } = await tools.user();
      const { version } = tools.binaries;
      // Which free user id root's servers have is chosen anew for each lab; a start gives it the files.
      const user = owner ? 'given' : 'own';
      return [version, process.arch, user, plan.host, ...traitsOf(plan)];
    },

    async save(folder) {
      const running: NativeServer[] = [];
      for (const server of servers) if (await server.isRunning()) running.push(server);
      await stopAll(servers);
      const clusters = servers.map(({ data }) => data).filter((data) => existsSync(join(data, 'PG_VERSION')));
      await copyClusters(clusters, '', join(folder, 'rep'));
      await startAll(running);
      return { running: running.map(({ name }) => name), from: addresses() };
    },

    async place({ key, running }) {
      if (existsSync(rep) && readdirSync(rep).length === 0) await removeFiles(rep);
      spare.take(key, rep);
      makePassage(rep, (await tools.user()).owner);
      const wanted = servers.filter(({ name }) => running.includes(name));
      await start(wanted.map((server) => ({ ...server, start: server.launch }))); // `fill` has given the files
      for (const server of wanted)
        if (!(await server.isRunning()))
          throw new ProblemError({ what: `${server.name} did not start.`, fix: `Read ${server.plan.log}.` });
    },

    async clear() {
      for (const server of servers) await server.stop('immediate');
      await spare.remove();
      await removeFiles(rep);
    },
  };
}
