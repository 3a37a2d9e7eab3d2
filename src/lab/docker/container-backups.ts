/** A Docker lab's containers in its backups: renamed, or described so that they can be made again. */
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type Docker from 'dockerode';
import * as v from 'valibot';
import { type BackupDriver, type EngineState, withoutLinks } from '../backup/backup-driver.ts';
import { copyFiles, removeFiles } from '../files/copy-files.ts';
import type { LabPlan } from '../plan/plan.ts';
import { ProblemError } from '../problem.ts';
import { startAll } from '../running.ts';
import { decode, listOf, shape, text } from '../store/json.ts';
import { type Info, isTheLabs, type LabOwner } from './container.ts';
import { dockerPlan, hasNetwork, isLabsNetwork, needNetwork, removeNetwork } from './create.ts';
import type { DockerContext } from './lab-context.ts';
import {
  bringContainerBack,
  describeContainer,
  makeAsItWas,
  putContainerAside,
  type Recorded,
  recordedJson,
} from './recreate.ts';
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

  const setNetwork = async (wanted: boolean): Promise<void> => {
    if (wanted) await needNetwork(docker, plan);
    else if (await isLabsNetwork(reached, plan, dir)) await removeNetwork(docker, plan);
  };

  return {
    dir,
    plan,
    servers,
    start: startAll,
    ...withoutLinks,
    // A helper container copies and removes files of the containers' user; for other files it would only cost time.
    async copy(from, to) {
      if (isFullyWritable(from)) return copyFiles(from, to);
      await inHelper([`${dirname(from)}:/from`, `${dirname(to)}:/to`], `cp -a /from/${basename(from)} /to/`);
    },
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
      await setNetwork(network);
      await bringVolumesBack(context, mark, volumes);
      await Promise.all(wanted.map((container) => makeAsItWas(context, container)));
    },

    async setAside(mark) {
      const aside = (await containers()).map((info) => putContainerAside(docker, info, mark));
      await Promise.all(aside);
      return moveVolumes(context, mark);
    },

    // A container that is not in the backup was made by the operation, so it is removed. The others may or may not
    // have been renamed before the operation was killed; `docker container prune` may have removed them.
    async restoreSetAside(beyond, mark) {
      const { containers: before, network, volumes } = readEngineState(beyond, plan);
      await removeAllBut(before);
      await setNetwork(network);
      await Promise.all(before.map((container) => bringContainerBack(context, container)));
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
      const aside = await putAside(docker, owner, mark);
      await Promise.all(aside.map(({ id }) => docker.getContainer(id).remove({ force: true, v: true })));
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
