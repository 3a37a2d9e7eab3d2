/** A Docker lab's containers in its backups: renamed, or described so that they can be made again. */
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type Docker from 'dockerode';
import * as v from 'valibot';
import { type BackupDriver, type EngineState, withoutLinks } from '../backup/backup-driver.ts';
import { copyFiles, copyPrivate, removeFiles } from '../files/copy-files.ts';
import type { LabPlan } from '../plan/plan.ts';
import { ProblemError } from '../problem.ts';
import { decode, listOf, recordOf, shape, text } from '../store/json.ts';
import { type Info, inspect, isTheLabs, type LabOwner } from './container.ts';
import { dockerPlan, hasNetwork, needNetwork, removeNetwork } from './create.ts';
import type { DockerContext } from './lab-context.ts';
import { helper } from './server/exec.ts';
import type { DockerServer } from './server/server.ts';
import {
  bringVolumesBack,
  copyVolumes,
  forgetVolumes,
  moveVolumes,
  serversVolumes,
  volumesNow,
} from './server/volumes.ts';

const recordedJson = shape({
  id: text,
  name: text,
  // The daemon itself validates these options.
  make: recordOf(v.unknown()) as v.GenericSchema<unknown, Docker.ContainerCreateOptions>,
  networks: recordOf(recordOf(v.unknown()) as v.GenericSchema<unknown, Docker.EndpointSettings>),
});
type Recorded = v.InferOutput<typeof recordedJson>;
const beyondJson = shape({
  containers: v.optional(listOf(recordedJson), []),
  network: v.optional(v.boolean(), true),
  volumes: v.exactOptional(listOf(text)), // backups of earlier versions lack it: then all volumes of the servers count
});

export function dockerBackupDriver(context: DockerContext, servers: readonly DockerServer[]): BackupDriver {
  const { reached, dir, plan, owner } = context;
  const { docker } = reached;
  const inHelper = (binds: readonly string[], script: string) =>
    helper(docker, { image: dockerPlan(plan).image, lab: plan.id }, { binds }, script);
  const containers = async (): Promise<readonly Info[]> => {
    const found = await Promise.all(servers.map((server) => server.find()));
    return found.flatMap(({ info }) => (info ? [info] : []));
  };
  const removeAllBut = async (wanted: readonly Recorded[]): Promise<void> => {
    for (const { Id } of await containers())
      if (!wanted.some(({ id }) => id === Id)) await docker.getContainer(Id).remove({ force: true, v: true });
  };

  // A helper container copies and removes files of the containers' user; for other files it would only cost time.
  const copyBy = (copyOwn: typeof copyFiles) => async (from: string, to: string) => {
    if (isFullyWritable(from)) return copyOwn(from, to);
    await inHelper([`${dirname(from)}:/from`, `${dirname(to)}:/to`], `cp -a /from/${basename(from)} /to/`);
  };

  return {
    dir,
    plan,
    servers,
    ...withoutLinks,
    copy: copyBy(copyFiles),
    copyKept: copyBy(copyPrivate),
    async remove(path) {
      if (!existsSync(path)) return;
      if (isFullyWritable(path)) return removeFiles(path);
      await inHelper([`${dirname(path)}:/from`], `rm -rf "/from/${basename(path)}"`);
    },

    engineState: async () => ({
      containers: (await containers()).map(describeContainer),
      network: await hasNetwork(docker, plan),
      volumes: await volumesNow(context),
    }),
    copyEngineState: (mark) => copyVolumes(context, mark),

    async reinstate(beyond, mark) {
      const { containers: wanted, network, volumes } = readEngineState(beyond, plan);
      await removeAllBut(wanted);
      await (network ? needNetwork : removeNetwork)(docker, plan);
      await bringVolumesBack(context, mark, volumes);
      for (const container of wanted) await makeAsItWas(docker, container);
    },

    async setAside(mark) {
      for (const info of await containers()) {
        await docker.getContainer(info.Id).rename({ name: `${info.Name.slice(1)}.before-${mark}` });
        await restartPolicy(docker, info.Id, info.HostConfig.RestartPolicy, { Name: 'no' });
      }
      await moveVolumes(context, mark);
    },

    // A container that is not in the backup was made by the operation, so it is removed. The others may or may not
    // have been renamed before the operation was killed.
    async restoreSetAside(beyond, mark) {
      const { containers: before, volumes } = readEngineState(beyond, plan);
      await removeAllBut(before);
      for (const container of before) await restoreName(docker, container);
      await bringVolumesBack(context, mark, volumes);
      await forgetVolumes(context, mark);
    },

    async freeze() {
      const frozen: Docker.Container[] = [];
      const unfreeze = async () => {
        for (const container of frozen) await container.unpause();
      };
      try {
        for (const { Id, State } of await containers()) {
          if (!State.Running || State.Paused) continue;
          await docker.getContainer(Id).pause();
          frozen.push(docker.getContainer(Id));
        }
      } catch (error) {
        await unfreeze();
        throw error;
      }
      return { [Symbol.asyncDispose]: unfreeze };
    },
    async unfreeze() {
      for (const { Id, State } of await containers()) if (State.Paused) await docker.getContainer(Id).unpause();
    },

    async forget(mark) {
      for (const { id } of await putAside(docker, owner, mark))
        await docker.getContainer(id).remove({ force: true, v: true });
      await forgetVolumes(context, mark);
    },
  };
}

/** Decodes the engine state of a snapshot.json; throws a ProblemError when it is unreadable. */
function readEngineState(beyond: EngineState, plan: LabPlan) {
  const decoded = decode(beyond, beyondJson);
  if (decoded.kind === 'value') return { volumes: serversVolumes(plan), ...decoded.value };
  throw new ProblemError({
    what: `The backup says in no readable way which containers belonged to it: ${decoded.why}.`,
    fix: 'Choose another one below backups/.',
  });
}

/** The container as it was requested. Docker chooses its address and host name again, so they are left out. */
function describeContainer({ Id, Name, Config, HostConfig, NetworkSettings }: Info): Recorded {
  const { Image, Env, Cmd, Entrypoint, User, Labels, ExposedPorts, StopSignal, Tty, Healthcheck } =
    Config as Info['Config'] & {
      StopSignal?: string;
      Healthcheck?: Docker.HealthConfig;
    };
  const optional = { Entrypoint, ExposedPorts, StopSignal, Healthcheck };
  const make = { name: Name.slice(1), Image, Env, Cmd, User, Labels, Tty, HostConfig, ...withoutAbsent(optional) };
  const networks = Object.entries(NetworkSettings.Networks).map(([name, { Aliases }]) => {
    const aliases = (Aliases as readonly string[] | null)?.filter((alias) => !Id.startsWith(alias));
    return [name, aliases?.length ? { Aliases: aliases } : {}];
  });
  return {
    id: Id,
    name: Name.slice(1),
    make: make as Docker.ContainerCreateOptions,
    networks: Object.fromEntries(networks),
  };
}

const withoutAbsent = (options: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined && value !== null));

/**
 * Renames the same container back where it still exists, else makes an equal one. One that another backup has put
 * aside belongs to that backup.
 */
async function makeAsItWas(docker: Docker, wanted: Recorded): Promise<void> {
  const existing = await inspect(docker, wanted.id);
  if (existing && !asideName.test(existing.Name)) return restoreName(docker, wanted);
  const { name, make, networks } = wanted;
  const first = make.HostConfig?.NetworkMode ?? '';
  const endpoint = networks[first] ? { NetworkingConfig: { EndpointsConfig: { [first]: networks[first] } } } : {};
  const { id } = await docker
    .createContainer({ ...make, ...endpoint })
    .catch((error: unknown) => nameIsTaken(name, error));
  for (const [network, EndpointConfig] of Object.entries(networks))
    if (network !== first) await docker.getNetwork(network).connect({ Container: id, EndpointConfig });
}

/** A name that `setAside` gave. */
const asideName = /\.before-\d{4,9}-[A-Za-z0-9-]+$/;

/** Gives a container its name and restart policy back. Does nothing when the container was removed in the meantime. */
async function restoreName(docker: Docker, { id, name, make }: Recorded): Promise<void> {
  const info = await inspect(docker, id);
  if (!info) return;
  if (info.Name !== `/${name}`)
    await docker
      .getContainer(id)
      .rename({ name })
      .catch((error: unknown) => nameIsTaken(name, error));
  await restartPolicy(docker, id, info.HostConfig.RestartPolicy, make.HostConfig?.RestartPolicy);
}

function nameIsTaken(name: string, error: unknown): never {
  if ((error as { statusCode?: number }).statusCode !== 409) throw error;
  throw new ProblemError({
    what: `Another container is called "${name}" now, so this lab's own cannot have its name back.`,
    fix: `Give that one another name (docker rename ${name} NAME), then say it again.`,
  });
}

/** A container that is put aside must not start with the daemon: two servers on one data directory destroy it. */
async function restartPolicy(
  docker: Docker,
  id: string,
  now: Docker.HostRestartPolicy | undefined,
  wanted: Docker.HostRestartPolicy | undefined,
): Promise<void> {
  if ((now?.Name || 'no') !== (wanted?.Name || 'no'))
    await docker.getContainer(id).update({ RestartPolicy: { ...wanted, Name: wanted?.Name || 'no' } });
}

/** The lab's containers that `setAside` renamed with this mark. */
async function putAside(docker: Docker, owner: LabOwner, mark: string): Promise<readonly { readonly id: string }[]> {
  const all = await docker.listContainers({ all: true });
  return all
    .filter((one) => one.Names.some((name) => name.endsWith(`.before-${mark}`)) && isTheLabs(one, owner))
    .map(({ Id }) => ({ id: Id }));
}

/**
 * Whether this user may read and write the folder and its subfolders. Four levels are enough: the deepest data
 * directory is rep/master_data/18/docker.
 */
function isFullyWritable(path: string, depth = 4): boolean {
  if (process.getuid?.() === 0) return true;
  try {
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    const folders = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return depth === 0 || folders.every(({ name }) => isFullyWritable(join(path, name), depth - 1));
  } catch {
    return false; // a folder of another user
  }
}
