/** The containers of a lab in its backups: put aside under another name, or described well enough to be made again. */
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type Docker from 'dockerode';
import * as v from 'valibot';
import { type BackupDriver, type EngineState, withoutLinks } from '../backup/backups.ts';
import { copyFiles, removeFiles } from '../files/copy-files.ts';
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
  make: recordOf(v.unknown()) as v.GenericSchema<unknown, Docker.ContainerCreateOptions>, // the daemon itself judges what it is asked for
  networks: recordOf(recordOf(v.unknown()) as v.GenericSchema<unknown, Docker.EndpointSettings>),
});
type Recorded = v.InferOutput<typeof recordedJson>;
const beyondJson = shape({
  containers: v.optional(listOf(recordedJson), []),
  network: v.optional(v.boolean(), true),
  volumes: v.exactOptional(listOf(text)), // a lab of earlier: those of its servers
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

  return {
    dir,
    plan,
    servers,
    ...withoutLinks,
    // What belongs to the containers' user a helper copies and removes; everything else costs less without one.
    async copy(from, to) {
      if (isOurs(from)) return copyFiles(from, to);
      await inHelper([`${dirname(from)}:/from`, `${dirname(to)}:/to`], `cp -a /from/${basename(from)} /to/`);
    },
    async remove(path) {
      if (!existsSync(path)) return;
      if (isOurs(path)) return removeFiles(path);
      await inHelper([`${dirname(path)}:/from`], `rm -rf "/from/${basename(path)}"`);
    },

    engineState: async () => ({
      containers: (await containers()).map(recorded),
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

    // A container that was not there before is one of the deed's own. One that was there is renamed already, or not yet.
    async restoreSetAside(beyond, mark) {
      const { containers: before, volumes } = readEngineState(beyond, plan);
      await removeAllBut(before);
      for (const container of before) await takeItsName(docker, container);
      await bringVolumesBack(context, mark, volumes);
      await forgetVolumes(context, mark);
    },

    async freeze() {
      const held: Docker.Container[] = [];
      const goOn = async () => {
        for (const container of held) await container.unpause();
      };
      try {
        for (const { Id, State } of await containers()) {
          if (!State.Running || State.Paused) continue;
          await docker.getContainer(Id).pause();
          held.push(docker.getContainer(Id));
        }
      } catch (error) {
        await goOn();
        throw error;
      }
      return { [Symbol.asyncDispose]: goOn };
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

/** Of a snapshot.json, and so from a disk. */
function readEngineState(beyond: EngineState, plan: LabPlan) {
  const decoded = decode(beyond, beyondJson);
  if (decoded.kind === 'value') return { volumes: serversVolumes(plan), ...decoded.value };
  throw new ProblemError({
    what: `The backup says in no readable way which containers belonged to it: ${decoded.why}.`,
    fix: 'Choose another one below backups/.',
  });
}

/** As it was asked for; what Docker itself chose (address, host name) it chooses again. */
function recorded({ Id, Name, Config, HostConfig, NetworkSettings }: Info): Recorded {
  const { Image, Env, Cmd, Entrypoint, User, Labels, ExposedPorts, StopSignal, Tty, Healthcheck } =
    Config as Info['Config'] & {
      StopSignal?: string;
      Healthcheck?: Docker.HealthConfig;
    };
  const given = { Entrypoint, ExposedPorts, StopSignal, Healthcheck };
  const make = { name: Name.slice(1), Image, Env, Cmd, User, Labels, Tty, HostConfig, ...withoutNothing(given) };
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

const withoutNothing = (given: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== null));

/** The same container where it is still there, under whatever name; else another one made as it was. */
async function makeAsItWas(docker: Docker, wanted: Recorded): Promise<void> {
  if (await inspect(docker, wanted.id)) return takeItsName(docker, wanted);
  const { name, make, networks } = wanted;
  const first = make.HostConfig?.NetworkMode ?? '';
  const given = networks[first] ? { NetworkingConfig: { EndpointsConfig: { [first]: networks[first] } } } : {};
  const { id } = await docker
    .createContainer({ ...make, ...given })
    .catch((error: unknown) => nameIsTaken(name, error));
  for (const [network, EndpointConfig] of Object.entries(networks))
    if (network !== first) await docker.getNetwork(network).connect({ Container: id, EndpointConfig });
}

/** undefined there: it was removed in the meantime, and cannot come back. */
async function takeItsName(docker: Docker, { id, name, make }: Recorded): Promise<void> {
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

/** One that lies aside must not come up by itself with the daemon: two servers in one folder destroy it. */
async function restartPolicy(
  docker: Docker,
  id: string,
  now: Docker.HostRestartPolicy | undefined,
  wanted: Docker.HostRestartPolicy | undefined,
): Promise<void> {
  if ((now?.Name || 'no') !== (wanted?.Name || 'no'))
    await docker.getContainer(id).update({ RestartPolicy: { ...wanted, Name: wanted?.Name || 'no' } });
}

/** The lab's containers that were put aside under this mark. */
async function putAside(docker: Docker, owner: LabOwner, mark: string): Promise<readonly { readonly id: string }[]> {
  const all = await docker.listContainers({ all: true });
  return all
    .filter((one) => one.Names.some((name) => name.endsWith(`.before-${mark}`)) && isTheLabs(one, owner))
    .map(({ Id }) => ({ id: Id }));
}

/** May we do with this folder and what is in it as we like? The deepest that a data directory lies is rep/master_data/18/docker. */
function isOurs(path: string, depth = 4): boolean {
  if (process.getuid?.() === 0) return true;
  try {
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    const folders = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return depth === 0 || folders.every(({ name }) => isOurs(join(path, name), depth - 1));
  } catch {
    return false; // somebody else's
  }
}
