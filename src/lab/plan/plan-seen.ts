/** The plan with the real names of the learner's containers: docker compose gives other names than the lessons. */
import type { Observation } from '../observation.ts';
import type { LabPlan } from './plan.ts';

export function planSeen(plan: LabPlan, now: Observation | null): LabPlan {
  if (!plan.docker || !now) return plan;
  const { storage, network } = plan.docker;
  const networks = Object.values(now.servers).flatMap(({ container }) => container?.networks ?? []);
  const actualNetwork = networks.find(({ name }) => isUserDefined(name))?.name ?? network;
  // In a lab with volumes, their names begin with the plan's network.
  const usesActual = !now.network?.there && storage === 'folder';
  return {
    ...plan,
    servers: plan.servers.map((server) => {
      const container = now.servers[server.name]?.container;
      return container ? { ...server, container: container.name } : server;
    }),
    docker: { ...plan.docker, network: usesActual ? actualNetwork : network },
  };
}

/** The built-in networks of Docker and Podman: none of them resolves container names. */
const builtIn: readonly string[] = ['bridge', 'host', 'none', 'podman'];
export const isUserDefined = (network: string): boolean => !builtIn.includes(network);
