/** What data directories tell a new plan that were there before it. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readOfLab } from '../files/read-file.ts';
import { portSetting } from './plan-ports.ts';

/** The port in the file of a data directory that is there, as an entry by the server's name; none: []. */
export function portInFile(data: string, name: string): readonly (readonly [string, number])[] {
  const port = portSetting(textOf(join(data, 'postgresql.conf')) ?? '');
  return port ? [[name, port.value]] : [];
}

/** The major of a data directory that is there. */
export function majorOfCluster(dir: string): number | undefined {
  const rep = join(dir, 'rep');
  const versions = namesIn(rep)
    .map((name) => Number.parseInt(textOf(join(rep, name, 'PG_VERSION')) ?? '', 10))
    .filter((version) => version > 0);
  return versions[0];
}

/** Empty when the folder does not exist or cannot be read. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

const mostOfAFile = 16 * 1024 * 1024;

/** undefined: the file cannot be read, and counts as absent for a new plan. */
function textOf(path: string): string | undefined {
  const read = readOfLab(path, mostOfAFile);
  return read.kind === 'bytes' ? read.bytes.toString('utf8') : undefined;
}
