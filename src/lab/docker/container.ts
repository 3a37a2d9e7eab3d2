/** Whether a container belongs to the lab, which server it is, and what `docker inspect` says about it. */
import { isAbsolute, join, posix, relative } from 'node:path';
import type Docker from 'dockerode';
import { realFolder } from '../folders/real-folder.ts';
import { dataInside, type LabPlan, mountTarget, portInside, type ServerPlan, volumeName } from '../plan/plan.ts';
import { labels } from '../plan/plan-seen.ts';
import type { ComposeService, ContainerNetwork, ContainerView, ForeignContainer, Mount } from './container-view.ts';

/** How a lab's containers are recognised: by label, by mounts of its folder or volumes, or by ids from the learner. */
export type LabOwner = {
  readonly plan: LabPlan;
  readonly dir: string; // the lab folder, without links in its path
  readonly adopted: () => readonly string[]; // ids (or prefixes of them) of containers that the learner gave to the lab
};

export type Info = Docker.ContainerInspectInfo;
export type Finding = { readonly info?: Info; readonly foreign?: ForeignContainer };

/** Finds this server's container. One with its name that is not the lab's is only reported, as `foreign`. */
export async function findContainer(docker: Docker, owner: LabOwner, server: ServerPlan): Promise<Finding> {
  const named = await inspect(docker, server.container ?? server.name);
  if (named && isTheLabs(owned(named), owner)) return { info: named };
  const info = await searchByOwnership(docker, owner, server);
  return { ...(info ? { info } : {}), ...(named ? { foreign: foreignView(named, owner, server) } : {}) };
}

/** Resolves with undefined when there is no such container. */
export async function inspect(docker: Docker, name: string): Promise<Info | undefined> {
  try {
    return await docker.getContainer(name).inspect();
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/**
 * Finds a container under another name than the plan's, as docker compose makes them: by the workshop's label, by the
 * compose service or by the mount. Running containers come first.
 */
async function searchByOwnership(docker: Docker, owner: LabOwner, server: ServerPlan): Promise<Info | undefined> {
  const others = owner.plan.servers.flatMap(({ name, container }) => (name === server.name ? [] : [`/${container}`]));
  const all = (await docker.listContainers({ all: true })) as readonly Listed[];
  const candidates = all.filter(
    ({ Names, ...listed }) =>
      !Names.some((name) => isPutAside(name) || others.includes(name)) && isTheLabs(listed, owner),
  );
  for (const { Id } of candidates.toSorted((a, b) => Number(b.State === 'running') - Number(a.State === 'running'))) {
    const info = await inspect(docker, Id); // undefined: removed in the meantime
    if (info && isServer(info) && serverOf(info, owner) === server.name) return info;
  }
  return undefined;
}

/** Whether it is the name of a container that an operation has put aside: 'master.before-0007-goto-3'. */
export const isPutAside = (name: string): boolean => /\.before-[\w-]+$/.test(name);

const compose = {
  folder: 'com.docker.compose.project.working_dir',
  files: 'com.docker.compose.project.config_files', // separated by commas; 1.x also has relative paths
  project: 'com.docker.compose.project',
  service: 'com.docker.compose.service',
  version: 'com.docker.compose.version',
  oneOff: 'com.docker.compose.oneoff', // "docker compose run"
} as const;

type Labels = Readonly<Record<string, string>> | null | undefined;
type Mounts = readonly { readonly Name?: string | undefined; readonly Source: string }[];
/** The fields that `docker ps` and `docker inspect` both give. */
type Owned = { readonly Id: string; readonly Labels: Labels; readonly Mounts: Mounts };
type Listed = Owned & { readonly Names: readonly string[]; readonly State: string };

/** A lab label has precedence over mounts: one lab's folder may contain another lab, and labs may share names. */
export function isTheLabs({ Id, Labels, Mounts }: Owned, { plan, dir, adopted }: LabOwner): boolean {
  if (adopted().some((id) => Id.startsWith(id))) return true;
  const lab = Labels?.[labels.lab];
  if (lab !== undefined) return lab === plan.id;
  return (
    isInside(sourceOf(Labels?.[compose.folder] ?? ''), dir) ||
    Mounts.some((mount) => isInside(sourceOf(mount.Source), dir)) ||
    plan.servers.some(({ name }) => mountsVolume(Mounts, plan, name))
  );
}

/** In a lab with volumes, mounting the server's volume means what mounting the lab's folder means in other labs. */
const mountsVolume = (mounts: Mounts, plan: LabPlan, server: string): boolean =>
  plan.docker?.storage === 'volume' && mounts.some(({ Name }) => Name === volumeName(plan, server));

export const owned = ({ Id, Config, Mounts }: Info): Owned => ({ Id, Labels: Config.Labels, Mounts });

const serverOf = ({ Config, Mounts }: Info, { plan, dir }: LabOwner): string | undefined =>
  Config.Labels?.[labels.server] ??
  plan.servers.find(({ name }) => name === Config.Labels?.[compose.service])?.name ??
  plan.servers.find(
    ({ name, data }) =>
      mountsVolume(Mounts, plan, name) || Mounts.some(({ Source }) => isInside(sourceOf(Source), join(dir, data))),
  )?.name;

/**
 * Whether the container runs postgres, directly or through the image's entrypoint. A throw-away container for a base
 * backup mounts the same folder and is no server.
 */
const isServer = ({ Path, Args, Config }: Info): boolean =>
  Config.Labels?.[compose.oneOff]?.toLowerCase() !== 'true' &&
  (isPostgres(Path) || (/entrypoint/.test(Path) && (isPostgres(Args[0] ?? '') || (Args[0] ?? '').startsWith('-'))));
const isPostgres = (program: string): boolean => posix.basename(program) === 'postgres';

/** A mount's source as a path of this machine: links resolved, without Docker Desktop's prefix for host folders. */
function sourceOf(source: string): string {
  const path = source.replace(/^\/(host_mnt|run\/desktop\/mnt\/host)(?=\/)/, '');
  return isAbsolute(path) ? realFolder(path) : path;
}

const isInside = (path: string, dir: string): boolean => {
  const inside = relative(dir, path);
  return path !== '' && !inside.startsWith('..') && !isAbsolute(inside);
};

function foreignView(info: Info, { plan }: LabOwner, server: ServerPlan): ForeignContainer {
  const tutorials = Object.values(info.Mounts).some(({ Source }) => Source === `/${server.data}`);
  return {
    name: info.Name.slice(1),
    id: info.Id.slice(0, 12),
    image: info.Config.Image,
    state: info.State.Status,
    mayBeTheLabs: tutorials && isServer(info) && (majorOf(info) ?? plan.major) === plan.major,
  };
}

/** The caller gives `initialising`, because only the container's log tells it. */
export function containerView(
  info: Info,
  { plan, dir }: LabOwner,
  server: ServerPlan,
  initialising: boolean,
): ContainerView {
  const { State, Config, HostConfig, NetworkSettings } = info;
  const data = dataOf(info, plan.major);
  // Docker's order varies.
  const mounts = info.Mounts.map((one) => mountOf(one, dir)).sort((a, b) => (a.target < b.target ? -1 : 1));
  const mount = mounts
    .filter(({ target }) => data === target || data.startsWith(`${target}/`))
    .sort((a, b) => b.target.length - a.target.length)[0];
  const health = State.Health?.Status;
  const service = composeService(Config.Labels);
  return {
    id: info.Id.slice(0, 12),
    name: info.Name.slice(1),
    image: Config.Image,
    user: Config.User || null,
    ...(service ? { service } : {}),
    major: majorOf(info),
    state: State.Status as ContainerView['state'],
    exitCode: State.Running || State.Status === 'created' ? null : State.ExitCode,
    outOfMemory: State.OOMKilled,
    error: State.Error || null,
    health: health && health !== 'none' ? health : null,
    initialising,
    aliases: aliasesOf(info),
    networks: Object.entries(NetworkSettings.Networks).map(([name, network]) => networkOf(name, network)),
    published: publishedOf(HostConfig.PortBindings, NetworkSettings.Ports),
    lessonsPort: server.port,
    mount: mount ?? null,
    others: mounts.filter((one) => one !== mount),
    data,
    ours: Config.Labels?.[labels.lab] === plan.id,
  };
}

const aliasesOf = ({ Id, NetworkSettings }: Info): readonly string[] => {
  const all = Object.values(NetworkSettings.Networks).flatMap(({ Aliases }) => (Aliases as string[] | null) ?? []);
  return [...new Set(all)].filter((alias) => !Id.startsWith(alias)).sort();
};

const environment = ({ Config }: Info, name: string): string | undefined =>
  Config.Env?.findLast((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);

function majorOf(info: Info): number | null {
  const major = Number.parseInt(environment(info, 'PG_MAJOR') ?? '', 10);
  return Number.isNaN(major) ? null : major;
}

/** PGDATA inside the container. */
const dataOf = (info: Info, major: number): string => environment(info, 'PGDATA') ?? dataInside(majorOf(info) ?? major);

function mountOf({ Type, Name, Source, Destination }: Info['Mounts'][number], dir: string): Mount {
  if (Type === 'volume') return { kind: 'volume', source: Name ?? Source, target: Destination };
  const source = sourceOf(Source);
  const shown = isInside(source, dir) ? { shown: relative(dir, source) } : {};
  return { kind: Type === 'bind' ? 'folder' : 'other', source, target: Destination, ...shown };
}

/** The labels are those of docker-compose 1.x and of the plugin, 2.x. */
function composeService(all: Labels): ComposeService | undefined {
  const label = (name: keyof typeof compose) => all?.[compose[name]] ?? '';
  const [project, service] = [label('project'), label('service')];
  if (project === '' || service === '') return undefined;
  const paths = label('files')
    .split(',')
    .map((file) => posix.resolve(label('folder') || '/', file));
  const program = label('version').startsWith('1.') ? ['docker-compose'] : ['docker', 'compose'];
  const command = [...program, ...paths.flatMap((path) => ['-f', path]), '-p', project];
  return { name: service, file: paths[0] ?? '', command };
}

type NetworkInfo = Info['NetworkSettings']['Networks'][string];
const networkOf = (name: string, { IPAddress, IPPrefixLen, Gateway }: NetworkInfo): ContainerNetwork => ({
  name,
  address: IPAddress || null,
  prefix: IPAddress ? IPPrefixLen : null,
  gateway: Gateway || null,
});

type Bindings = Readonly<Record<string, readonly { HostIp?: string; HostPort?: string }[] | null>> | undefined;

/**
 * The IPv4 ports at which PostgreSQL is published: the actual ones while the container runs (Docker chooses a port
 * where none was requested), else the requested ones.
 */
function publishedOf(requested: Bindings, actual: Bindings): ContainerView['published'] {
  const key = `${portInside}/tcp`;
  const found = actual?.[key]?.length ? actual[key] : requested?.[key];
  const seen = (found ?? []).map(({ HostIp, HostPort }) => ({ host: HostIp || '0.0.0.0', port: Number(HostPort) }));
  return seen.filter(({ host, port }) => port > 0 && !host.includes(':'));
}

/** The data directory in the plan's folder of a server, relative to the lab: 'rep/master_data/18/docker'. */
export const dataInFolder = (server: ServerPlan, major: number): string =>
  join(server.data, relative(mountTarget(major), dataInside(major)));

export const isNotFound = (error: unknown): boolean => (error as { statusCode?: number }).statusCode === 404;

/** The container is not there (404), or it is being removed (409). */
export const isGone = (error: unknown): boolean =>
  isNotFound(error) || (error as { statusCode?: number }).statusCode === 409;
