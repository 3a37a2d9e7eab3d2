/** The ports of a state that was put aside. A lab that lost its ports while it was empty has others by now. */
import { readLab, saveLab } from '../folder.ts';
import type { LabPlan } from './plan.ts';

export const portsOf = ({ servers }: LabPlan): Readonly<Record<string, number>> =>
  Object.fromEntries(servers.map(({ name, port }) => [name, port]));

/** The state that comes back has the ports of its own time, in its files and in what was said of them. To be called under the deed lock. */
export function planPorts(dir: string, ports: Readonly<Record<string, number>>): void {
  const file = readLab(dir);
  if (!file) return;
  const servers = file.plan.servers.map((server) => ({ ...server, port: ports[server.name] ?? server.port }));
  if (servers.some(({ port }, at) => port !== file.plan.servers[at]?.port))
    saveLab(dir, { ...file, plan: { ...file.plan, servers } });
}
