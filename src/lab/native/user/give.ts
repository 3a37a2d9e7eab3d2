/**
 * Gives files of a lab to the user that its servers run as. An intruder in a server may rename files during the walk,
 * so each file is opened and checked by its descriptor, and no link is followed: else root might give /etc/shadow.
 */
import { closeSync, constants, fchownSync, fstatSync, lchownSync, lstatSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isServersUid } from './free-uid.ts';
import type { FileOwner } from './user.ts';

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
const nobodyBefore = 65_534; // earlier versions of the workshop ran root's servers as this user

/** Whether files of this owner may be given: those that root made by hand, and those of servers. */
export const isGiven = (uid: number): boolean => uid === 0 || uid === nobodyBefore || isServersUid(uid);

/** Gives a whole folder, which may not be a link itself. Returns the number of files that got another owner. */
export const give = (path: string | undefined, owner: FileOwner | null): number =>
  owner === null || path === undefined ? 0 : giveTree(path, owner);

function giveTree(path: string, owner: FileOwner): number {
  if (isPlain(path, owner)) return 0;
  const opened = openIfFile(path);
  if (opened === undefined) return giveLink(path, owner);
  try {
    const given = giveOpen(opened, owner);
    if (!fstatSync(opened).isDirectory()) return given;
    const here = `/proc/self/fd/${opened}`; // the opened folder, even if its path was replaced
    return readdirSync(here).reduce((sum, name) => sum + giveTree(join(here, name), owner), given);
  } finally {
    closeSync(opened);
  }
}

/** Whether it is a file of this owner already. Most are, and opening each of them would take four times as long. */
function isPlain(path: string, { uid, gid }: FileOwner): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat === undefined || (stat.uid === uid && stat.gid === gid && !stat.isDirectory());
}

/** Returns undefined for a symbolic link, a socket, or a file that was removed. */
function openIfFile(path: string): number | undefined {
  try {
    return openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch {
    return undefined;
  }
}

/** Skips a file with a second hard link, which may be a file outside of the lab. */
function giveOpen(opened: number, { uid, gid }: FileOwner): number {
  const stat = fstatSync(opened);
  const isOnce = stat.isDirectory() || (stat.isFile() && stat.nlink === 1);
  if (!isOnce || !isGiven(stat.uid) || (stat.uid === uid && stat.gid === gid)) return 0;
  fchownSync(opened, uid, gid);
  return 1;
}

/** Gives the symbolic link itself (tablespaces are links), not its target. */
function giveLink(path: string, { uid, gid }: FileOwner): number {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat?.isSymbolicLink() || !isGiven(stat.uid) || stat.uid === uid) return 0;
  lchownSync(path, uid, gid);
  return 1;
}
