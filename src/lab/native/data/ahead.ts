/** Clusters that are made while something else happens, for a goto that plays the solutions. */
import { existsSync, readdirSync, renameSync, rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { removeFiles } from '../../files/copy-files.ts';
import type { LabPlan } from '../../plan/plan.ts';
import { makePassage } from '../user/server-folder.ts';
import { type Ahead, type ClusterTools, makeCluster } from './cluster.ts';

/** Begins to make the clusters of these servers at once. Disposing of the result removes those that nobody took. */
export function makeAhead(tools: ClusterTools, plan: LabPlan, names: readonly string[]): Ahead {
  const made = new Map(
    plan.servers
      .filter(({ name }) => names.includes(name))
      .map((server) => {
        const place = join(tools.dir, `.ahead-${process.pid}-${server.name}`);
        const result = makeCluster(tools, plan, server, place, []);
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

const isFilled = (folder: string): boolean => existsSync(folder) && readdirSync(folder).length > 0;
