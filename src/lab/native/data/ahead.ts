/** Clusters that are made while something else happens, for a goto that plays the solutions. */
import { existsSync, readdirSync, renameSync, rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { quoteLiteral } from '../../../postgres/quote.ts';
import { copyFiles, removeFiles } from '../../files/copy-files.ts';
import type { CommandResult } from '../../lab.ts';
import type { LabPlan, ServerPlan } from '../../plan/plan.ts';
import { newIdentifiers, renameCluster } from '../../prepared/identity.ts';
import { give } from '../user/give.ts';
import { makePassage } from '../user/server-folder.ts';
import { type Ahead, type ClusterTools, completeCluster, runInitdb } from './cluster.ts';

/**
 * Files of a new cluster reach the disk with the next checkpoints, as copied ones do: a machine that goes down before
 * that leaves a lab to be reset. Waiting for them takes a third of the time.
 */
const unsynced = true;

/**
 * Begins to make the clusters of these servers at once: one by initdb, the others as copies of it with a system
 * identifier and a password of their own. Disposing of the result removes those that nobody took.
 */
export function makeAhead(tools: ClusterTools, plan: LabPlan, names: readonly string[]): Ahead {
  const servers = plan.servers.filter(({ name }) => names.includes(name));
  const placeOf = ({ name }: ServerPlan) => join(tools.dir, `.ahead-${process.pid}-${name}`);
  const begun = beginClusters(tools, servers.map(placeOf), servers[0]);
  const finish = async (server: ServerPlan, place: string): Promise<CommandResult> => {
    try {
      const result = await begun;
      const before = server === servers[0] ? '' : passwordOf(server);
      return result.status === 0 ? await completeCluster(tools, plan, server, place, { before, unsynced }) : result;
    } finally {
      give(tools.placeOf(place), (await tools.user()).owner);
    }
  };
  const made = new Map(
    servers.map((server) => {
      const place = placeOf(server);
      const result = finish(server, place);
      result.catch(() => undefined); // whoever takes it gets the error
      return [server.name, { place, result }] as const;
    }),
  );
  return {
    async take(server, data) {
      const found = made.get(server);
      if (!found || isFilled(data)) return undefined;
      made.delete(server);
      const result = await found.result;
      if (result.status !== 0) {
        await removeFiles(found.place);
        return result;
      }
      makePassage(dirname(data), (await tools.user()).owner);
      if (existsSync(data)) rmdirSync(data);
      renameSync(found.place, data);
      return result;
    },
    async [Symbol.asyncDispose]() {
      for (const { place, result } of made.values()) {
        await result.catch(() => undefined);
        await removeFiles(place);
      }
    },
  };
}

/** Resolves with initdb's result; when it succeeded, each place has a cluster. */
async function beginClusters(
  tools: ClusterTools,
  [first, ...others]: readonly string[],
  server: ServerPlan | undefined,
): Promise<CommandResult> {
  if (!first || !server) return { status: 0, stdout: '', stderr: '' };
  const result = await runInitdb(tools, server, first, ['--no-sync']);
  if (result.status !== 0) return result;
  for (const place of others) {
    await copyFiles(first, place);
    renameCluster(place, newIdentifiers());
  }
  return result;
}

const passwordOf = ({ password }: ServerPlan): string => `ALTER ROLE postgres PASSWORD ${quoteLiteral(password)}\n`;

const isFilled = (folder: string): boolean => existsSync(folder) && readdirSync(folder).length > 0;
