/** What `doctor --fix` removes or ends on this machine: found, shown, then done. All of it is this user's. */
import { incomplete, oldBackups } from '../backup/backup-folder.ts';
import { removeFiles } from '../files/copy-files.ts';
import { sizeWords } from '../files/disk-usage.ts';
import type { Lab } from '../lab.ts';
import { leftScratch } from '../machine/scratch.ts';
import { endStray, type Stray, strays } from '../native/astray/strays.ts';
import { endServersIn } from '../native/server/orphans.ts';
import {
  beyondBound,
  type CachedState,
  halfMadeStates,
  listPrepared,
  mostBytesOfCache,
  removePrepared,
} from '../prepared/cache.ts';
import { leftSecrets } from '../secrets/kept.ts';

export type Tidying =
  | { readonly do: 'remove leftover'; readonly path: string } // with the servers in it
  | { readonly do: 'end stray'; readonly stray: Stray }
  | { readonly do: 'drop state'; readonly cached: CachedState; readonly why: 'version' | 'room' }
  | { readonly do: 'drop backup'; readonly path: string };

export type TidyPlaces = {
  readonly dir: string;
  readonly data: readonly string[]; // data directories of the lab: their servers are no strays
  readonly cache: string | undefined;
  readonly env: NodeJS.ProcessEnv; // says where the user's secrets are
  readonly version: string; // of this program
};

/** A server of a lab that was only moved stays: doctor says how to stop it. */
export function findTidyings({ dir, data, cache, env, version }: TidyPlaces): readonly Tidying[] {
  const states = listPrepared(cache);
  const old = states.filter(({ state }) => state.version !== version);
  const current = states.filter((one) => !old.includes(one));
  return [
    ...[...leftScratch(), ...halfMadeStates(cache), ...leftSecrets(env)].map(
      (path): Tidying => ({ do: 'remove leftover', path }),
    ),
    ...strays(data).flatMap((stray): Tidying[] => (stray.isDeleted ? [{ do: 'end stray', stray }] : [])),
    ...old.map((cached): Tidying => ({ do: 'drop state', cached, why: 'version' })),
    ...beyondBound(current).map((cached): Tidying => ({ do: 'drop state', cached, why: 'room' })),
    ...[...oldBackups(dir).map(({ path }) => path), ...incomplete(dir)].map(
      (path): Tidying => ({ do: 'drop backup', path }),
    ),
  ];
}

export function tidyWords(tidying: Tidying): string {
  switch (tidying.do) {
    case 'remove leftover':
      return `remove ${tidying.path}: a program that was killed has left it`;
    case 'end stray':
      return `end process ${tidying.stray.pid}, a server of the lab ${tidying.stray.lab}: that lab is gone`;
    case 'drop state': {
      const { state } = tidying.cached;
      const why =
        tidying.why === 'version'
          ? 'another version of the program made it, and this one cannot use it'
          : `all together take at most ${sizeWords(mostBytesOfCache)}, and it was not used for longest`;
      return `remove the prepared state ${state.key} (${sizeWords(state.bytes)}): ${why}`;
    }
    case 'drop backup':
      return `remove ${tidying.path}: it is no longer needed`;
  }
}

/** `lab`: whose backups are dropped. */
export async function tidy(tidying: Tidying, lab: Lab | undefined): Promise<void> {
  switch (tidying.do) {
    case 'remove leftover':
      await endServersIn(tidying.path);
      return removeFiles(tidying.path);
    case 'end stray':
      return endStray(tidying.stray);
    case 'drop state':
      return removePrepared(tidying.cached);
    case 'drop backup':
      return void (await lab?.drop(tidying.path));
  }
}
