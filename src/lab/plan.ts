/** The plan of a lab: which servers it is to have, and how each is reached. Kept in `lab.json`. */
export type EngineId = 'docker' | 'native';

export type ServerPlan = {
  readonly name: string; // 'master', 'slave'
  readonly port: number;
  readonly data: string; // data directory, relative to the lab folder: 'rep/master_data'
  readonly log: string; // 'logs/master.log'
  readonly database: string; // created by our initdb: 'master'
  readonly password: string; // of the superuser postgres, as the tutorial has it: 'master_pass'
};

export type LabPlan = {
  readonly id: string; // random; marks what belongs to this lab
  readonly engine: EngineId;
  readonly major: number; // 18
  readonly host: string; // the servers listen here: '127.0.0.1'
  readonly servers: readonly ServerPlan[]; // the first is the primary of the tutorial
  readonly replication: {
    readonly user: string;
    readonly password: string;
    readonly applicationName: string;
  }; // slave, slave_pass, slave1
  readonly relayPort: number; // `measure` puts a relay here, between the servers
};

export const serverPlan = (plan: LabPlan, name: string): ServerPlan => {
  const found = plan.servers.find((server) => server.name === name);
  if (!found) throw new Error(`no server "${name}" in the plan of this lab`);
  return found;
};
