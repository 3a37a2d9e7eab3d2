/**
 * Files of a lab, given to the user that its servers run as. That user may be anybody who got into a server and renames things while we walk, so
 * every file is opened first and asked what it is, and no link is followed: else root would give /etc/shadow away.
 */
import { closeSync, constants, fchownSync, fstatSync, lchownSync, lstatSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isServersUid } from './free-uid.ts';
import type { FileOwner } from './user.ts';

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
const nobodyBefore = 65_534; // earlier versions of the workshop ran root's servers as it

/** What root made by hand in a data directory is the server's as well; what belongs to anybody else was given to them by somebody. */
export const isGiven = (uid: number): boolean => uid === 0 || uid === nobodyBefore || isServersUid(uid);

/** A whole folder, which may not be a link itself. Returns how many files changed hands; those that do not belong to root or to a server are left. */
export const give = (path: string | undefined, owner: FileOwner | null): number =>
  owner === null || path === undefined ? 0 : giveTree(path, owner);

function giveTree(path: string, owner: FileOwner): number {
  const opened = openIfFile(path);
  if (opened === undefined) return giveLink(path, owner);
  try {
    const given = giveOpen(opened, owner);
    if (!fstatSync(opened).isDirectory()) return given;
    const here = `/proc/self/fd/${opened}`; // this very folder, whatever its path names by now
    return readdirSync(here).reduce((sum, name) => sum + giveTree(join(here, name), owner), given);
  } finally {
    closeSync(opened);
  }
}

/** undefined: a symbolic link, a socket, or just gone. */
function openIfFile(path: string): number | undefined {
  try {
    return openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch {
    return undefined;
  }
}

/** A file with a second name is left: that may be a file outside of the lab. */
function giveOpen(opened: number, { uid, gid }: FileOwner): number {
  const stat = fstatSync(opened);
  const isOnce = stat.isDirectory() || (stat.isFile() && stat.nlink === 1);
  if (!isOnce || !isGiven(stat.uid) || (stat.uid === uid && stat.gid === gid)) return 0;
  fchownSync(opened, uid, gid);
  return 1;
}

/** The link itself (tablespaces are links); it has no rights of its own. */
function giveLink(path: string, { uid, gid }: FileOwner): number {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat?.isSymbolicLink() || !isGiven(stat.uid) || stat.uid === uid) return 0;
  lchownSync(path, uid, gid);
  return 1;
}
