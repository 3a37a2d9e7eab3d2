import type { LabPlan } from '../../src/lab/plan/plan.ts';
import type { Secrets } from '../../src/lab/secrets/secrets.ts';

/** Passwords in the shape of a new lab's, but constant. */
export const secrets = {
  servers: { master: 'master_k7m3wq9d', slave: 'slave_t5xn8hc2' },
  replication: 'slave_x4hq9tbn',
} as const satisfies Secrets;

const server = (name: 'master' | 'slave', port: number) => ({
  name,
  port,
  data: `rep/${name}_data`,
  log: `logs/${name}.log`,
  database: name,
  password: secrets.servers[name],
});

/** The plan of a new lab with the tutorial's two servers. */
export const plan: LabPlan = {
  id: 'test',
  engine: 'native',
  major: 18,
  host: '127.0.0.1',
  servers: [server('master', 5432), server('slave', 5433)],
  replication: { user: 'slave', password: secrets.replication, applicationName: 'slave1' },
  relayPort: 5439,
};
