import type { DockerPlan, LabPlan } from '../../src/lab/plan.ts';
import { plan } from './plan.ts';

/** The same lab on Docker. */
export const onDocker = (docker: Partial<DockerPlan> = {}, major = 18): LabPlan => ({
  ...plan,
  engine: 'docker',
  major,
  servers: plan.servers.map((server) => ({ ...server, container: server.name })),
  docker: { network: 'rep', image: `postgres:${major}`, storage: 'folder', user: null, ...docker },
});
