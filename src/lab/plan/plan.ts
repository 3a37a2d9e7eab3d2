/** The plan of a lab: its servers, and how to reach each. Stored in `lab.json`. */
import * as v from 'valibot';
import { count, ipAddress, listOf, port, shape, text } from '../store/json.ts';

const engineId = v.picklist(['docker', 'native']);
export type EngineId = v.InferOutput<typeof engineId>;

const name = v.pipe(text, v.regex(/^[A-Za-z0-9_][\w.-]*$/, 'a name'));
const inside = v.pipe(
  text,
  v.check((path) => path.split('/').every((part) => /^(?!\.\.?$).{1,200}$/s.test(part)), 'a path inside the lab'),
  v.maxLength(1000, 'a path inside the lab'),
);

const server = shape({
  name, // 'master', 'slave'
  port,
  data: inside, // data directory, relative to the lab folder: 'rep/master_data'
  log: inside, // 'logs/master.log'
  database: text, // the database that the lab's initdb creates: 'master'
  password: text, // of the superuser postgres: 'master_x4hq9tbn', on Docker the tutorial's 'master_pass'
  container: v.exactOptional(name), // Docker: the container's name, which is its host name for the others: 'master'
});
export type ServerPlan = v.InferOutput<typeof server>;

/** The additional fields of a lab on Docker. */
const docker = shape({
  network: name, // user-defined, so that containers find each other by name
  image: text, // 'postgres:18'
  /** Data in folders of the lab, or in named volumes (for a daemon that does not see the lab's folder). */
  storage: v.picklist(['folder', 'volume']),
  /** The servers run as this user, '1000:1000', so that their files are the learner's; null: the image decides. */
  user: v.nullable(text),
});
export type DockerPlan = v.InferOutput<typeof docker>;

const plan = shape({
  id: name, // random; marks what belongs to this lab
  engine: engineId,
  major: count, // 18
  host: ipAddress, // the address on which the servers listen: '127.0.0.1'
  servers: listOf(server), // the first is the primary of the tutorial
  /** slave, slave_x4hq9tbn (on Docker slave_pass), slave1. */
  replication: shape({ user: text, password: text, applicationName: text }),
  relayPort: port, // `measure` starts a relay between the servers here
  docker: v.exactOptional(docker),
});
export type LabPlan = v.InferOutput<typeof plan>;

/** Every lesson needs these servers. */
const requiredServers = ['master', 'slave'];

export const labPlan: v.GenericSchema<unknown, LabPlan> = v.pipe(
  plan,
  v.check(
    ({ servers }) => requiredServers.every((one) => hasServer(servers, one)),
    `the servers ${requiredServers.join(' and ')}`,
  ),
  v.check(
    ({ servers }) => new Set(servers.map((one) => one.name)).size === servers.length,
    'servers of different names',
  ),
  v.check(
    (one) =>
      one.engine === 'native' ||
      (one.docker !== undefined && one.servers.every((each) => each.container !== undefined)),
    'a plan for Docker',
  ),
);

export const hasServer = (servers: readonly ServerPlan[], wanted: string): boolean =>
  servers.some((one) => one.name === wanted);

export const serverPlan = (plan: LabPlan, name: string): ServerPlan => {
  const found = plan.servers.find((server) => server.name === name);
  if (!found) throw new Error(`no server "${name}" in the plan of this lab`);
  return found;
};

/** The major of a new lab, unless another is requested. */
export const newestMajor = 18;

/** The port of every server inside its container. */
export const portInside = 5432;

/** How the other servers reach a server: a container by its name, a process by its port on this machine. */
export function reachedInside(plan: LabPlan, name: string): { readonly host: string; readonly port: number } {
  const { container, port } = serverPlan(plan, name);
  return container === undefined ? { host: plan.host, port } : { host: container, port: portInside };
}

/** The volume of a server's data in a lab that uses named volumes. */
export const volumeName = (plan: LabPlan, name: string): string => `${plan.docker?.network ?? plan.id}_${name}_data`;

/** Where the image has a data directory, and which folder is mounted: since 18 the image has one folder per major. */
export const mountTarget = (major: number): string =>
  major >= 18 ? '/var/lib/postgresql' : '/var/lib/postgresql/data';
export const dataInside = (major: number): string =>
  major >= 18 ? `/var/lib/postgresql/${major}/docker` : '/var/lib/postgresql/data';
