/** The plan of a lab: which servers it is to have, and how each is reached. Kept in `lab.json`. */
export type EngineId = 'docker' | 'native';

export type ServerPlan = {
  readonly name: string; // 'master', 'slave'
  readonly port: number;
  readonly data: string; // data directory, relative to the lab folder: 'rep/master_data'
  readonly log: string; // 'logs/master.log'
  readonly database: string; // created by our initdb: 'master'
  readonly password: string; // of the superuser postgres, as the tutorial has it: 'master_pass'
  readonly container?: string; // Docker: the container's name, and so its host name for the others: 'master'
};

/** What a lab on Docker needs besides. */
export type DockerPlan = {
  readonly network: string; // user-defined: in it containers find each other by name
  readonly image: string; // 'postgres:18'
  readonly storage: 'folder' | 'volume'; // data in folders of the lab, or in named volumes (a daemon that does not see the lab's folder)
  readonly user: string | null; // '1000:1000': as whom the servers run, so that their files are the learner's; null: as the image says
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
  readonly docker?: DockerPlan;
};

export const serverPlan = (plan: LabPlan, name: string): ServerPlan => {
  const found = plan.servers.find((server) => server.name === name);
  if (!found) throw new Error(`no server "${name}" in the plan of this lab`);
  return found;
};

/** Of which a new lab is, unless another is asked for. */
export const newestMajor = 18;

/** Inside a container every server listens on this port. */
export const portInside = 5432;

/** How the other servers reach a server: a container by its name, a process by its port on this machine. */
export function reachedInside(plan: LabPlan, name: string): { readonly host: string; readonly port: number } {
  const { container, port } = serverPlan(plan, name);
  return container === undefined ? { host: plan.host, port } : { host: container, port: portInside };
}

/** Of a lab that keeps data in named volumes. */
export const volumeName = (plan: LabPlan, name: string): string => `${plan.docker?.network ?? plan.id}_${name}_data`;

/** Where the image keeps a data directory, and what is mounted there: since 18 the image has a folder of each major. */
export const mountTarget = (major: number): string =>
  major >= 18 ? '/var/lib/postgresql' : '/var/lib/postgresql/data';
export const dataInside = (major: number): string =>
  major >= 18 ? `/var/lib/postgresql/${major}/docker` : '/var/lib/postgresql/data';
