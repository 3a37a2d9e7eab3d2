/** The folder of a lab's sockets: its `run/`, or, where that path is too long for a socket, a folder below /tmp. */
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

const longestSocketPath = 107; // bytes, on Linux; includes the socket's own name (".s.PGSQL.5432")
const mostNames = 16;

/**
 * Any user can make folders in /tmp. So 16 names are derived from the lab's folder and its id (which only lab.json
 * has); a name that another user has taken is skipped, and an existing folder of the lab is recognised by owner and
 * mode. Throws a ProblemError when all names are taken.
 */
export function socketFolder(dir: string, labId: string, isUsable = isPrivate): string {
  const inside = join(dir, 'run');
  if (Buffer.byteLength(join(inside, '.s.PGSQL.65535.lock')) <= longestSocketPath) return inside;
  const names = Array.from({ length: mostNames }, (_, at) => join('/tmp', nameOf(`${dir}\n${labId}\n${at}`)));
  const found = names.find(isUsable) ?? names.find((path) => statOf(path) === undefined);
  if (found !== undefined) return found;
  throw new ProblemError({
    what: `The path of this lab is too long for sockets, and another user has made all the folders in /tmp that could be used instead (${names[0]} …).`,
    fix: 'Choose a shorter path with --lab DIR.',
  });
}

const nameOf = (text: string): string =>
  `repl-workshop-${createHash('sha256').update(text).digest('hex').slice(0, 12)}`;

/** Makes the folder for the servers' user alone. Throws a ProblemError when it belongs to another user. */
export function makeSocketFolder(path: string, owner: FileOwner | null): void {
  try {
    if (!isOwn(path)) mkdirSync(path, { mode: 0o700 });
    grantGroup(path, owner, 0o070);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw cannotWrite(path, error as NodeJS.ErrnoException);
    throw new ProblemError({
      what: `${path}, which holds this lab's sockets, belongs to another user.`,
      fix: 'Try again: the lab takes another folder then.',
    });
  }
}

/**
 * Before a start: makes sure that the socket folder in the server's postgresql.conf exists and belongs to the lab.
 * The system may empty /tmp, and another user may then take the name: in that case the file gets `fallback`.
 */
export async function readySocketFolder(data: string, fallback: string, owner: FileOwner | null): Promise<void> {
  const file = join(data, 'postgresql.conf');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const value = parseConf(text, file).settings.findLast(({ name }) => name === 'unix_socket_directories')?.value ?? '';
  for (const path of directoriesOf(value)) {
    if (!isOfLabs(path) || isOwn(path)) continue;
    if (statOf(path) === undefined) makeSocketFolder(path, owner);
    else {
      makeSocketFolder(fallback, owner);
      await writeDataFile(data, 'postgresql.conf', setConf(text, 'unix_socket_directories', directoryList([fallback])));
    }
  }
}

const isOfLabs = (path: string): boolean => /^\/tmp\/repl-workshop-[0-9a-f]{12}$/.test(path);

/** Whether the path is a folder (no link) of this user or its servers. Earlier versions gave it a wider mode. */
export function isOwn(path: string): boolean {
  const stat = statOf(path);
  return stat?.isDirectory() === true && isOurs(stat.uid);
}

/**
 * Whether the socket belongs to this user or its servers, in a folder of theirs or of root (/tmp), where other users
 * cannot make a file with that owner.
 */
export function isOwnSocket(folder: string, port: number): boolean {
  const socket = statOf(join(folder, `.s.PGSQL.${port}`));
  const holder = statOf(folder)?.uid;
  return socket?.isSocket() === true && isOurs(socket.uid) && holder !== undefined && (holder === 0 || isOurs(holder));
}

function isPrivate(path: string): boolean {
  const { mode = 0, gid = 0 } = statOf(path) ?? {};
  return isOwn(path) && (mode & (isServersUid(gid) ? 0o007 : 0o077)) === 0;
}

/** The uid is this user's; for root also one of the servers' uids. */
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
