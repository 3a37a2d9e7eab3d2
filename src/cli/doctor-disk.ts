/** Looks of doctor at what the workshop takes of the disk, and at what of that is over its bound. */
import { join } from 'node:path';
import { version } from '../../package.json';
import { type Backup, listBackups, mostBytesOfSteps } from '../lab/backup/backup-folder.ts';
import { bytesIn, sizeWords } from '../lab/files/disk-usage.ts';
import { dataOf, serverNames } from '../lab/plan/plan-ports.ts';
import { cacheFolder, listPrepared, mostBytesOfCache } from '../lab/prepared/cache.ts';
import { spareFolder } from '../lab/prepared/spare.ts';
import { ProblemError } from '../lab/problem.ts';
import { findTidyings, type TidyPlaces, tidyWords } from '../lab/tidy/tidy.ts';
import { refuseOthers } from '../lab/trust/others.ts';
import { messages } from '../ui/messages.ts';
import type { Invocation } from './command.ts';

const words = messages.tidy;

export const tidyPlaces = ({ dir, io }: Invocation): TidyPlaces => ({
  dir,
  data: serverNames.map((name) => join(dir, dataOf(name))),
  cache: cacheFolder(io.env),
  env: io.env,
  version,
});

export function diskOfLab({ dir, named }: Invocation): string {
  refuseOthers(named);
  const all = listBackups(dir);
  const share = (wanted: (one: Backup) => boolean) => {
    const found = all.filter(wanted);
    const sizes = found.map(({ bytes, path }) => bytes ?? bytesIn(join(dir, path)));
    const isKnown = sizes.every((size) => size !== undefined);
    return { count: found.length, size: sizeWords(isKnown ? sizes.reduce((sum, size) => sum + size, 0) : undefined) };
  };
  return words.lab({
    servers: sizeWords(bytesIn(join(dir, 'rep'))),
    spare: sizeWords(bytesIn(join(dir, spareFolder))),
    steps: share(({ kind }) => kind === 'undo' || kind === 'redo'),
    mostOfSteps: sizeWords(mostBytesOfSteps),
    snapshots: share(({ kind }) => kind === 'named'),
  });
}

export function diskOfCache({ io }: Invocation): string {
  const folder = cacheFolder(io.env);
  const states = listPrepared(folder);
  const size = sizeWords(states.reduce((sum, { state }) => sum + state.bytes, 0));
  return words.cache(states.length, size, sizeWords(mostBytesOfCache), folder ?? '');
}

/** Throws a ProblemError that names what `doctor --fix` would remove or end. */
export function leftOnMachine(invocation: Invocation): string {
  refuseOthers(invocation.named);
  const found = findTidyings(tidyPlaces(invocation)).map(tidyWords);
  if (found.length === 0) return words.nothingLeft;
  throw new ProblemError({ what: words.left(found), fix: words.fix });
}
