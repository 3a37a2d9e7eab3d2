/**
 * The prepared states of a user, in their cache folder. Each is made under a temporary name and then renamed, so that
 * programs that work at the same time see whole states only. Of two that make the same one, the first wins.
 */
import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { bytesIn } from '../files/disk-usage.ts';
import { makeFolders } from '../folders/make-folder.ts';
import { isAlive } from '../lock/alive.ts';
import { knownHome } from '../machine/home.ts';
import { walkTo } from '../trust/trust.ts';
import { type PreparedState, readPrepared, writePrepared } from './state.ts';

/** All states together take at most this much of the disk; the ones that were not used for longest go first. */
export const mostBytesOfCache = 1.5e9;

const makingName = /^\.making-(\d{1,10})-/;

/**
 * The folder of the states. undefined: there is no folder that belongs to this user alone. A relative path in
 * XDG_CACHE_HOME is ignored. Source: XDG Base Directory Specification.
 */
export function cacheFolder(env: NodeJS.ProcessEnv): string | undefined {
  const { XDG_CACHE_HOME } = env;
  const home = knownHome(env);
  if (XDG_CACHE_HOME !== undefined && isAbsolute(XDG_CACHE_HOME))
    return join(XDG_CACHE_HOME, 'repl-workshop', 'states');
  return home !== undefined && isAbsolute(home) ? join(home, '.cache', 'repl-workshop', 'states') : undefined;
}

/** Whether nobody else can change what is in the folder: data directories hold passwords, and servers run on them. */
function isOwn(folder: string): boolean {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  if (!stat?.isDirectory() || stat.uid !== process.geteuid?.() || (stat.mode & 0o077) !== 0) return false;
  return walkTo(folder).doubt === null;
}

export type CachedState = { readonly folder: string; readonly state: PreparedState };

/** undefined: it is not prepared, or others could have changed it. */
export function findPrepared(cache: string | undefined, key: string): CachedState | undefined {
  if (cache === undefined || !isOwn(cache)) return undefined;
  const folder = join(cache, key);
  const state = readPrepared(folder);
  return state?.key === key ? { folder, state } : undefined;
}

/** Marks a state as used now. */
export function touchPrepared({ folder }: CachedState): void {
  const now = new Date();
  utimesSync(folder, now, now);
}

export type Cache = {
  readonly folder: string;
  /** Lets `fill` make the state in an empty folder. */
  add(key: string, fill: (folder: string) => Promise<Omit<PreparedState, 'key' | 'bytes'>>): Promise<CachedState>;
};

/** Makes the cache's folder, for this user alone, and sweeps it. undefined: that is not possible here. */
export function openCache(folder: string | undefined): Cache | undefined {
  if (folder === undefined) return undefined;
  makeFolders(folder, 0o700);
  if (!isOwn(folder)) return undefined;
  sweepCache(folder);
  return {
    folder,
    async add(key, fill) {
      const making = join(folder, `.making-${process.pid}-${key}`);
      mkdirSync(making, { mode: 0o700 });
      try {
        const filled = await fill(making);
        const state = { ...filled, key, bytes: bytesIn(making) ?? 0 };
        writePrepared(making, state);
        if (!findPrepared(folder, key)) renameSync(making, join(folder, key));
        makeRoom(folder, key);
        return { folder: join(folder, key), state };
      } finally {
        rmSync(making, { recursive: true, force: true });
      }
    },
  };
}

function sweepCache(folder: string): void {
  for (const path of halfMadeStates(folder)) rmSync(path, { recursive: true, force: true });
}

/** What killed programs left half made or half removed. */
export function halfMadeStates(folder: string | undefined): readonly string[] {
  if (folder === undefined || !isOwn(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const pid = makingName.exec(name)?.[1];
    const isGoing = !name.startsWith('.') && !existsSync(join(folder, name, 'state.json'));
    return isGoing || (pid !== undefined && !isAlive(Number(pid))) ? [join(folder, name)] : [];
  });
}

export type CacheEntry = CachedState & { readonly usedAt: number };

/** The states, the one used last first. */
export function listPrepared(folder: string | undefined): readonly CacheEntry[] {
  if (folder === undefined || !isOwn(folder)) return [];
  return readdirSync(folder)
    .flatMap((name): readonly CacheEntry[] => {
      const found = findPrepared(folder, name);
      const usedAt = lstatSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
      return found ? [{ ...found, usedAt }] : [];
    })
    .sort((a, b) => b.usedAt - a.usedAt);
}

function makeRoom(folder: string, kept: string): void {
  for (const one of beyondBound(listPrepared(folder))) if (one.state.key !== kept) removePrepared(one);
}

/** The states that have no room; `states`: the one used last first. */
export function beyondBound(states: readonly CacheEntry[]): readonly CacheEntry[] {
  let bytes = 0;
  return states.filter(({ state }) => {
    bytes += state.bytes;
    return bytes > mostBytesOfCache;
  });
}

/** Without its `state.json` first, so that nobody uses a half-removed state. */
export function removePrepared({ folder }: CachedState): void {
  rmSync(join(folder, 'state.json'), { force: true });
  rmSync(folder, { recursive: true, force: true });
}
