/** Fills the lab's values into the placeholders of a lesson's texts, and decides which readers a block is for. */
import {
  type DockerPlan,
  dataInside,
  type LabPlan,
  mountTarget,
  reachedInside,
  serverPlan,
  volumeName,
} from '../../lab/plan/plan.ts';
import type { Only } from './words.ts';

/** `{{master.port}}` → `5432`. Throws an Error for an unknown placeholder, which the lint shows to the author. */
export function fill(text: string, plan: LabPlan): string {
  if (!text.includes('{{')) return text;
  return text.replace(placeholder, (_, name: string) => valueIn(name.trim(), plan));
}

export const placeholder = /\{\{([^{}]*)\}\}/g;

function valueIn(name: string, plan: LabPlan): string {
  if (isWholePlan(name)) return wholePlan[name](plan);
  const [server = '', part = ''] = name.split('.');
  if (name.split('.').length === 2 && isReached(part)) return reached[part](plan, server);
  if (!isServerPart(part) || name.split('.').length !== 2)
    throw new Error(`no value for {{${name}}}: known are ${known}`);
  return String(serverPlan(plan, server)[part]);
}

const wholePlan = {
  host: (plan: LabPlan) => plan.host,
  user: (plan: LabPlan) => plan.replication.user,
  password: (plan: LabPlan) => plan.replication.password,
  application: (plan: LabPlan) => plan.replication.applicationName,
  major: (plan: LabPlan) => String(plan.major),
  relay: (plan: LabPlan) => String(plan.relayPort),
  // The address of the other servers for pg_hba.conf
  near: (plan: LabPlan) => (plan.docker ? 'samenet' : `${plan.host}/32`),
  network: (plan: LabPlan) => plan.docker?.network ?? '',
  image: (plan: LabPlan) => plan.docker?.image ?? '',
  // The user of the containers. The shell fills in the ids, so the command is right for every user who types it.
  'as-me': (plan: LabPlan) => (plan.docker?.user == null ? '' : '--user "$(id -u):$(id -g)" '),
};
const isWholePlan = (name: string): name is keyof typeof wholePlan => Object.hasOwn(wholePlan, name);

const serverParts = ['port', 'data', 'database', 'password'] as const;
const isServerPart = (part: string): part is (typeof serverParts)[number] =>
  (serverParts as readonly string[]).includes(part);

/** Values of a server that differ between engines: its address for other servers, its log, and its data on Docker. */
const reached = {
  host: (plan: LabPlan, server: string) => reachedInside(plan, server).host,
  inside: (plan: LabPlan, server: string) => String(reachedInside(plan, server).port),
  container: (plan: LabPlan, server: string) => serverPlan(plan, server).container ?? server,
  mount: mountOf, // the argument of `docker run -v`
  folder: (plan: LabPlan) => dataInside(plan.major), // PGDATA in the container
  volume: volumeName,
  files: filesOf,
  log: (plan: LabPlan, server: string) => {
    const { container, log } = serverPlan(plan, server);
    return container === undefined ? log : `docker logs ${container}`;
  },
};
const isReached = (part: string): part is keyof typeof reached => Object.hasOwn(reached, part);

/** '"$PWD/rep/master_data":/var/lib/postgresql' */
function mountOf(plan: LabPlan, server: string): string {
  const source =
    plan.docker?.storage === 'volume' ? volumeName(plan, server) : `"$PWD/${serverPlan(plan, server).data}"`;
  return `${source}:${mountTarget(plan.major)}`;
}

/**
 * The data directory as verdicts name it: 'rep/master_data/18/docker', or 'master:/var/lib/postgresql/18/docker' where
 * it is in a volume.
 */
function filesOf(plan: LabPlan, server: string): string {
  const { data } = serverPlan(plan, server);
  if (!plan.docker) return data;
  const inside = dataInside(plan.major);
  return plan.docker.storage === 'volume'
    ? `${server}:${inside}`
    : `${data}${inside.slice(mountTarget(plan.major).length)}`;
}

const known = [...Object.keys(wholePlan), ...[...serverParts, ...Object.keys(reached)].map((part) => `master.${part}`)]
  .map((name) => `{{${name}}}`)
  .join(', ');

/** What a lesson may depend on: engine, storage and major version of the lab, and whether the workshop runs as root. */
export type Reader = {
  readonly engine: LabPlan['engine'];
  readonly storage?: DockerPlan['storage'] | undefined;
  readonly major: number;
  readonly root: boolean;
};

export const readerOf = ({ engine, major, docker }: LabPlan, root: boolean): Reader => ({
  engine,
  storage: docker?.storage,
  major,
  root,
});

export function isFor(only: Only | undefined, { engine, storage, major, root }: Reader): boolean {
  const [from, to] = only?.pg ?? [null, null];
  return (
    (only?.engine ?? engine) === engine &&
    (only?.storage ?? storage) === storage &&
    (only?.root ?? root) === root &&
    major >= (from ?? major) &&
    major <= (to ?? major)
  );
}
