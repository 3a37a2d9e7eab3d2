/**
 * Judges to whom a path belongs. Another user's lab folder can contain anything, and can change at any moment. So a
 * path that a lab names is opened, run or connected to only where the file, each folder above it, and each link on the
 * way belong to the caller or root, and no other user may write there.
 */
import { lstatSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { isAbsolute, join } from 'node:path';

/** One part of a path, with the values of lstat. */
export type Part = {
  readonly path: string;
  readonly kind: 'folder' | 'link' | 'other';
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
};

/** The user that asks. `unmapped`: the uid for all users unknown to this user namespace; undefined: all are known. */
export type Caller = { readonly uid: number; readonly unmapped?: number | undefined };

/** Why a path is not trusted: its first part that is another user's, that others may change, or that is unreadable. */
export type Doubt = {
  readonly path: string;
  /** 'group': it is the caller's, and members of a group may change it too. */
  readonly why: 'owner' | 'writable' | 'group' | 'unseen';
  readonly uid: number | null; // of the owner; null: unknown
};

/** The end of a path. `real` is absolute and without links, as far as they may be followed. */
export type PathWalk = {
  readonly real: string;
  readonly there: boolean;
  readonly doubt: Doubt | null;
  /** A link of another user: it was not followed, and `real` is the link itself. */
  readonly link: string | null;
};

/** Groups whose members can become root anyway. On macOS that includes "admin", which owns Homebrew's folders. */
const rootGroups: readonly number[] = process.platform === 'darwin' ? [0, 80] : [0];
const sticky = 0o1000;

/** `above`: the part is a folder on the way, not the end of the path. */
export function doubtOf(part: Part, caller: Caller, above: boolean): Doubt | null {
  const { path, uid, gid, mode, kind } = part;
  const isOurs = uid === caller.uid || uid === 0 || (above && uid === caller.unmapped);
  if (!isOurs) return { path, why: 'owner', uid };
  if (kind === 'link') return null; // the mode of a link has no meaning
  const isPrivate = gid === uid || rootGroups.includes(gid); // a user's own group has the user's number
  const byGroup = (mode & 0o020) !== 0 && !isPrivate;
  const writable = (mode & 0o002) !== 0 || byGroup;
  const isSticky = kind === 'folder' && above && (mode & sticky) !== 0; // as in /tmp
  if (!writable || isSticky) return null;
  return { path, why: (mode & 0o002) === 0 && uid === caller.uid ? 'group' : 'writable', uid };
}

const mostLinks = 40; // the kernel's limit

/** Follows the path part by part. A path that does not exist yet is judged by the folders above it. */
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

/** True when the path exists, and it, the folders above it and all links on the way belong to the caller or root. */
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

/** undefined: the link may not be followed, such as those in /proc of another user's process. */
function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}

const callerNow = (): Caller => ({ uid: process.geteuid?.() ?? 0, unmapped: unmappedUid() });

/**
 * In a user namespace that does not know all users (a rootless container), the system's folders belong to this uid.
 * Source: user_namespaces(7).
 */
function unmappedUid(): number | undefined {
  try {
    const ranges = readFileSync('/proc/self/uid_map', 'utf8').trim().split('\n');
    if (ranges.some((line) => Number(line.trim().split(/\s+/)[2]) === 2 ** 32 - 1)) return undefined;
    return Number(readFileSync('/proc/sys/kernel/overflowuid', 'utf8'));
  } catch {
    return undefined; // not on Linux
  }
}
