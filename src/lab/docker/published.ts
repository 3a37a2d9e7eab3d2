/** The ports at which containers publish the lab's servers that are there already. */
import type { LabPlan } from '../plan/plan.ts';
import type { Reached } from './connect/reach.ts';
import { containerView, findContainer, inspect } from './container.ts';

/** By server. A container that the learner will be asked about counts: its port is taken by nobody else. */
export async function publishedPorts(
  dir: string,
  plan: LabPlan,
  { docker }: Reached,
  adopted: () => readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const owner = { plan, dir, adopted };
  const ports = new Map<string, number>();
  for (const server of plan.servers) {
    const { info, foreign } = await findContainer(docker, owner, server);
    const found = info ?? (foreign?.mayBeTheLabs ? await inspect(docker, foreign.id) : undefined);
    const port = found && containerView(found, owner, server, false).published[0]?.port;
    if (port !== undefined) ports.set(server.name, port);
  }
  return ports;
}
