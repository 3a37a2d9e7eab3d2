/** Files of a lab, read without trust: only regular ones, never waiting, never more than is wanted, and no link that is somebody else's. */
import { lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { type FileRead, readRegular } from './regular-file.ts';
import { walkTo } from './trust.ts';

/**
 * Where the folders on the way are somebody else's, they may be changed while we look. So no link is followed there, and what was opened must be of the
 * same owner as its folder, who could have read it anyway.
 */
export function readOfLab(path: string, most: number): FileRead {
  const { real, there, doubt, link } = walkTo(path);
  if (link) return refused('it is a link, or lies behind one, that belongs to somebody else', 'ELOOP');
  if (!there) return doubt?.why === 'unseen' ? refused('you may not look there', 'EACCES') : { kind: 'absent' };
  if (!doubt) return readRegular(real, most);
  // Looked at before it is opened as well: to open a device may do something.
  const [file, folder] = [real, dirname(real)].map((one) => lstatSync(one, { throwIfNoEntry: false }));
  if (!file || !folder) return { kind: 'absent' };
  if (!file.isFile()) return refused('it is not a regular file', 'ENXIO');
  return readRegular(real, most, folder.uid);
}

const refused = (why: string, code: string): FileRead => ({ kind: 'refused', why, code });
