/**
 * Whose a path is. A lab's folder may belong to somebody else, who then decides what stands in it, and may change it at any moment. So what a lab names is
 * opened, run or connected to only where it, each folder above it, and each link on the way belong to the caller or to root, and nobody else may write there.
 */
import { lstatSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { isAbsolute, join } from 'node:path';

/** One part of a path, as lstat tells it. */
export type Part = {
  readonly path: string;
  readonly kind: 'folder' | 'link' | 'other';
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
};

/** Who asks. `unmapped`: the uid that stands for all users whom this user namespace does not know; undefined where it knows all. */
export type Caller = { readonly uid: number; readonly unmapped?: number | undefined };

/** Why a path is not trusted: the first part of it that is somebody else's, that others may change, or that cannot be seen. */
export type Doubt = {
  readonly path: string;
  readonly why: 'owner' | 'writable' | 'group' | 'unseen'; // group: of the caller's own, and members of a group may change it too
  readonly uid: number | null; // of its owner; null: unseen
};

/** Where a path leads. `real` is absolute and without links, as far as they may be followed. */
export type PathWalk = {
  readonly real: string;
  readonly there: boolean;
  readonly doubt: Doubt | null;
  readonly link: string | null; // a link that is somebody else's: it was not followed, and `real` is the link itself
};

/** Groups in which only those are who could become root anyway; on macOS "admin", to which Homebrew's folders belong. */
const rootsGroups: readonly number[] = process.platform === 'darwin' ? [0, 80] : [0];
const sticky = 0o1000;

/** `above`: it is a folder on the way, not what is asked for. */
export function doubtOf(part: Part, caller: Caller, above: boolean): Doubt | null {
  const { path, uid, gid, mode, kind } = part;
  const isOurs = uid === caller.uid || uid === 0 || (above && uid === caller.unmapped);
  if (!isOurs) return { path, why: 'owner', uid };
  if (kind === 'link') return null; // its mode means nothing
  const isPrivate = gid === uid || rootsGroups.includes(gid); // each user's own group has the user's number
  const byGroup = (mode & 0o020) !== 0 && !isPrivate;
  const writable = (mode & 0o002) !== 0 || byGroup;
  const keepsNames = kind === 'folder' && above && (mode & sticky) !== 0; // as in /tmp: what lies there is its owner's
  if (!writable || keepsNames) return null;
  return { path, why: (mode & 0o002) === 0 && uid === caller.uid ? 'group' : 'writable', uid };
}

const mostLinks = 40; // as the kernel has it

/** Follows the path part by part. What is not there yet is judged by the folders above it. */
export function walkTo(path: string, caller: Caller = callerNow()): PathWalk {
  const rest = path.split('/').filter((name) => name !== '' && name !== '.');
  let real = '/';
  let doubt = doubtAt('/', lstatSync('/'), caller, rest.length > 0);
  for (let links = 0; rest.length > 0; ) {
    const name = rest.shift() ?? '';
    const next = join(real, name);
    if (name === '..') {
      real = next;
      continue;
    }
    const stat = statOf(next);
    if (stat === 'absent') return { real: join(next, ...rest), there: false, doubt, link: null };
    if (stat === 'unseen')
      return {
        real: join(next, ...rest),
        there: false,
        doubt: doubt ?? { path: next, why: 'unseen', uid: null },
        link: null,
      };
    doubt ??= doubtAt(next, stat, caller, rest.length > 0);
    if (!stat.isSymbolicLink()) {
      real = next;
      continue;
    }
    if (doubt || ++links > mostLinks)
      return { real: next, there: true, doubt: doubt ?? { path: next, why: 'unseen', uid: stat.uid }, link: next };
    const target = targetOf(next);
    if (target === undefined)
      return { real: next, there: true, doubt: { path: next, why: 'unseen', uid: stat.uid }, link: next };
    if (isAbsolute(target)) real = '/';
    rest.unshift(...target.split('/').filter((part) => part !== '' && part !== '.'));
  }
  return { real, there: true, doubt, link: null };
}

/** It is there, and it, what is above it, and all links on the way are the caller's or root's. */
export function isTrusted(path: string, caller?: Caller): boolean {
  const { there, doubt } = walkTo(path, caller);
  return there && doubt === null;
}

const doubtAt = (path: string, stat: Stats, caller: Caller, above: boolean): Doubt | null => {
  const kind = stat.isSymbolicLink() ? 'link' : stat.isDirectory() ? 'folder' : 'other';
  return doubtOf({ path, kind, uid: stat.uid, gid: stat.gid, mode: stat.mode }, caller, above);
};

function statOf(path: string): Stats | 'absent' | 'unseen' {
  try {
    return lstatSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'absent' : 'unseen';
  }
}

/** Undefined for one that may not be followed, as those in /proc of somebody else's process. */
function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}

const callerNow = (): Caller => ({ uid: process.geteuid?.() ?? 0, unmapped: unmappedUid() });

/** In a user namespace that does not know all users (a container of an ordinary user, say) the system's own folders belong to this uid. Linux: user_namespaces(7). */
function unmappedUid(): number | undefined {
  try {
    const known = readFileSync('/proc/self/uid_map', 'utf8').trim().split('\n');
    if (known.some((line) => Number(line.trim().split(/\s+/)[2]) === 2 ** 32 - 1)) return undefined;
    return Number(readFileSync('/proc/sys/kernel/overflowuid', 'utf8'));
  } catch {
    return undefined; // not on Linux
  }
}
