/** Restores the ports of a state that was put aside: a lab that lost its ports meanwhile has other ones in its plan. */
import { readLab, saveLab } from '../folder.ts';
import type { LabPlan } from './plan.ts';

export const portsOf = ({ servers }: LabPlan): Readonly<Record<string, number>> =>
  Object.fromEntries(servers.map(({ name, port }) => [name, port]));

/**
 * The restored state has its former ports in its files, and lab.json gets the same. Call it under the operation lock.
 */
export function planPorts(dir: string, ports: Readonly<Record<string, number>>): void {
  const file = readLab(dir);
  if (!file) return;
  const servers = file.plan.servers.map((server) => ({ ...server, port: ports[server.name] ?? server.port }));
  if (servers.some(({ port }, at) => port !== file.plan.servers[at]?.port))
    saveLab(dir, { ...file, plan: { ...file.plan, servers } });
}
