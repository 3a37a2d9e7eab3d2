/** Reading a file that somebody else may have put there: it never waits, and never takes more memory than was said. */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';

export type FileRead = { readonly kind: 'bytes'; readonly bytes: Buffer } | Unread;
export type Unread =
  | { readonly kind: 'absent' } // a link that leads nowhere counts as absent
  | Refused;
/** What must be true of a file in a folder that others may change: it is of that folder's owner, or the very file that lstat saw, with no other name. */
export type Expected = { readonly owner: number; readonly seen: Stats };
type Refused = { readonly kind: 'refused'; readonly why: string; readonly code: string }; // why: the end of a sentence, as 'it is a folder'

const mebibyte = 1024 * 1024;

/**
 * Of a regular file, `most` bytes at most. Nobody writes to a fifo that waits for us: it is opened without waiting, and then refused.
 * `expected`: of no other file, and through no link.
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

/** A descriptor, for the caller to close. */
export function openRegular(path: string, expected?: Expected): number | Unread {
  const { O_RDONLY, O_NONBLOCK, O_NOCTTY, O_NOFOLLOW } = constants;
  let handle: number | undefined;
  try {
    handle = openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | (expected ? O_NOFOLLOW : 0));
    const why = unfit(fstatSync(handle), expected);
    if (!why) return handle;
    closeSync(handle);
    return why;
  } catch (error) {
    if (handle !== undefined) closeSync(handle);
    return refusal(error as NodeJS.ErrnoException);
  }
}

function unfit(stat: Stats, expected: Expected | undefined): Refused | undefined {
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

/** A hard link shows by the count of names; a file with one name was put there by somebody who could read it. */
function isExpected(stat: Stats, { owner, seen }: Expected): boolean {
  return stat.uid === owner || (seen.nlink === 1 && seen.ino === stat.ino && seen.dev === stat.dev);
}

/** The file may grow while it is read. Undefined: it has more. */
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
