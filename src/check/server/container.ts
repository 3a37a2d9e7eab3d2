/** Faults of a server's container, which are none of PostgreSQL's. Docker only. */
import type { ContainerView, ForeignContainer } from '../../lab/docker/container-view.ts';
import type { Observation, ServerView } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { isLoopback, publishedPort } from '../network/address.ts';
import { lacksUserDefinedNetwork } from '../network/network.ts';
import { type Failure, fail } from '../verdicts.ts';
import { folderOf, inFile, othersOf, processPlace } from '../view.ts';
import { recreateContainerSteps } from './recreate.ts';

export const containerCauses = [
  'foreign-container',
  'dead-container',
  'wrong-image',
  'wrong-folder',
  'cannot-start',
  'old-volume-path',
  'password-missing',
  'out-of-memory',
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
      ? 'it looks as the tutorial makes it. If it is yours, answer the question that "repl-workshop" asks when it opens; nothing that is not the lab\'s is ever touched'
      : 'two containers cannot have one name. If you made it just now, its -v is missing or names another folder; if it is of something else, leave it alone',
    at: { server: name, view: 'docker ps', row: { names: foreign.name, image, state } },
    next: [
      { do: 'run', text: `docker rename ${foreign.name} ${foreign.name}.mine` },
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

/** The entrypoint of the image ended before it started the server. */
function refusedByImage(
  view: ServerView,
  container: ContainerView,
  wanted: 'primary' | 'standby',
  want: string,
): Trouble | undefined {
  const { name, process } = view;
  if (process.state !== 'failed' && process.state !== 'restarting') return undefined;
  const reason = process.reason ?? '';
  const at = inFile(name, view.log.file ?? `docker logs ${container.name}`);
  const code = container.exitCode === null ? '' : ` (exit code ${container.exitCode})`;
  const ended = `the container ${container.name} ended at once${code}`;
  if (/^Error: in 18\+/.test(reason)) return oldVolumePath(view, container, { ended, want, at });
  if (/superuser password is not specified/.test(reason)) return noPassword(view, wanted, { ended, want, at });
  if (!container.outOfMemory) return undefined;
  return fail('out-of-memory', {
    seen: `the container ${container.name} was killed: there was no memory left for it`,
    want,
    why: 'the machine, the virtual machine of Docker Desktop, or the limit of the container has too little; PostgreSQL itself had no word in it',
    at: processPlace(view),
    next: [
      { do: 'say', text: 'end something else, or give Docker more memory' },
      { do: 'start', on: name },
    ],
  });
}

/** The entrypoint asks for a password only where it creates a new cluster. */
const noPassword = (view: ServerView, wanted: 'primary' | 'standby', { ended, want, at }: FailedEntrypoint): Trouble =>
  wanted === 'primary'
    ? fail('password-missing', {
        seen: `${ended}: it was given no password for the superuser`,
        want: `${want}, with -e POSTGRES_PASSWORD=… at the docker run`,
        why: 'its folder is empty, so the image wants to make a new cluster, and makes none without a password',
        at,
        next: recreateContainerSteps(view),
      })
    : fail('password-missing', {
        seen: `${ended}: it has no password, and found no cluster in its folder`,
        want,
        why: 'on an empty folder the image wants to make a new cluster, and asks for a password. A copy needs none: the copy is missing',
        at,
        next: [{ do: 'say', text: 'clone the primary first (lesson 5), then start the container' }],
      });

type FailedEntrypoint = { readonly ended: string; readonly want: string; readonly at: ReturnType<typeof inFile> };

function oldVolumePath(view: ServerView, container: ContainerView, { ended, want, at }: FailedEntrypoint): Trouble {
  const old = container.others.find(({ target }) => target === '/var/lib/postgresql/data');
  if (old)
    return fail('old-volume-path', {
      seen: `${ended}: its folder is mounted at ${old.target}, and this image keeps its data elsewhere`,
      want: `${want}, with the folder mounted at /var/lib/postgresql`,
      why: `until 17 the data was at ${old.target}; since 18 each major has a folder of its own, ${container.data}, and the image stops when it finds something at the old place`,
      at,
      next: recreateContainerSteps(view),
    });
  const folder = isProblem(view.disk) ? 'its folder' : folderOf(view.disk);
  return fail('old-volume-path', {
    seen: `${ended}: it finds a cluster in ${folder}, at a place where this image does not keep its own`,
    want: `${want}, with its cluster in ${container.data}`,
    why: 'it is of an earlier major, or a copy that was made into the wrong folder; the image touches neither',
    at,
    next: [
      { do: 'put-aside', on: view.name, to: `${folder}.other` },
      { do: 'start', on: view.name },
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
