/**
 * Reads files of a lab without trusting them: regular files only, never blocking, with a size limit, and through no
 * link that belongs to another user.
 */
import { lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { walkTo } from '../trust/trust.ts';
import { type Expected, type FileRead, openRegular, readRegular, type Unread } from './regular-file.ts';

/**
 * Where folders on the way belong to another user, they may change during the read. So no link is followed there, and
 * the opened file must either have the owner of its folder, who could read it anyway, or have no second name: a hard
 * link to a file that only this user may read has one.
 */
export function readOfLab(path: string, most: number): FileRead {
  const place = placeOf(path);
  return 'real' in place ? readRegular(place.real, most, place.expected) : place;
}

/** The same for a file that is large or has no end: returns a descriptor that the caller closes. `path` is absolute. */
export function openOfOthers(path: string): number | Unread {
  const place = placeOf(path);
  return 'real' in place ? openRegular(place.real, place.expected) : place;
}

/** Without `expected`, any file is accepted. */
function placeOf(path: string): { readonly real: string; readonly expected?: Expected } | Unread {
  const { real, there, doubt, link } = walkTo(path);
  if (link && doubt?.why === 'unseen')
    return refused('it is a link that leads to itself, or to where you may not look', 'ELOOP');
  if (link) return refused('it is a link, or is behind a link, that belongs to another user', 'ELOOP');
  if (!there) return doubt?.why === 'unseen' ? refused('you may not look there', 'EACCES') : { kind: 'absent' };
  if (!doubt) return { real };
  // Checked before opening as well: opening a device may have an effect.
  const [file, folder] = [real, dirname(real)].map((one) => lstatSync(one, { throwIfNoEntry: false }));
  if (!file || !folder) return { kind: 'absent' };
  if (!file.isFile()) return refused(file.isDirectory() ? 'it is a folder' : 'it is not a regular file', 'ENXIO');
  return { real, expected: { owner: folder.uid, seen: file } };
}

const refused = (why: string, code: string): Unread => ({ kind: 'refused', why, code });
