/** Reads a file that another user may have put there: never blocks, and never uses more memory than the limit. */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';

export type FileRead = { readonly kind: 'bytes'; readonly bytes: Buffer } | Unread;
export type Unread =
  | { readonly kind: 'absent' } // a dangling link counts as absent
  | Refused;
/**
 * A file in a folder that others may change: it has the folder's owner, or is the one that lstat saw, with one name.
 */
export type Expected = { readonly owner: number; readonly seen: Stats };
/** `why` is the end of a sentence: 'it is a folder'. */
type Refused = { readonly kind: 'refused'; readonly why: string; readonly code: string };

const mebibyte = 1024 * 1024;

/**
 * Reads at most `most` bytes of a regular file. Opens without blocking, so that a FIFO does not hang, and then refuses
 * it. With `expected`, accepts only that file, and follows no link.
 */
export function readRegular(path: string, most: number, expected?: Expected): FileRead {
  const handle = openRegular(path, expected);
  if (typeof handle !== 'number') return handle;
  try {
    const bytes = fstatSync(handle).size > most ? undefined : upTo(handle, most);
    return bytes
      ? { kind: 'bytes', bytes }
      : { kind: 'refused', why: `it is larger than ${Math.floor(most / mebibyte)} MB`, code: 'EFBIG' };
  } catch (error) {
    return refusal(error as NodeJS.ErrnoException);
  } finally {
    closeSync(handle);
  }
}

/** Returns a descriptor that the caller closes. */
export function openRegular(path: string, expected?: Expected): number | Unread {
  const { O_RDONLY, O_NONBLOCK, O_NOCTTY, O_NOFOLLOW } = constants;
  let handle: number | undefined;
  try {
    handle = openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | (expected ? O_NOFOLLOW : 0));
    const why = refusalOf(fstatSync(handle), expected);
    if (!why) return handle;
    closeSync(handle);
    return why;
  } catch (error) {
    if (handle !== undefined) closeSync(handle);
    return refusal(error as NodeJS.ErrnoException);
  }
}

function refusalOf(stat: Stats, expected: Expected | undefined): Refused | undefined {
  if (stat.isDirectory()) return { kind: 'refused', why: 'it is a folder', code: 'EISDIR' };
  if (!stat.isFile()) return { kind: 'refused', why: 'it is not a regular file', code: 'ENXIO' };
  if (expected && !isExpected(stat, expected))
    return {
      kind: 'refused',
      why: 'it belongs to another user than the folder in which it stands, and has a second name elsewhere',
      code: 'EPERM',
    };
  return undefined;
}

/** A hard link shows in the link count. A file with one name was put there by a user who could read it. */
function isExpected(stat: Stats, { owner, seen }: Expected): boolean {
  return stat.uid === owner || (seen.nlink === 1 && seen.ino === stat.ino && seen.dev === stat.dev);
}

/** Limits what is read, because the file may grow meanwhile. undefined: it has more than `most` bytes. */
function upTo(handle: number, most: number): Buffer | undefined {
  const pieces: Buffer[] = [];
  let length = 0;
  for (;;) {
    const piece = Buffer.allocUnsafe(Math.min(mebibyte, most + 1));
    const read = readSync(handle, piece);
    if (read === 0) return Buffer.concat(pieces);
    pieces.push(piece.subarray(0, read));
    length += read;
    if (length > most) return undefined;
  }
}

const refusals: Readonly<Record<string, string>> = {
  EACCES: 'you may not read it',
  EPERM: 'you may not read it',
  ELOOP: 'it is a link that leads to itself',
  ENXIO: 'it is not a regular file', // a socket
  ENODEV: 'it is not a regular file',
  ENAMETOOLONG: 'its name is too long',
  EIO: 'the disk cannot read it',
};

function refusal({ code = '', message }: NodeJS.ErrnoException): Unread {
  if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'absent' };
  return { kind: 'refused', why: refusals[code] ?? message, code };
}
