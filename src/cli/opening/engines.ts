/** The engine of a lab: options choose it for a new lab, then lab.json has it. */
import type { Reached } from '../../lab/docker/connect/reach.ts';
import { type DockerWish, type LabFile, type LabWish, readLab } from '../../lab/folder.ts';
import type { Lab } from '../../lab/lab.ts';
import { binariesOf, knownBinaries, rememberVersion } from '../../lab/lab-binaries.ts';
import type { NativeLab } from '../../lab/native/lab.ts';
import { type LabPlan, newestMajor } from '../../lab/plan/plan.ts';
import { ProblemError } from '../../lab/problem.ts';
import { agreedElsewhere } from '../../lab/trust/agreed.ts';
import type { Elsewhere } from '../../lab/trust/outside.ts';
import { type Invocation, type OptionValues, textOption } from '../command.ts';
import { askYes } from '../confirm.ts';

type Choice = 'auto' | 'docker' | 'native';
const choices: readonly Choice[] = ['auto', 'docker', 'native'];

export function chosenEngine(options: OptionValues): Choice {
  const wanted = textOption(options, 'engine') ?? 'auto';
  const engine = choices.find((one) => one === wanted);
  if (engine) return engine;
  throw new ProblemError({ what: `There is no engine "${wanted}".`, fix: 'Choose auto, docker or native.' }, 2);
}

// Only the engine that is needed is loaded: the libraries of the other one would delay the start.
const dockerParts = () => import('../../lab/docker/lab.ts');
const nativeParts = () => import('../../lab/native/lab.ts');

/**
 * Resolves with the Docker daemon that answers, or with the problem. A daemon is searched once for a command, although
 * many commands look at the lab before they open it.
 */
export async function tryDocker({ io, opened, signal }: Invocation) {
  const before = opened.find((one): one is Reached => 'docker' in one);
  if (before) return before;
  const { reachDocker } = await import('../../lab/docker/connect/reach.ts');
  const reached = await reachDocker(io.env, { signal });
  if ('docker' in reached) opened.push(reached);
  return reached;
}

/** Resolves with the Docker daemon. Throws a ProblemError that says which addresses were tried, and what to do. */
export async function reach(invocation: Invocation): Promise<Reached> {
  const reached = await tryDocker(invocation);
  if ('docker' in reached) return reached;
  throw new ProblemError(reached.problem);
}

/**
 * Resolves with the Docker settings of a new lab; undefined means native servers. With `--engine auto` the learner is
 * asked, on a terminal, where a daemon answers and has the image.
 */
export async function dockerWish(invocation: Invocation, wish: LabWish): Promise<DockerWish | undefined> {
  const { options, io } = invocation;
  const engine = chosenEngine(options);
  if (engine === 'native' || wish.bindir !== undefined) return undefined;
  if (engine === 'docker') return wishFor(await reach(invocation), invocation, wish);
  if (!io.terminal) return undefined;
  const reached = await tryDocker(invocation);
  if (!('docker' in reached)) return undefined;
  const possible = wishFor(reached, invocation, wish);
  const { imageIsHere } = await dockerParts();
  if (!(await imageIsHere(reached, possible.image)) || !(await wantsDocker(invocation, possible.image)))
    return undefined;
  return possible;
}

async function wantsDocker({ io, signal }: Invocation, image: string): Promise<boolean> {
  io.out(`Your servers can be processes of this machine, or containers: Docker answers, and has ${image}.`);
  const yes = await askYes('Use Docker, as the tutorial does? [y/N] ', signal);
  io.out(yes ? 'Docker it is.' : 'Native servers it is (--engine docker would take Docker, in another --lab).');
  return yes;
}

/**
 * Data is in the lab's folder where the daemon sees that folder, else in volumes. In a shared folder containers run as
 * the learner, so that the files belong to the learner; a rootless daemon does that by itself.
 */
function wishFor(reached: Reached, { options }: Invocation, { major }: LabWish): DockerWish {
  const prefix = textOption(options, 'name');
  if (prefix !== undefined && !/^[a-z0-9][a-z0-9_.-]*$/i.test(prefix))
    throw new ProblemError(
      { what: `--name ${prefix}: Docker takes no such name.`, fix: 'Use letters, digits, "-", "_" and ".".' },
      2,
    );
  const uid = process.getuid?.() ?? 0;
  const sharesFolders =
    !reached.remote && process.platform === 'linux' && !/Docker Desktop/i.test(reached.operatingSystem);
  const storage = sharesFolders ? 'folder' : 'volume';
  const asLearner = storage === 'folder' && uid !== 0 && !reached.rootless;
  return {
    prefix: prefix === undefined ? '' : `${prefix}-`,
    image: textOption(options, 'image') ?? `postgres:${major ?? newestMajor}`,
    storage,
    user: asLearner ? `${uid}:${process.getgid?.() ?? uid}` : null,
  };
}

/** Returns the ids of containers that the learner has said are the lab's. */
const adopted = (dir: string) => () =>
  Object.entries(readLab(dir)?.adopted ?? {}).flatMap(([id, yes]) => (yes ? [id] : []));

/** Returns the folders behind links that the learner has said are the lab's. */
const elsewhere = (dir: string) => (): Elsewhere => agreedElsewhere(dir);

/** For a wish: what the containers of a Docker lab publish. No daemon, no containers: opening the lab says so. */
export const publishedOn =
  (invocation: Invocation) =>
  async (plan: LabPlan): Promise<ReadonlyMap<string, number>> => {
    if (plan.engine !== 'docker') return new Map();
    const { publishedPorts } = await import('../../lab/docker/published.ts');
    return publishedPorts(invocation.dir, plan, await reach(invocation), adopted(invocation.dir));
  };

export async function viewOn(invocation: Invocation, file: LabFile, wish: LabWish): Promise<Lab> {
  const { dir } = invocation;
  return file.plan.engine === 'docker'
    ? (await dockerParts()).viewDockerLab(dir, file.plan, await reach(invocation), adopted(dir))
    : viewNative(invocation, file, wish);
}

/** Uses the version that lab.json has: no program is run to ask for it. */
const viewNative = async ({ dir }: Invocation, file: LabFile, wish: LabWish): Promise<NativeLab> =>
  (await nativeParts()).viewNativeLab(dir, file.plan, knownBinaries(file, wish), elsewhere(dir));

/** Finds the PostgreSQL programs of the lab first, so that they can be run. */
export const readyNative = async ({ dir }: Invocation, file: LabFile, wish: LabWish): Promise<NativeLab> =>
  (await nativeParts()).viewNativeLab(dir, file.plan, await binariesOf(file, wish), elsewhere(dir));

export async function openOn(invocation: Invocation, file: LabFile, wish: LabWish): Promise<Lab> {
  const { dir, program, signal } = invocation;
  if (file.plan.engine === 'docker')
    return (await dockerParts()).openDockerLab(dir, file.plan, await reach(invocation), program, adopted(dir));
  const binaries = await binariesOf(file, wish);
  rememberVersion(dir, binaries.version);
  return (await nativeParts()).openNativeLab(dir, file.plan, binaries, program, elsewhere(dir), signal);
}
