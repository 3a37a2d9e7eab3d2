import type { LabPlan } from '../../src/lab/plan.ts';

const server = (name: string, port: number) => ({
  name,
  port,
  data: `rep/${name}_data`,
  log: `logs/${name}.log`,
  database: name,
  password: `${name}_pass`,
});

/** The lab of the tutorial, as a new one has it. */
export const plan: LabPlan = {
  id: 'test',
  engine: 'native',
  major: 18,
  host: '127.0.0.1',
  servers: [server('master', 5432), server('slave', 5433)],
  replication: { user: 'slave', password: 'slave_pass', applicationName: 'slave1' },
  relayPort: 5439,
};
