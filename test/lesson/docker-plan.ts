import type { DockerPlan, LabPlan } from '../../src/lab/plan/plan.ts';
import { tutorialSecrets } from '../../src/lab/secrets/secrets.ts';
import { plan } from './plan.ts';

/** The plan of the tests, on Docker. */
export const onDocker = (docker: Partial<DockerPlan> = {}, major = 18): LabPlan => ({
  ...plan,
  engine: 'docker',
  major,
  servers: plan.servers.map((server) => ({
    ...server,
    password: tutorialSecrets.servers[server.name] ?? '',
    container: server.name,
  })),
  replication: { ...plan.replication, password: tutorialSecrets.replication },
  docker: { network: 'rep', image: `postgres:${major}`, storage: 'folder', user: null, ...docker },
});
