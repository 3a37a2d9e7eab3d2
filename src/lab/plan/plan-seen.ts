/**
 * What command lines name on Docker: the learner's own containers as `docker inspect` shows them, and the plan for what
 * is not there. docker compose, or a `docker run` by hand, gives other names, mounts, networks and users than the
 * lessons do.
 */
import type { ComposeService, ContainerView, Mount } from '../docker/container-view.ts';
import type { Observation } from '../observation.ts';
import { dataInside, type LabPlan, mountTarget, type ServerPlan, serverPlan, volumeName } from './plan.ts';

/** Of containers and networks. */
export const labels = {
  lab: 'repl-workshop.lab', // value: the plan's id; what the workshop made has it, and what its command lines made
  server: 'repl-workshop.server',
  helper: 'repl-workshop.helper', // value: the plan's id; on the throw-away containers of an operation
} as const;

/** The plan with the containers and the network of an observation. Any plan is one in which nothing was seen. */
export type SeenPlan = LabPlan & {
  readonly seen?: { readonly network: string; readonly containers: Readonly<Record<string, ContainerView>> };
};

export function planSeen(plan: LabPlan, now: Observation | null): SeenPlan {
  if (!plan.docker || !now) return plan;
  const containers = Object.fromEntries(
    Object.values(now.servers).flatMap(({ name, container }) => (container ? [[name, container] as const] : [])),
  );
  const servers = plan.servers.map((server): ServerPlan => {
    const container = containers[server.name];
    const port = container?.published[0]?.port ?? server.port;
    return container ? { ...server, container: container.name, port } : server;
  });
  return { ...plan, servers, seen: { network: networkSeen(plan.docker.network, now), containers } };
}

/** The network of all containers, else the plan's, else one of theirs; the plan's counts first. */
function networkSeen(planned: string, { network, servers }: Observation): string {
  const joined = Object.values(servers).flatMap(({ container }) =>
    container ? [container.networks.map(({ name }) => name).filter(isUserDefined)] : [],
  );
  const all = [planned, ...joined.flat()];
  const shared = joined.length > 0 ? all.find((name) => joined.every((names) => names.includes(name))) : undefined;
  return shared ?? (network?.there ? planned : (joined.flat()[0] ?? planned));
}

/** The built-in networks of Docker and Podman: none of them resolves container names. */
const builtIn: readonly string[] = ['bridge', 'host', 'none', 'podman'];
export const isUserDefined = (network: string): boolean => !builtIn.includes(network);

/** A server's place on Docker. `source`: a folder, relative to the lab where it is inside, or the name of a volume. */
export type DockerPlace = {
  readonly container: string;
  readonly network: string;
  readonly image: string;
  readonly user: string | null; // of the container; null: the image decides
  readonly kind: 'folder' | 'volume';
  readonly source: string;
  readonly target: string; // where the source is mounted
  readonly data: string; // PGDATA in the container
  readonly port: number; // at which the lessons publish it
  readonly isOutside: boolean; // the source is none of the lab's own
  readonly service: ComposeService | undefined;
};

/** Of a plan without Docker, what texts for Docker are filled with before they are left out. */
export function dockerPlace(plan: SeenPlan, name: string): DockerPlace {
  const { docker, major, seen } = plan;
  const server = serverPlan(plan, name);
  const container = seen?.containers[name];
  const { kind, source, target } = (container && mountSeen(plan, name, container)) ?? planned(plan, server);
  return {
    container: server.container ?? name,
    network: seen?.network ?? docker?.network ?? '',
    image: container && (container.major ?? major) === major ? container.image : (docker?.image ?? ''),
    user: container && isUser(container.user) ? container.user : (docker?.user ?? null),
    kind,
    source,
    target,
    data: container?.data ?? dataInside(major),
    port: container?.lessonsPort ?? server.port,
    isOutside: source.startsWith('/') || (kind === 'volume' && source !== volumeName(plan, name)),
    service: container?.service,
  };
}

type Place = Pick<DockerPlace, 'kind' | 'source' | 'target'>;

const planned = (plan: LabPlan, { name, data }: ServerPlan): Place => ({
  kind: plan.docker?.storage === 'volume' ? 'volume' : 'folder',
  source: plan.docker?.storage === 'volume' ? volumeName(plan, name) : data,
  target: mountTarget(plan.major),
});

const beforeMajor18 = '/var/lib/postgresql/data';

/** undefined: the container has no data of its own in a folder or a volume, and a new one gets the plan's. */
function mountSeen(plan: SeenPlan, name: string, { mount, others, data }: ContainerView): Place | undefined {
  // Mounted where images before 18 have their data, the folder is not the data directory: the image refuses it.
  const misplaced = others.find(({ target }) => target === beforeMajor18 && !data.startsWith(beforeMajor18));
  const found = misplaced ? { ...misplaced, target: mountTarget(plan.major) } : mount;
  if (!found || found.kind === 'other' || isAnothers(plan, name, found)) return undefined;
  return { kind: found.kind, source: found.shown ?? found.source, target: found.target };
}

/** Two servers in one data directory destroy it. */
const isAnothers = ({ servers, seen }: SeenPlan, name: string, { source }: Mount): boolean =>
  servers.some(
    (other) =>
      other.name !== name &&
      !source.includes(`${name}_data`) &&
      (source.endsWith(`${other.name}_data`) || seen?.containers[other.name]?.mount?.source === source),
  );

/** A name that the image does not know keeps the container from starting: then the plan's user counts. */
const isUser = (user: string | null): boolean => user === null || /^(\d+(:\d+)?|root|postgres)$/.test(user);

/** The same text for the same words of all commands. */
export const placesKey = (plan: SeenPlan): string =>
  plan.seen ? JSON.stringify(plan.servers.map(({ name, port }) => [port, dockerPlace(plan, name)])) : '';
