/** Makes containers and the network as the lessons' commands make them, plus the workshop's labels. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { makeFolders } from '../folders/make-folder.ts';
import { type LabPlan, mountTarget, portInside, type ServerPlan, volumeName } from '../plan/plan.ts';
import { labels } from '../plan/plan-seen.ts';
import { ProblemError } from '../problem.ts';
import type { Reached } from './connect/reach.ts';
import { isNotFound } from './container.ts';

/**
 * The server options of the lessons' `docker run`: replication commands are logged, rows have a commit timestamp, a
 * standby retries after 200 ms instead of 5 s.
 */
const serverOptions = [
  'log_replication_commands=on',
  'track_commit_timestamp=on',
  'wal_retrieve_retry_interval=200ms',
] as const;

export const dockerPlan = (plan: LabPlan) => {
  if (!plan.docker) throw new Error('this lab has no plan for Docker');
  return plan.docker;
};

/** The mount of a server's data, as `docker run -v` takes it: 'FOLDER:TARGET' or 'VOLUME:TARGET'. */
export const bindOf = (dir: string, plan: LabPlan, server: ServerPlan): string =>
  `${dockerPlan(plan).storage === 'volume' ? volumeName(plan, server.name) : join(dir, server.data)}:${mountTarget(plan.major)}`;

/** Makes the container without starting it. Throws a ProblemError when its name is taken or the image is missing. */
export async function createContainer(docker: Docker, dir: string, plan: LabPlan, server: ServerPlan): Promise<void> {
  const { network, image, storage, user } = dockerPlan(plan);
  await needNetwork(docker, plan);
  // Docker would make the folder as root; a server that runs as the learner could not write there.
  if (user !== null && storage === 'folder') makeFolders(join(dir, server.data));
  try {
    await docker.createContainer({
      name: server.container ?? server.name,
      Image: image,
      ...(user === null ? {} : { User: user }),
      Env: [`POSTGRES_PASSWORD=${server.password}`, `POSTGRES_DB=${server.database}`],
      Cmd: ['postgres', ...serverOptions.flatMap((option) => ['-c', option])],
      Labels: { [labels.lab]: plan.id, [labels.server]: server.name },
      HostConfig: {
        NetworkMode: network,
        Binds: [bindOf(dir, plan, server)],
        PortBindings: { [`${portInside}/tcp`]: [{ HostIp: plan.host, HostPort: String(server.port) }] },
      },
    });
  } catch (error) {
    throw cannotCreate(error, plan, server);
  }
}

export const hasNetwork = async (docker: Docker, plan: LabPlan): Promise<boolean> =>
  (await networkOf(docker, dockerPlan(plan).network)) !== undefined;

type Network = {
  readonly Id: string;
  readonly Created: string;
  readonly Labels?: Readonly<Record<string, string>> | undefined;
};

export async function networkOf(docker: Docker, name: string): Promise<Network | undefined> {
  try {
    return await docker.getNetwork(name).inspect();
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

export async function needNetwork(docker: Docker, plan: LabPlan): Promise<void> {
  if (await hasNetwork(docker, plan)) return;
  const Labels = { [labels.lab]: plan.id };
  await docker.createNetwork({ Name: dockerPlan(plan).network, Driver: 'bridge', Labels });
}

function cannotCreate(error: unknown, plan: LabPlan, server: ServerPlan): unknown {
  const { statusCode, json } = error as { statusCode?: number; json?: { message?: string } };
  const name = server.container ?? server.name;
  if (statusCode === 409)
    return new ProblemError({
      what: `There is a container "${name}" already, so ${server.name} cannot be made.`,
      fix: `"docker ps --all" shows it.`,
    });
  if (statusCode === 404) return noImage(dockerPlan(plan).image);
  return statusCode === undefined
    ? error
    : new ProblemError({
        what: `Docker could not make ${name}: ${json?.message ?? String(error)}`,
        fix: 'See what it says.',
      });
}

export const noImage = (name: string): ProblemError =>
  new ProblemError({
    what: `The image ${name} is not on this machine.`,
    fix: `docker pull ${name} (or "repl-workshop bundle load FILE" in a room without network)`,
  });

/**
 * Whether the network of the plan's name belongs to this lab. The network that the learner makes in lesson 2 has no
 * label; a network without label that is older than the lab is not the lab's.
 */
export async function isLabsNetwork({ docker, remote }: Reached, plan: LabPlan, dir: string): Promise<boolean> {
  const network = await networkOf(docker, dockerPlan(plan).network);
  if (!network) return false;
  if (network.Labels?.[labels.lab] !== undefined) return network.Labels[labels.lab] === plan.id;
  const labMade = statSync(join(dir, 'bin'), { throwIfNoEntry: false })?.birthtime;
  return labMade !== undefined && !remote && new Date(network.Created) > labMade; // a remote clock may differ
}

/** Removes the network of the plan; keeps it while a container is still in it. */
export async function removeNetwork(docker: Docker, plan: LabPlan): Promise<void> {
  try {
    await docker.getNetwork(dockerPlan(plan).network).remove();
  } catch (error) {
    const { statusCode } = error as { statusCode?: number };
    if (statusCode !== 404 && statusCode !== 403) throw error; // 403: the network has active endpoints
  }
}
