/** Files of a lab, read without trust: only regular ones, never waiting, never more than is wanted, and no link that is somebody else's. */
import { lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { walkTo } from '../trust/trust.ts';
import { type Expected, type FileRead, openRegular, readRegular, type Unread } from './regular-file.ts';

/**
 * Where the folders on the way are somebody else's, they may be changed while we look. So no link is followed there, and what was opened must be of the
 * same owner as its folder, who could have read it anyway, or have no other name: a hard link to a file that only we may read has one.
 */
export function readOfLab(path: string, most: number): FileRead {
  const place = placeOf(path);
  return 'real' in place ? readRegular(place.real, most, place.expected) : place;
}

/** The same for a file that has no end or is large: a descriptor, for the caller to close. `path` is absolute. */
export function openOfOthers(path: string): number | Unread {
  const place = placeOf(path);
  return 'real' in place ? openRegular(place.real, place.expected) : place;
}

/** Without `expected` it may be any file. */
function placeOf(path: string): { readonly real: string; readonly expected?: Expected } | Unread {
  const { real, there, doubt, link } = walkTo(path);
  if (link && doubt?.why === 'unseen')
    return refused('it is a link that leads to itself, or to where you may not look', 'ELOOP');
  if (link) return refused('it is a link, or lies behind one, that belongs to somebody else', 'ELOOP');
  if (!there) return doubt?.why === 'unseen' ? refused('you may not look there', 'EACCES') : { kind: 'absent' };
  if (!doubt) return { real };
  // Looked at before it is opened as well: to open a device may do something.
  const [file, folder] = [real, dirname(real)].map((one) => lstatSync(one, { throwIfNoEntry: false }));
  if (!file || !folder) return { kind: 'absent' };
  if (!file.isFile()) return refused(file.isDirectory() ? 'it is a folder' : 'it is not a regular file', 'ENXIO');
  return { real, expected: { owner: folder.uid, seen: file } };
}

const refused = (why: string, code: string): Unread => ({ kind: 'refused', why, code });
