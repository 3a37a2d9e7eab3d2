/**
 * Prepared states of a native lab: saving the servers' data directories to the cache, the spare that stands ready in
 * the lab's folder, and putting it in the place of the lab's own.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { copyFiles, removeFiles } from '../../files/copy-files.ts';
import { run } from '../../machine/run.ts';
import { portsOf } from '../../plan/kept-ports.ts';
import type { LabPlan } from '../../plan/plan.ts';
import type { CachedState } from '../../prepared/cache.ts';
import type { PreparedServers } from '../../prepared/prepared.ts';
import { type Addresses, readPrepared, writePrepared } from '../../prepared/state.ts';
import { ProblemError } from '../../problem.ts';
import { secretsOf } from '../../secrets/secrets.ts';
import type { ClusterTools } from '../data/cluster.ts';
import type { NativeServer } from '../server/server.ts';
import { makePassage } from '../user/server-folder.ts';
import { settle } from './settle.ts';
import { trimWal } from './trim-wal.ts';

/** The folder of the spare in a lab, and the pattern of its name before it is complete: the maker's pid. */
export const spareFolder = '.spare';
const makingOf = (dir: string): string => join(dir, `${spareFolder}-${process.pid}`);

export function preparedServers(
  dir: string,
  plan: LabPlan,
  tools: ClusterTools,
  servers: readonly NativeServer[],
): PreparedServers {
  const spare = join(dir, spareFolder);
  const addresses = (): Addresses => ({ dir, sockets: tools.socketDir, ports: { ...portsOf(plan) } });

  return {
    addresses,

    async traits() {
      const { owner } = await tools.user();
      const secrets = createHash('sha256').update(secretsOf(plan).join('\n')).digest('hex');
      const { user, applicationName } = plan.replication;
      const names = plan.servers.map(({ name, data, database }) => [name, data, database]);
      return [
        tools.binaries.version,
        process.arch,
        owner?.uid ?? process.getuid?.() ?? 0,
        plan.host,
        secrets,
        user,
        applicationName,
        names,
      ];
    },

    async save(folder) {
      const running: NativeServer[] = [];
      for (const server of servers) if (await server.isRunning()) running.push(server);
      for (const server of servers) await server.stop('fast'); // the primary first: then the standby has all WAL
      mkdirSync(join(folder, 'rep'));
      for (const { data } of servers) {
        if (!existsSync(join(data, 'PG_VERSION'))) continue;
        const copy = join(folder, 'rep', basename(data));
        await copyFiles(data, copy);
        trimWal(copy);
      }
      await startInOrder(running);
      return { running: running.map(({ name }) => name), from: addresses() };
    },

    spareKey() {
      const state = readPrepared(spare);
      return state && isSame(state.from, addresses()) ? state.key : undefined;
    },

    async makeSpare(cached, inTurn = (exchange) => exchange()) {
      const making = makingOf(dir);
      await removeFiles(making);
      mkdirSync(making, { mode: 0o700 });
      await copyOut(cached, making);
      settle(join(making, 'rep'), cached.state.from, addresses());
      writePrepared(making, { ...cached.state, from: addresses() });
      await inTurn(async () => {
        await removeFiles(spare);
        renameSync(making, spare);
      });
    },

    async place({ key, running }) {
      if (this.spareKey() !== key) throw new Error(`the spare is not of ${key}`);
      const rep = join(dir, 'rep');
      if (existsSync(rep) && readdirSync(rep).length === 0) await removeFiles(rep);
      rmSync(join(spare, 'state.json')); // from here on it is no spare
      renameSync(join(spare, 'rep'), rep);
      rmSync(spare, { recursive: true });
      makePassage(rep, (await tools.user()).owner);
      await startInOrder(servers.filter(({ name }) => running.includes(name)));
    },

    async clear() {
      for (const server of servers) await server.stop('immediate');
      for (const path of [spare, join(dir, 'rep')]) await removeFiles(path);
    },
  };
}

/** Whether the state was settled for these addresses. */
const isSame = (a: Addresses, b: Addresses): boolean =>
  a.dir === b.dir && a.sockets === b.sockets && Object.entries(b.ports).every(([name, port]) => a.ports[name] === port);

/** A standby that starts before its primary waits for `wal_retrieve_retry_interval`. */
async function startInOrder(servers: readonly NativeServer[]): Promise<void> {
  const isStandby = ({ data }: NativeServer) => existsSync(join(data, 'standby.signal'));
  for (const standbys of [false, true])
    await Promise.all(servers.filter((server) => isStandby(server) === standbys).map((server) => started(server)));
}

async function started(server: NativeServer): Promise<void> {
  await server.start();
  if (await server.isRunning()) return;
  throw new ProblemError({ what: `${server.name} did not start.`, fix: `Read ${server.plan.log}.` });
}

/** Nobody else can change the source or the target, so the walk of `copyFiles` is not needed here. */
async function copyOut({ folder }: CachedState, to: string): Promise<void> {
  const shared = process.platform === 'linux' ? ['--reflink=auto', '--sparse=never'] : [];
  const { status, stderr } = await run({ command: 'cp', args: ['-a', ...shared, join(folder, 'rep'), to] });
  if (status === 0) return;
  await removeFiles(to);
  throw new ProblemError({
    what: `The copy of a prepared state to ${to} failed: ${stderr.trim().split('\n')[0]}`,
    fix: 'Make room on the disk, then try again.',
  });
}
