/**
 * The spare in a lab's folder: a prepared state with the lab's own addresses, on the same disk as the lab, so that it
 * is put in the place of the lab's state by renaming.
 */
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { copyFiles, removeFiles } from '../files/copy-files.ts';
import type { CachedState } from './cache.ts';
import type { PreparedServers } from './prepared.ts';
import { settle } from './settle.ts';
import { type Addresses, readPrepared, writePrepared } from './state.ts';
import { trimWal } from './trim-wal.ts';

/** The folder of the spare in a lab, and the pattern of its name before it is complete: the maker's pid. */
export const spareFolder = '.spare';
const makingOf = (dir: string): string => join(dir, `${spareFolder}-${process.pid}`);

/** `fill` puts a state, with these addresses, into a new folder; the folder in it with the servers' files is `rep`. */
type Filling = { readonly addresses: Addresses; fill(cached: CachedState, folder: string): Promise<void> };

type Spare = Pick<PreparedServers, 'spareKey' | 'makeSpare'> & {
  /** Moves the servers' files of the spare, whose state has this key, to a free path. Then there is no spare. */
  take(key: string, to: string): void;
  remove(): Promise<void>;
};

/** `filling` is called anew each time, because the ports of a plan may change. */
export function openSpare(dir: string, filling: () => Filling): Spare {
  const spare = join(dir, spareFolder);
  const spareKey = () => {
    const state = readPrepared(spare);
    return state && isSame(state.from, filling().addresses) ? state.key : undefined;
  };
  return {
    spareKey,
    async makeSpare(cached, inTurn = (exchange) => exchange()) {
      const { addresses, fill } = filling();
      const making = makingOf(dir);
      await removeFiles(making);
      mkdirSync(making, { mode: 0o700 });
      try {
        await fill(cached, making);
        writePrepared(making, { ...cached.state, from: addresses });
      } catch (error) {
        await removeFiles(making);
        throw error;
      }
      await inTurn(async () => {
        await removeSpare(dir);
        renameSync(making, spare);
      });
    },
    take(key, to) {
      if (spareKey() !== key) throw new Error(`the spare is not of ${key}`);
      rmSync(join(spare, 'state.json')); // from here on it is no spare
      renameSync(join(spare, 'rep'), to);
      rmSync(spare, { recursive: true });
    },
    remove: () => removeSpare(dir),
  };
}

/** Without its `state.json` first, so that nobody uses a half-removed spare. */
export async function removeSpare(dir: string, remove = removeFiles): Promise<void> {
  const spare = join(dir, spareFolder);
  rmSync(join(spare, 'state.json'), { force: true });
  await remove(spare);
}

/** Whether the state was settled for these addresses. */
const isSame = (a: Addresses, b: Addresses): boolean =>
  a.dir === b.dir &&
  a.sockets === b.sockets &&
  Object.entries(b.ports).every(([name, port]) => a.ports[name] === port) &&
  Object.entries(b.hosts ?? {}).every(([name, host]) => a.hosts?.[name] === host);

/**
 * Copies the folders of servers, on which none runs, to a new folder `rep`. `within`: the path of the data directory in
 * the folder of a server.
 */
export async function copyClusters(folders: readonly string[], within: string, rep: string): Promise<void> {
  mkdirSync(rep);
  for (const folder of folders) {
    const copy = join(rep, basename(folder));
    await copyFiles(folder, copy);
    trimWal(join(copy, within));
  }
}

/** Makes a spare of folders, for `fill`. `within` as in `copyClusters`. */
export async function fillFolders(
  { folder, state }: CachedState,
  to: string,
  within: string,
  addresses: Addresses,
): Promise<void> {
  const rep = join(to, 'rep');
  await copyFiles(join(folder, 'rep'), rep);
  const directories = readdirSync(rep).map((name) => join(rep, name, within));
  settle(directories, state.from, addresses);
}
