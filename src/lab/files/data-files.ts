/** Files of a data directory that lies where we may write. */
import { lstatSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ProblemError } from '../problem.ts';
import { readRegular } from './regular-file.ts';
import { writeWhole } from './write-file.ts';

const mostOfAFile = 64 * 1024 * 1024;

/** undefined: there is no such file. Throws a ProblemError for what is no plain file. */
export async function readDataFile(data: string, path: string): Promise<string | undefined> {
  const read = readRegular(join(data, path), mostOfAFile);
  if (read.kind === 'absent') return undefined;
  if (read.kind === 'bytes') return read.bytes.toString('utf8');
  throw new ProblemError({
    what: `${join(data, path)} cannot be read: ${read.why}.`,
    fix: `Move it away, or put a plain file in its place.`,
  });
}

/** Atomic; owner and mode stay, and a new file belongs to whom the directory belongs. A link is replaced by the file, and what it names stays as it is. */
export async function writeDataFile(data: string, path: string, text: string): Promise<void> {
  const file = join(data, path);
  refuseLink(data, dirname(file));
  const before = lstatSync(file, { throwIfNoEntry: false });
  const { uid, gid } = before ?? statSync(data);
  const owner = process.getuid?.() === 0 ? { uid, gid } : undefined;
  writeWhole(file, text, { mode: before?.isFile() ? before.mode & 0o777 : 0o600, owner });
}

/** A folder in the data directory may be a link to anywhere. */
function refuseLink(data: string, folder: string): void {
  const [place, real] = [realpathSync(data), realpathSync(folder)];
  if (real === place || real.startsWith(`${place}/`)) return;
  throw new ProblemError({
    what: `${folder} leads to ${real}, outside of the data directory, so the workshop writes nothing there.`,
    fix: 'Edit the file yourself, if it is yours.',
  });
}
