/** Faults of a server's container, which are none of PostgreSQL's. Docker only. */
import type { ContainerView, ForeignContainer } from '../../../lab/docker/container-view.ts';
import type { Observation, ServerView } from '../../../lab/observation.ts';
import { isProblem } from '../../../lab/problem.ts';
import { isLoopback, publishedPort } from '../../network/address.ts';
import { adoptSteps, lacksUserDefinedNetwork } from '../../network/network.ts';
import { type Failure, fail } from '../../verdicts.ts';
import { folderOf, othersOf, processPlace } from '../../view.ts';
import { imageCauses, refusedByImage } from './image.ts';
import { recreateContainerSteps } from './recreate.ts';

export const containerCauses = [
  'foreign-container',
  'dead-container',
  'wrong-image',
  'wrong-folder',
  'cannot-start',
  ...imageCauses,
] as const;
type Trouble = Failure<(typeof containerCauses)[number] | 'port-taken'>;

/** undefined: the container has no fault, or there is none and its name is free. */
export function containerTrouble(
  now: Observation,
  view: ServerView,
  wanted: 'primary' | 'standby',
  want: string,
): Trouble | undefined {
  const { container, foreign } = view;
  if (!container) return foreign && foreignContainer(view, foreign);
  return (
    dead(view, container, want) ??
    wrongImage(now, view, container) ??
    wrongFolder(now, view, container) ??
    refusedByDocker(now, view, container, want) ??
    refusedByImage(view, container, wanted, want)
  );
}

function foreignContainer({ name }: ServerView, { image, state, ...foreign }: ForeignContainer): Trouble {
  return fail('foreign-container', {
    seen: `there is a container "${foreign.name}" (${image}, id ${foreign.id}, ${state}), but it is not of this lab`,
    want: `a container "${foreign.name}" that has its data in this lab's folder`,
    why: foreign.mayBeTheLabs
      ? "it looks as the tutorial makes it. If it is yours, give it to the lab; nothing that is not the lab's is ever touched"
      : 'two containers cannot have one name. If you made it just now, its -v is missing or names another folder; if it is of something else, leave it alone',
    at: { server: name, view: 'docker ps', row: { names: foreign.name, image, state } },
    next: [
      ...(foreign.mayBeTheLabs ? adoptSteps : []),
      {
        do: 'run',
        text: `docker rename ${foreign.name} ${foreign.name}.mine`,
        ...(foreign.mayBeTheLabs ? { or: true } : {}),
      },
      { do: 'create', on: name },
      {
        do: 'say',
        or: true,
        text: 'let this container be, and make another lab: repl-workshop --engine docker --lab DIR --name PREFIX',
      },
    ],
  });
}

function dead(view: ServerView, { name, state }: ContainerView, want: string): Trouble | undefined {
  if (state !== 'dead' && state !== 'removing') return undefined;
  return fail('dead-container', {
    seen: `Docker ${state === 'dead' ? 'could not remove all of the container' : 'is removing the container'} ${name} (state ${state})`,
    want,
    why: 'such a container cannot be started any more; its data stays where it is mounted',
    at: processPlace(view),
    next: recreateContainerSteps(view),
  });
}

function wrongImage(now: Observation, view: ServerView, { image, major, name }: ContainerView): Trouble | undefined {
  if (major === null || major === now.major) return undefined;
  return fail('wrong-image', {
    seen: `the container ${name} has PostgreSQL ${major} (image ${image}); this lab is for ${now.major}`,
    want: `a container with PostgreSQL ${now.major}`,
    why: 'an image without a version is the newest of that day. The two servers must be of one major version, and the lessons are for this one',
    at: { server: view.name, view: `docker inspect ${name}`, row: { image, PG_MAJOR: major } },
    next: recreateContainerSteps(view),
  });
}

/** In containers postmaster.pid protects nothing: every server is process 1, and takes the lock for its own. */
function wrongFolder(now: Observation, view: ServerView, { mount, name }: ContainerView): Trouble | undefined {
  const ownFolderName = `${view.name}_data`;
  const folder = isProblem(view.disk) ? '' : folderOf(view.disk);
  const other = othersOf(now, view.name).find(
    ({ name, disk, container }) =>
      (!isProblem(disk) && folderOf(disk) === folder) ||
      (mount !== null && (container?.mount?.source === mount.source || mount.source.endsWith(`${name}_data`))),
  );
  const source = folder.includes(':') || folder === '' ? (mount?.source ?? folder) : folder;
  if (!other || source.includes(ownFolderName)) return undefined;
  return fail('wrong-folder', {
    seen: `the container ${name} works in ${source}, and that is ${other.name}'s`,
    want: `${view.name} has a data directory of its own`,
    why: 'two servers in one data directory destroy it. In containers the lock file does not help: both are process 1, and each takes it for its own',
    at: { server: view.name, view: `docker inspect ${name}`, row: { mount: source } },
    next: recreateContainerSteps(view),
  });
}

const isPortTaken = /port is already allocated|address already in use|ports are not available/i;

/** Docker created the container, and could not start it. */
function refusedByDocker(
  now: Observation,
  view: ServerView,
  { error, name, state, published, lessonsPort }: ContainerView,
  want: string,
): Trouble | undefined {
  if (error === null || state === 'running') return undefined;
  const at = processPlace(view);
  if (!isPortTaken.test(error)) {
    return fail('cannot-start', {
      seen: `Docker could not start the container ${name}: ${oneLine(error)}`,
      want,
      why: 'that is Docker\'s own word; PostgreSQL was not even asked. What "docker run" was given cannot be changed afterwards: make the container again',
      at,
      next: recreateContainerSteps(view),
    });
  }
  const port = Number(/:(\d+)(?:\/tcp)?:? (?:failed|bind)/.exec(error)?.[1] ?? published[0]?.port);
  const holder = othersOf(now, view.name).find(
    ({ container }) => container?.state === 'running' && container.published.some((one) => one.port === port),
  );
  const holderWords = holder ? `${holder.name} has it` : 'another program of this machine has it';
  return fail('port-taken', {
    seen: `the container ${name} could not have port ${port}: ${holderWords}`,
    want,
    why: 'one port, one program. Inside, both may listen on 5432; what -p names must be free on this machine',
    at,
    next:
      holder || port !== lessonsPort
        ? recreateContainerSteps(view)
        : [
            { do: 'say', text: `find that program and stop it: docker ps, lsof -i :${port}, or ss -ltnp` },
            { do: 'start', on: view.name },
            {
              do: 'say',
              or: true,
              text: 'let it be, and make another lab, which takes free ports: repl-workshop --lab DIR',
            },
          ],
  });
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** Properties of a container that do no harm now and will surprise the learner later. */
export function containerWarning(view: ServerView): { readonly warning?: string } {
  const { container } = view;
  if (!container) return {};
  const unnamed = container.mount === null || /^[0-9a-f]{64}$/.test(container.mount.source);
  const port = publishedPort(view);
  const open = container.published.find(({ host }) => !isLoopback(host));
  const found = [
    open
      ? `its port ${open.port} is open to the whole network of your machine (${open.host}), and everybody there can try the password; -p 127.0.0.1:${open.port}:5432 would be for this machine alone`
      : '',
    port === undefined
      ? 'no port of it is published (-p), so programs of this machine do not reach it; the other containers do'
      : '',
    port !== undefined && port !== container.lessonsPort
      ? `the commands of the lessons call it at port ${container.lessonsPort}, and it is published at ${port}`
      : '',
    unnamed ? 'its data lies in no folder and no volume of a name, so it is gone with the container' : '',
    lacksUserDefinedNetwork(view)
      ? "it is only in Docker's own network, where containers do not find each other by name"
      : '',
    container.health === 'unhealthy' ? 'Docker calls it unhealthy: docker inspect shows why' : '',
  ].filter(Boolean);
  return found.length > 0 ? { warning: found.join('; ') } : {};
}
