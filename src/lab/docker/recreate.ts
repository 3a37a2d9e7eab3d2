/** Containers in backups: put aside under another name, and brought back, or made again from their description. */
import type Docker from 'dockerode';
import * as v from 'valibot';
import { readLab, saveLab } from '../folder.ts';
import { until } from '../machine/until.ts';
import { ProblemError } from '../problem.ts';
import { recordOf, shape, text } from '../store/json.ts';
import { type Info, inspect, isGone, isPutAside } from './container.ts';
import { networkOf } from './create.ts';
import type { DockerContext } from './lab-context.ts';

export const recordedJson = shape({
  id: text,
  name: text,
  // The daemon itself validates these options.
  make: recordOf(v.unknown()) as v.GenericSchema<unknown, Docker.ContainerCreateOptions>,
  networks: recordOf(recordOf(v.unknown()) as v.GenericSchema<unknown, Docker.EndpointSettings>),
});
export type Recorded = v.InferOutput<typeof recordedJson>;

const removalDeadlineMs = 30_000;

/** The fields of a container's configuration that the types of dockerode lack. */
type Config = Info['Config'] & {
  readonly StopSignal?: string;
  readonly StopTimeout?: number;
  readonly Healthcheck?: Docker.HealthConfig;
};

/** The container as it was requested. Docker chooses its address again, and a host name that nobody has chosen. */
export function describeContainer({ Id, Name, Config, HostConfig, NetworkSettings }: Info): Recorded {
  const { Image, Env, Cmd, Entrypoint, User, Labels, ExposedPorts, Volumes, Tty, OpenStdin, WorkingDir } = Config;
  const { StopSignal, StopTimeout, Healthcheck } = Config as Config;
  const Hostname = Id.startsWith(Config.Hostname) ? undefined : Config.Hostname;
  const optional = { Entrypoint, ExposedPorts, Volumes, Hostname, WorkingDir, StopSignal, StopTimeout, Healthcheck };
  const make = { name: Name.slice(1), Image, Env, Cmd, User, Labels, Tty, OpenStdin, HostConfig };
  const networks = Object.entries(NetworkSettings.Networks).map(([name, { Aliases, IPAMConfig }]) => {
    const aliases = (Aliases as readonly string[] | null)?.filter((alias) => !Id.startsWith(alias));
    return [name, withoutAbsent({ Aliases: aliases?.length ? aliases : undefined, IPAMConfig })];
  });
  return {
    id: Id,
    name: Name.slice(1),
    make: { ...make, ...withoutAbsent(optional) } as Docker.ContainerCreateOptions,
    networks: Object.fromEntries(networks),
  };
}

const withoutAbsent = (options: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined && value !== null));

/**
 * A container that is put aside must not start with the daemon: two servers on one data directory destroy it. One of
 * `docker run --rm` is removed at its end, now or in a moment; an equal one is made when it is wanted again.
 */
export async function putContainerAside(docker: Docker, { Id, Name, HostConfig }: Info, mark: string): Promise<void> {
  if (HostConfig.AutoRemove) return removeWholly(docker, Id);
  await docker.getContainer(Id).rename({ name: `${Name.slice(1)}.before-${mark}` });
  await restartPolicy(docker, Id, HostConfig.RestartPolicy, { Name: 'no' });
}

async function removeWholly(docker: Docker, id: string): Promise<void> {
  await docker
    .getContainer(id)
    .remove({ force: true, v: true })
    .catch((error: unknown) => (isGone(error) ? undefined : Promise.reject(error)));
  await until(async () => !(await inspect(docker, id)), { deadlineMs: removalDeadlineMs });
}

/** Gives the container that was put aside its name back, or makes an equal one where it was removed since. */
export async function bringContainerBack(context: DockerContext, wanted: Recorded): Promise<void> {
  const { docker } = context.reached;
  const existing = await inspect(docker, wanted.id);
  if (!existing) return make(context, wanted);
  const { id, name, make: options } = wanted;
  if (existing.Name !== `/${name}`)
    await docker
      .getContainer(id)
      .rename({ name })
      .catch((error: unknown) => nameIsTaken(name, error));
  await restartPolicy(docker, id, existing.HostConfig.RestartPolicy, options.HostConfig?.RestartPolicy);
  await rejoin(docker, existing, wanted);
}

/**
 * Brings the same container back where it still has its place, else makes an equal one. One that another backup has
 * put aside belongs to that backup.
 */
export async function makeAsItWas(context: DockerContext, wanted: Recorded): Promise<void> {
  const existing = await inspect(context.reached.docker, wanted.id);
  return existing && isPutAside(existing.Name) ? make(context, wanted) : bringContainerBack(context, wanted);
}

async function make({ reached, owner }: DockerContext, wanted: Recorded): Promise<void> {
  const { docker } = reached;
  const { name, networks } = wanted;
  const mode = wanted.make.HostConfig?.NetworkMode ?? 'default';
  const first = mode === 'default' ? 'bridge' : mode;
  const endpoint = networks[first] ? { NetworkingConfig: { EndpointsConfig: { [first]: networks[first] } } } : {};
  const { id } = await docker
    .createContainer({ ...wanted.make, ...endpoint })
    .catch((error: unknown) => nameIsTaken(name, error));
  for (const [network, EndpointConfig] of Object.entries(networks))
    if (network !== first) await docker.getNetwork(network).connect({ Container: id, EndpointConfig });
  if (owner.adopted().some((one) => wanted.id.startsWith(one))) adopt(owner.dir, id);
}

/** The learner has given the lab a container; one that takes its place is the lab's, too. */
function adopt(dir: string, id: string): void {
  const file = readLab(dir);
  if (file) saveLab(dir, { ...file, adopted: { ...file.adopted, [id.slice(0, 12)]: true } });
}

/** A stopped container keeps the id of its network. A network of the same name that was made since has another one. */
async function rejoin(docker: Docker, { Id, NetworkSettings }: Info, { networks }: Recorded): Promise<void> {
  for (const [name, EndpointConfig] of Object.entries(networks)) {
    const joined = NetworkSettings.Networks[name];
    const network = await networkOf(docker, name);
    if (!network) continue; // the learner has removed it: Docker says so when the container starts
    if (joined?.NetworkID === network.Id || joined?.NetworkID === '') continue;
    if (joined) await docker.getNetwork(name).disconnect({ Container: Id, Force: true });
    await docker.getNetwork(name).connect({ Container: Id, EndpointConfig });
  }
}

function nameIsTaken(name: string, error: unknown): never {
  if ((error as { statusCode?: number }).statusCode !== 409) throw error;
  throw new ProblemError({
    what: `Another container is called "${name}" now, so this lab's own cannot have its name back.`,
    fix: `Give that one another name (docker rename ${name} NAME), then say it again.`,
  });
}

async function restartPolicy(
  docker: Docker,
  id: string,
  now: Docker.HostRestartPolicy | undefined,
  wanted: Docker.HostRestartPolicy | undefined,
): Promise<void> {
  if ((now?.Name || 'no') !== (wanted?.Name || 'no'))
    await docker.getContainer(id).update({ RestartPolicy: { ...wanted, Name: wanted?.Name || 'no' } });
}
