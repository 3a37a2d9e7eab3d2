/** Where a lab's sockets stand: in its `run/`, or, where that path is too long for one, in a folder of this lab's own below /tmp. */
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readFileSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { directoriesOf, directoryList, parseConf, setConf } from '../../../postgres/conf/conf.ts';
import { writeDataFile } from '../../files/data-files.ts';
import { ProblemError } from '../../problem.ts';
import { cannotWrite } from '../../store/store.ts';
import { isServersUid } from './free-uid.ts';
import { grantGroup } from './server-folder.ts';
import type { FileOwner } from './user.ts';

const longestSocketPath = 107; // bytes, on Linux; ".s.PGSQL.5432" comes on top of the folder
const mostNames = 16;

/**
 * Anybody can make folders in /tmp. So names come from what is in `lab.json` only (the lab's id), one that somebody else has taken is passed over for
 * the next, and those that are ours are found again by their owner.
 */
export function socketFolder(dir: string, labId: string, isUsable = isPrivate): string {
  const inside = join(dir, 'run');
  if (Buffer.byteLength(join(inside, '.s.PGSQL.65535.lock')) <= longestSocketPath) return inside;
  const names = Array.from({ length: mostNames }, (_, at) => join('/tmp', nameOf(`${dir}\n${labId}\n${at}`)));
  const found = names.find(isUsable) ?? names.find((path) => statOf(path) === undefined);
  if (found !== undefined) return found;
  throw new ProblemError({
    what: `The path of this lab is too long for sockets, and somebody else has made all the folders in /tmp that stand for it (${names[0]} …).`,
    fix: 'Choose a shorter path with --lab DIR.',
  });
}

const nameOf = (text: string): string =>
  `repl-workshop-${createHash('sha256').update(text).digest('hex').slice(0, 12)}`;

/** Made for the servers' user alone. Throws a ProblemError when somebody else was faster. */
export function makeSocketFolder(path: string, owner: FileOwner | null): void {
  try {
    if (!isOwn(path)) mkdirSync(path, { mode: 0o700 });
    grantGroup(path, owner, 0o070);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw cannotWrite(path, error as NodeJS.ErrnoException);
    throw new ProblemError({
      what: `${path}, where this lab's sockets stand, belongs to somebody else.`,
      fix: 'Try again: the lab takes another folder then.',
    });
  }
}

/**
 * Before a start: the folder that the server's own file names is there and ours. The system empties /tmp now and then; and a name that was in use once
 * can be seen by all, so somebody may have taken it meanwhile: then the line in the file gets another folder.
 */
export async function readySocketFolder(data: string, otherwise: string, owner: FileOwner | null): Promise<void> {
  const file = join(data, 'postgresql.conf');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const value = parseConf(text, file).settings.findLast(({ name }) => name === 'unix_socket_directories')?.value ?? '';
  for (const path of directoriesOf(value)) {
    if (!isOfLabs(path) || isOwn(path)) continue;
    if (statOf(path) === undefined) makeSocketFolder(path, owner);
    else {
      makeSocketFolder(otherwise, owner);
      await writeDataFile(
        data,
        'postgresql.conf',
        setConf(text, 'unix_socket_directories', directoryList([otherwise])),
      );
    }
  }
}

const isOfLabs = (path: string): boolean => /^\/tmp\/repl-workshop-[0-9a-f]{12}$/.test(path);

/** A real folder of ours. A lab of an earlier version has one that others may look into. */
export function isOwn(path: string): boolean {
  const stat = statOf(path);
  return stat?.isDirectory() === true && isOurs(stat.uid);
}

/** A socket that our server made: in a folder of ours, or in one of root's in which nobody can make a file that belongs to us (/tmp). */
export function isOwnSocket(folder: string, port: number): boolean {
  const socket = statOf(join(folder, `.s.PGSQL.${port}`));
  const around = statOf(folder)?.uid;
  return socket?.isSocket() === true && isOurs(socket.uid) && around !== undefined && (around === 0 || isOurs(around));
}

function isPrivate(path: string): boolean {
  const { mode = 0, gid = 0 } = statOf(path) ?? {};
  return isOwn(path) && (mode & (isServersUid(gid) ? 0o007 : 0o077)) === 0;
}

/** Of whoever runs the workshop; for root also of its servers. */
const isOurs = (uid: number): boolean => {
  const self = process.getuid?.();
  return uid === self || (self === 0 && isServersUid(uid));
};

const statOf = (path: string): Stats | undefined => {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
};
