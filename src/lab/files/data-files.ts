/** Files of a data directory in which this program may write. */
import { lstatSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ProblemError } from '../problem.ts';
import { readRegular } from './regular-file.ts';
import { writeWhole } from './write-file.ts';

const mostOfAFile = 64 * 1024 * 1024;

/** Resolves with undefined when there is no such file. Throws a ProblemError when it is not a regular file. */
export async function readDataFile(data: string, path: string): Promise<string | undefined> {
  const result = readRegular(join(data, path), mostOfAFile);
  if (result.kind === 'absent') return undefined;
  if (result.kind === 'bytes') return result.bytes.toString('utf8');
  throw new ProblemError({
    what: `${join(data, path)} cannot be read: ${result.why}.`,
    fix: `Move it away, or put a plain file in its place.`,
  });
}

/** Atomic. Keeps owner and mode; a new file gets the directory's owner. Replaces a link, not its target. */
export async function writeDataFile(data: string, path: string, text: string): Promise<void> {
  const file = join(data, path);
  refuseLink(data, dirname(file));
  const existing = lstatSync(file, { throwIfNoEntry: false });
  const { uid, gid } = existing ?? statSync(data);
  const owner = process.getuid?.() === 0 ? { uid, gid } : undefined;
  writeWhole(file, text, { mode: existing?.isFile() ? existing.mode & 0o777 : 0o600, owner });
}

/** Throws a ProblemError when a folder in the data directory is a link that leads out of it. */
function refuseLink(data: string, folder: string): void {
  const [place, real] = [realpathSync(data), realpathSync(folder)];
  if (real === place || real.startsWith(`${place}/`)) return;
  throw new ProblemError({
    what: `${folder} leads to ${real}, outside of the data directory, so the workshop writes nothing there.`,
    fix: 'Edit the file yourself, if it is yours.',
  });
}
