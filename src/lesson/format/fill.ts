/** Fills the lab's values into the placeholders of a lesson's texts, and decides which readers a block is for. */
import { type DockerPlan, type LabPlan, reachedInside, serverPlan } from '../../lab/plan/plan.ts';
import { dockerPlace, type SeenPlan } from '../../lab/plan/plan-seen.ts';
import { asUser, mountWord, putAsideWords } from '../docker-words.ts';
import type { Only } from './words.ts';

/** `{{master.port}}` → `5432`. Throws an Error for an unknown placeholder, which the lint shows to the author. */
export const fill = (text: string, plan: SeenPlan): string => filled(text, (name) => valueIn(name, plan));

/** Leaves what only a look at the learner's containers tells: on Docker, names and places of servers. */
export const fillPlanned = (text: string, plan: LabPlan): string =>
  plan.docker ? filled(text, (name) => (isAsPlanned(name) ? valueIn(name, plan) : `{{${name}}}`)) : fill(text, plan);

const filled = (text: string, value: (name: string) => string): string =>
  text.includes('{{') ? text.replace(placeholder, (_, name: string) => value(name.trim())) : text;

export const placeholder = /\{\{([^{}]*)\}\}/g;

function valueIn(name: string, plan: SeenPlan): string {
  if (isWholePlan(name)) return wholePlan[name](plan);
  const [server = '', part = ''] = name.split('.');
  if (name.split('.').length !== 2 || !isServerPart(part))
    throw new Error(`no value for {{${name}}}: known are ${known}`);
  return serverParts[part](plan, server);
}

const wholePlan = {
  host: (plan: SeenPlan) => plan.host,
  user: (plan: SeenPlan) => plan.replication.user,
  password: (plan: SeenPlan) => plan.replication.password,
  application: (plan: SeenPlan) => plan.replication.applicationName,
  major: (plan: SeenPlan) => String(plan.major),
  relay: (plan: SeenPlan) => String(plan.relayPort),
  // The address of the other servers for pg_hba.conf
  near: (plan: SeenPlan) => (plan.docker ? 'samenet' : `${plan.host}/32`),
  network: (plan: SeenPlan) => onDocker(plan)?.network ?? '',
  image: (plan: SeenPlan) => onDocker(plan)?.image ?? '',
  // The user of the containers. The shell fills in the ids, so the command is right for every user who types it.
  'as-me': (plan: SeenPlan) => (plan.docker ? asUser(plan, anyServer(plan)) : ''),
};
const isWholePlan = (name: string): name is keyof typeof wholePlan => Object.hasOwn(wholePlan, name);

/** A server whose container was seen, else the first. */
const anyServer = ({ servers, seen }: SeenPlan): string =>
  (servers.find(({ name }) => seen?.containers[name]) ?? servers[0])?.name ?? '';
const onDocker = (plan: SeenPlan) => (plan.docker ? dockerPlace(plan, anyServer(plan)) : undefined);

const serverParts = {
  database: (plan: SeenPlan, server: string) => serverPlan(plan, server).database,
  password: (plan: SeenPlan, server: string) => serverPlan(plan, server).password,
  port: (plan: SeenPlan, server: string) => String(serverPlan(plan, server).port),
  // The folder of the data, also where a container mounts it from
  data: (plan: SeenPlan, server: string) =>
    plan.docker ? dockerPlace(plan, server).source : serverPlan(plan, server).data,
  // The address for other servers
  host: (plan: SeenPlan, server: string) => reachedInside(plan, server).host,
  inside: (plan: SeenPlan, server: string) => String(reachedInside(plan, server).port),
  container: (plan: SeenPlan, server: string) => serverPlan(plan, server).container ?? server,
  mount: mountWord, // the argument of `docker run -v`
  folder: (plan: SeenPlan, server: string) => dockerPlace(plan, server).data, // PGDATA in the container
  aside: (plan: SeenPlan, server: string) => putAsideWords(plan, server), // commands that free the place of the data
  files: filesOf,
  log: (plan: SeenPlan, server: string) => {
    const { container, log } = serverPlan(plan, server);
    return container === undefined ? log : `docker logs ${container}`;
  },
} satisfies Readonly<Record<string, (plan: SeenPlan, server: string) => string>>;
const isServerPart = (part: string): part is keyof typeof serverParts => Object.hasOwn(serverParts, part);

const isAsPlanned = (name: string): boolean =>
  /^(host|user|password|application|major|relay|near)$|\.(database|password)$/.test(name);

/**
 * The data directory as verdicts name it: 'rep/master_data/18/docker', or 'master:/var/lib/postgresql/18/docker' where
 * it is in a volume.
 */
function filesOf(plan: SeenPlan, server: string): string {
  if (!plan.docker) return serverPlan(plan, server).data;
  const { kind, source, target, data } = dockerPlace(plan, server);
  return kind === 'volume' ? `${server}:${data}` : `${source}${data.slice(target.length)}`;
}

const known = [...Object.keys(wholePlan), ...Object.keys(serverParts).map((part) => `master.${part}`)]
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
