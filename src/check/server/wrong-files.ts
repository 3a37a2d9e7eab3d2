/** Faults of a data directory that keep a server from starting, whatever its log says: owner, mode, version. */
import type { Disk, Observation, ServerView } from '../../lab/observation.ts';
import { writeVersion } from '../setting/settings.ts';
import type { Step } from '../verdict.ts';
import { type Failure, fail } from '../verdicts.ts';
import { asideName, inFile } from '../view.ts';
import { makeClusterSteps } from './container/recreate.ts';

/** Faults of the files. A data directory of another user has no log: the server ends before it can write one. */
export function wrongFiles(
  now: Observation,
  view: ServerView,
  disk: Disk,
  want: string,
): Failure<'wrong-owner' | 'bad-permissions' | 'other-major'> | undefined {
  const { name } = view;
  if (disk.ownedByServer === false || disk.foreignOwner) {
    const what = disk.ownedByServer === false ? disk.path : `${disk.path}/${disk.foreignOwner}`;
    return fail('wrong-owner', {
      seen: `${what} belongs to another user than the one who runs servers`,
      want,
      why: 'PostgreSQL only starts on a data directory that is its own; a copy made as root is not',
      at: inFile(name, what),
      next: [{ do: 'chown', on: name }],
    });
  }
  // The entrypoint of the image sets the mode of the folder at each start.
  if (now.engine === 'native' && disk.mode && disk.mode !== '0700' && disk.mode !== '0750') {
    return fail('bad-permissions', {
      seen: `${disk.path} has mode ${disk.mode}: others may look into it`,
      want,
      why: 'the folder holds everything, passwords too; PostgreSQL starts only with mode 0700 or 0750',
      at: inFile(name, disk.path),
      next: [
        { do: 'chmod', on: name },
        { do: 'start', on: name },
      ],
    });
  }
  if (disk.major !== undefined && disk.major !== now.major) {
    return fail('other-major', {
      seen: Number.isNaN(disk.major)
        ? `${disk.path}/PG_VERSION has no version in it`
        : `${disk.path} was made by PostgreSQL ${disk.major}; this lab runs ${now.major}`,
      want,
      why: 'the files of two major versions differ; a server starts only on files of its own',
      at: inFile(name, `${disk.path}/PG_VERSION`),
      next: otherMajorSteps(now, view, disk),
    });
  }
  return undefined;
}

/** Where pg_control is of this lab's major, only PG_VERSION is wrong; else the cluster is put aside. */
export function otherMajorSteps(now: Observation, view: ServerView, disk: Disk): readonly Step[] {
  const { name } = view;
  if (now.engine === 'native' && disk.control?.major === now.major)
    return [writeVersion(disk.path, now.major), { do: 'start', on: name }];
  return [{ do: 'put-aside', on: name, to: asideName(disk) }, ...makeClusterSteps(now, view)];
}
