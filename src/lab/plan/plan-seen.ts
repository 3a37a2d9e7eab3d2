/** The plan with the names that the learner's containers really have: docker compose gives others than the lessons do. */
import type { Observation } from '../observation.ts';
import type { LabPlan } from './plan.ts';

export function planSeen(plan: LabPlan, now: Observation | null): LabPlan {
  if (!plan.docker || !now) return plan;
  const { storage, network } = plan.docker;
  const networks = Object.values(now.servers).flatMap(({ container }) => container?.networks ?? []);
  const theirs = networks.find(({ name }) => isUserDefined(name))?.name ?? network;
  // In a lab that keeps its data in volumes, their names begin with the network's.
  const isTheirs = !now.network?.there && storage === 'folder';
  return {
    ...plan,
    servers: plan.servers.map((server) => {
      const container = now.servers[server.name]?.container;
      return container ? { ...server, container: container.name } : server;
    }),
    docker: { ...plan.docker, network: isTheirs ? theirs : network },
  };
}

/** Docker's own networks, and Podman's: in none of them has a container a name. */
const builtIn: readonly string[] = ['bridge', 'host', 'none', 'podman'];
export const isUserDefined = (network: string): boolean => !builtIn.includes(network);
