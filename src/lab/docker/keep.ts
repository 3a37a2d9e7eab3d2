/** The containers of a lab in its backups: put aside under another name, or described well enough to be made again. */
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type Docker from 'dockerode';
import { type Beyond, copyFiles, type Keeper, removeFiles } from '../backups.ts';
import { volumeName } from '../plan.ts';
import { asideName, type Info } from './container.ts';
import { dockerPlan, hasNetwork, needNetwork, removeNetwork } from './create.ts';
import { helper } from './exec.ts';
import type { DockerContext } from './lab-context.ts';
import type { DockerServer } from './server.ts';

type Recorded = { readonly id: string; readonly name: string; readonly make: Docker.ContainerCreateOptions };

export function dockerKeeper(context: DockerContext, servers: readonly DockerServer[]): Keeper {
  const { reached, dir, plan } = context;
  const { docker } = reached;
  const { image, storage } = dockerPlan(plan);
  const inHelper = (binds: readonly string[], script: string) =>
    helper(docker, { image, lab: plan.id }, { binds }, script);
  const containers = async (): Promise<readonly Info[]> => {
    const found = await Promise.all(servers.map((server) => server.find()));
    return found.flatMap(({ info }) => (info ? [info] : []));
  };
  /** Those that were put aside under this mark. */
  const aside = async (mark: string): Promise<readonly { id: string; name: string }[]> =>
    (await docker.listContainers({ all: true })).flatMap(({ Id, Names }: Docker.ContainerInfo) => {
      const name = Names.find((one) => one.endsWith(`.before-${mark}`));
      return name ? [{ id: Id, name: name.slice(1).replace(asideName, '') }] : [];
    });
  const eachVolume = async (work: (volume: string) => Promise<unknown>): Promise<void> => {
    if (storage === 'volume') for (const server of plan.servers) await work(volumeName(plan, server.name));
  };

  return {
    dir,
    servers,
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

    beyond: async () => ({
      containers: (await containers()).map(recorded),
      network: await hasNetwork(docker, plan),
    }),
    keep: (mark) => eachVolume((volume) => inHelper([`${volume}:/from`, `${volume}.${mark}:/to`], copyVolume)),

    async reinstate(beyond, mark) {
      const wanted = containersOf(beyond);
      const now = await containers();
      for (const { Id } of now)
        if (!wanted.some(({ id }) => id === Id)) await docker.getContainer(Id).remove({ force: true, v: true });
      await (beyond.network === false ? removeNetwork : needNetwork)(docker, plan);
      for (const { id, make } of wanted) if (!now.some(({ Id }) => Id === id)) await docker.createContainer(make);
      await eachVolume((volume) => inHelper([`${volume}.${mark}:/from`, `${volume}:/to`], volumeBack));
    },

    async setAside(mark) {
      for (const { Id, Name } of await containers())
        await docker.getContainer(Id).rename({ name: `${Name.slice(1)}.before-${mark}` });
      await eachVolume((volume) => inHelper([`${volume}:/from`, `${volume}.${mark}:/to`], moveVolume));
    },

    // A container that was not there before is one of the deed's own. One that was there is renamed already, or not yet.
    async takeBack(beyond, mark) {
      const before = containersOf(beyond);
      for (const { Id } of await containers())
        if (!before.some(({ id }) => id === Id)) await docker.getContainer(Id).remove({ force: true });
      for (const { id, name } of await aside(mark)) await docker.getContainer(id).rename({ name });
      await eachVolume((volume) => inHelper([`${volume}.${mark}:/from`, `${volume}:/to`], volumeBack));
    },
    async forget(mark) {
      for (const { id } of await aside(mark)) await docker.getContainer(id).remove({ force: true });
      await eachVolume((volume) => docker.getVolume(`${volume}.${mark}`).remove());
    },
  };
}

const containersOf = (beyond: Beyond): readonly Recorded[] => (beyond.containers ?? []) as readonly Recorded[];

/** As it was asked for; what Docker itself chose (address, host name) it chooses again. */
function recorded({ Id, Name, Config, HostConfig }: Info): Recorded {
  const { Image, Env, Cmd, Entrypoint, User, Labels, ExposedPorts, StopSignal, Tty, Healthcheck } =
    Config as Info['Config'] & {
      StopSignal?: string;
      Healthcheck?: Docker.HealthConfig;
    };
  const given = { Entrypoint, ExposedPorts, StopSignal, Healthcheck };
  const make = { name: Name.slice(1), Image, Env, Cmd, User, Labels, Tty, HostConfig, ...withoutNothing(given) };
  return { id: Id, name: Name.slice(1), make: make as Docker.ContainerCreateOptions };
}

const withoutNothing = (given: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== null));

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

// The mark at the end tells a whole copy from one that was interrupted.
const complete = '.repl-workshop-complete';
const copyVolume = `find /to -mindepth 1 -delete; cp -a /from/. /to/; touch /to/${complete}`;
const moveVolume = `${copyVolume}; find /from -mindepth 1 -delete`;
const volumeBack = `test -e /from/${complete} || exit 0; find /to -mindepth 1 -delete; cp -a /from/. /to/; rm /to/${complete}`;
