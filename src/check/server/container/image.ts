/** What the entrypoint of a container's image could not do, before it started the server. */
import type { ContainerView } from '../../../lab/docker/container-view.ts';
import type { ServerView } from '../../../lab/observation.ts';
import { isProblem } from '../../../lab/problem.ts';
import { type Failure, fail } from '../../verdicts.ts';
import { folderOf, inFile, processPlace } from '../../view.ts';
import { recreateContainerSteps } from './recreate.ts';

export const imageCauses = [
  'old-volume-path',
  'password-missing',
  'out-of-memory',
  'image-cannot-write',
  'disk-full',
] as const;
type Refused = Failure<(typeof imageCauses)[number]>;

/** The entrypoint of the image ended before it started the server. */
export function refusedByImage(
  view: ServerView,
  container: ContainerView,
  wanted: 'primary' | 'standby',
  want: string,
): Refused | undefined {
  const { name, process } = view;
  if (process.state !== 'failed' && process.state !== 'restarting') return undefined;
  const reason = process.reason ?? '';
  const at = inFile(name, view.log.file ?? `docker logs ${container.name}`);
  const code = container.exitCode === null ? '' : ` (exit code ${container.exitCode})`;
  const ended = `the container ${container.name} ended at once${code}`;
  if (/^Error: in 18\+/.test(reason)) return oldVolumePath(view, container, { ended, want, at });
  if (/superuser password is not specified/.test(reason)) return noPassword(view, wanted, { ended, want, at });
  if (!container.outOfMemory) return refusedByFolder(view, container, reason, { ended, want, at });
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

/** What the programs of the entrypoint say of the mounted folder, and a full disk, whoever meets it. */
function refusedByFolder(
  { name }: ServerView,
  { mount }: ContainerView,
  reason: string,
  { ended, want, at }: FailedEntrypoint,
): Refused | undefined {
  const start = { do: 'start', on: name } as const;
  if (/No space left on device/.test(reason))
    return fail('disk-full', {
      seen: `${ended}: ${reason}`,
      want,
      why: `the disk of ${mount?.source ?? 'its data'} is full, and a server without room for its log of changes stops`,
      at,
      next: [
        { do: 'say', text: `make room on the disk of ${mount?.source ?? 'Docker'} (df -h shows how full it is)` },
        start,
      ],
    });
  if (
    !/^(mkdir|chown|chmod|find|initdb|\S*docker-entrypoint\.sh): .*(Permission denied|not permitted|Read-only)/.test(
      reason,
    )
  )
    return undefined;
  return fail('image-cannot-write', {
    seen: `${ended}: ${reason}`,
    want: `${want}, in a folder that its user may write`,
    why: 'the image runs as the user that --user names, else as its own; the folder that is mounted belongs to another one',
    at,
    next: [
      { do: 'chown', on: name },
      start,
      { do: 'say', or: true, text: 'where SELinux guards the folder: make the container again, with :z behind its -v' },
    ],
  });
}

/** The entrypoint asks for a password only where it creates a new cluster. */
const noPassword = (view: ServerView, wanted: 'primary' | 'standby', { ended, want, at }: FailedEntrypoint): Refused =>
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

function oldVolumePath(view: ServerView, container: ContainerView, { ended, want, at }: FailedEntrypoint): Refused {
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
