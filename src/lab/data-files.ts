/** Files of a data directory that lies where we may write. */
import { chownSync, statSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** undefined: there is no such file. */
export const readDataFile = (data: string, path: string): Promise<string | undefined> =>
  readFile(join(data, path), 'utf8').catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? undefined : Promise.reject(error),
  );

/** Atomic; owner and mode stay, and a new file belongs to whom the directory belongs. */
export async function writeDataFile(data: string, path: string, text: string): Promise<void> {
  const file = join(data, path);
  const before = statSync(file, { throwIfNoEntry: false }) ?? statSync(data);
  const aside = `${file}.repl-workshop`;
  await writeFile(aside, text, { mode: before.isFile() ? before.mode & 0o777 : 0o600 });
  if (process.getuid?.() === 0) chownSync(aside, before.uid, before.gid);
  await rename(aside, file);
}
