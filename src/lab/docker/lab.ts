/** A lab whose servers are containers. */

import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename, delimiter, join } from 'node:path';
import { backupOperations } from '../backup/backups.ts';
import { removeBackups } from '../backup/remove-backups.ts';
import { type SelfCommand, writeClients } from '../bin.ts';
import { inLab } from '../folders/in-lab.ts';
import { makeFolder } from '../folders/make-folder.ts';
import type { CommandSpec, Lab, OpenedFile } from '../lab.ts';
import { withoutPgSettings } from '../machine/own-environment.ts';
import { run } from '../machine/run.ts';
import { scratchFolder } from '../machine/scratch.ts';
import { type LabPlan, serverPlan } from '../plan/plan.ts';
import { labels } from '../plan/plan-seen.ts';
import { removeSpare } from '../prepared/spare.ts';
import { ProblemError } from '../problem.ts';
import { foldersOf, outsideOf, refuseOutside } from '../trust/outside.ts';
import type { Reached } from './connect/reach.ts';
import { withUnreachable } from './connect/unreachable.ts';
import { containerView, isTheLabs } from './container.ts';
import { dockerBackupDriver } from './container-backups.ts';
import { foreignWords } from './container-view.ts';
import { dockerPlan, isLabsNetwork, removeNetwork } from './create.ts';
import { hasImage, pullImage } from './images/images.ts';
import { type DockerContext, dockerContext } from './lab-context.ts';
import { createDockerObserver } from './observe.ts';
import { preparedContainers } from './prepared/prepared.ts';
import { filesPlace, isWritable, shownInside } from './server/data-location.ts';
import { relayPlace } from './server/relay-address.ts';
import { type DockerServer, dockerServer, noContainer } from './server/server.ts';
import { labsVolumes, removeVolume } from './server/volumes.ts';
import { watchContainers } from './watch.ts';

export type DockerLab = Lab & {
  readonly reached: Reached;
  readonly servers: readonly DockerServer[];
};

/**
 * Opens the lab for operations: completes its folder, but makes, starts and stops no container. Throws a ProblemError
 * when a folder of the lab leads out of it. `adopted`: ids of containers that the learner gave to the lab.
 */
export function openDockerLab(
  dir: string,
  plan: LabPlan,
  reached: Reached,
  program: SelfCommand,
  adopted: () => readonly string[],
): DockerLab {
  refuseOutside(dir, foldersOf(plan), null);
  makeFolder(join(dir, 'rep'));
  const left = writeClients(dir, program);
  return { ...viewDockerLab(dir, plan, reached, adopted), left };
}

/** The same lab for looks only: this function and `observe` write nothing. */
export function viewDockerLab(
  dir: string,
  plan: LabPlan,
  reached: Reached,
  adopted: () => readonly string[],
): DockerLab {
  const context = dockerContext(dir, plan, reached, adopted);
  const servers = plan.servers.map((server) => withUnreachable(dockerServer(context, server), reached));
  const driver = dockerBackupDriver(context, servers);
  const server = (name: string): DockerServer => {
    const found = servers.find((one) => one.name === name);
    if (!found) throw new Error(`no server "${name}" in this lab`);
    return found;
  };
  const command = (argv: readonly string[]): CommandSpec => {
    const [name = '', ...args] = argv;
    return { command: name, args, cwd: dir, env: labEnvironment(dir, plan, reached) };
  };
  const kept = backupOperations(driver);
  const prepared = preparedContainers(context, servers, driver.remove);
  const lab: DockerLab = {
    dir,
    plan,
    outside: () => outsideOf(dir, foldersOf(plan)),
    reached,
    servers,
    image: {
      name: dockerPlan(plan).image,
      isHere: (other = dockerPlan(plan).image) => imageIsHere(reached, other),
      fetch: (onProgress, signal) => pullImage(reached.docker, dockerPlan(plan).image, onProgress, signal),
    },
    sockets: null,
    about: `Docker · PostgreSQL ${plan.major}`,
    server,
    observe: createDockerObserver(context, servers),
    watch: (signal) => watchContainers(context, servers, signal),
    command,
    exec: (argv, options) => run(command(argv), options),
    ...kept,
    ...(prepared ? { prepared: withUnreachable(prepared, reached) } : {}),
    async bringBack(backup) {
      await removeHelpers(context); // helpers of a killed operation would go on copying
      return kept.bringBack(backup);
    },
    markPrograms: () => undefined,
    endOrphans: () => removeHelpers(context),
    between: (on) => relayPlace(context, server(on)),
    openFile: (name, file) => openFile(context, server(name), file),
    dismantle: () => dismantle(context, driver.remove),
    async [Symbol.asyncDispose]() {
      // Containers outlive the program, and no session stays open between calls.
    },
  };
  return withUnreachable(lab, reached);
}

/** Programs of the lab, and the learner's own docker command, must use the same Docker daemon as the workshop. */
const labEnvironment = (dir: string, plan: LabPlan, reached: Reached): Record<string, string> => ({
  ...withoutPgSettings(process.env),
  ...reached.env,
  PATH: [join(dir, 'bin'), process.env.PATH ?? ''].join(delimiter),
  PGHOST: plan.host,
  PSQL_HISTORY: join(dir, 'psql_history'), // keeps the lab's statements out of the learner's own history
});

/** Removes the lab's helper containers: they go on working on the lab's files after their operation was killed. */
async function removeHelpers({ reached, plan }: DockerContext): Promise<void> {
  const filters = { label: [`${labels.helper}=${plan.id}`] };
  for (const { Id } of await reached.docker.listContainers({ all: true, filters }))
    await reached.docker.getContainer(Id).remove({ force: true, v: true });
}

/** The file itself where this user may write it; else a copy, which `done` writes back when it was changed. */
async function openFile(
  { reached, dir, plan, owner }: DockerContext,
  server: DockerServer,
  file: string,
): Promise<OpenedFile> {
  const { info, foreign } = await server.find();
  const view = info && containerView(info, owner, server.plan, false);
  const place = filesPlace(dir, plan, serverPlan(plan, server.name), view, reached.remote);
  if (!info && !(place.kind === 'here' && existsSync(place.data)))
    throw new ProblemError(foreign ? foreignWords(foreign) : noContainer(server.plan.container ?? server.name));
  const shown = place.kind === 'here' ? inLab(dir, place.data) : shownInside(dir, view, server.name)(place.data);
  const path = file.startsWith(`${shown}/`) ? file.slice(shown.length + 1) : file;
  if (place.kind === 'here' && isWritable(place.data))
    return { path: join(place.data, path), done: async () => undefined };
  const before = await server.readFile(path);
  const folder = scratchFolder();
  const copy = join(folder, basename(path));
  if (before !== undefined) await writeFile(copy, before, { mode: 0o600 });
  return {
    path: copy,
    async done() {
      const after = existsSync(copy) ? await readFile(copy, 'utf8') : before; // an editor that failed may leave no file
      if (after !== undefined && after !== before)
        await server.writeFile(path, after).catch((error: unknown) => Promise.reject(stillIn(copy, error)));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const stillIn = (copy: string, error: unknown): unknown =>
  error instanceof ProblemError
    ? new ProblemError({ what: error.problem.what, fix: `${error.problem.fix} Your text is kept in ${copy}.` })
    : error;

export const imageIsHere = ({ docker }: Reached, image: string): Promise<boolean> => hasImage(docker, image);

async function dismantle(
  context: DockerContext,
  removeFiles: (path: string) => Promise<void>,
): Promise<readonly string[]> {
  const { reached, plan, owner } = context;
  for (const listed of await reached.docker.listContainers({ all: true }))
    if (isTheLabs(listed, owner)) await reached.docker.getContainer(listed.Id).remove({ force: true, v: true });
  for (const volume of await labsVolumes(context)) await removeVolume(context, volume);
  await removeFiles(join(context.dir, 'rep'));
  await removeSpare(context.dir, removeFiles);
  if (await isLabsNetwork(reached, plan, context.dir)) await removeNetwork(reached.docker, plan);
  return removeBackups(context.dir, removeFiles);
}
