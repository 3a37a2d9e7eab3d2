/** Copies of a whole lab under `backups/`: what reset, goto and solve put aside, and the states that the proof returns to. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { cp, mkdir, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as v from 'valibot';
import { isoTime, list, recordOf, schemaNumber, shape, text } from './json.ts';
import type { Lab, Server } from './lab.ts';
import { ProblemError } from './problem.ts';
import { readJson, writeJson } from './store.ts';

/** What an engine does for the backups of its lab: files that only servers may touch, and what it keeps outside of the lab folder. */
export type Keeper = {
  readonly dir: string;
  readonly servers: readonly Server[];
  copy(from: string, to: string): Promise<void>; // as cp -a; throws a ProblemError and leaves nothing half done
  remove(path: string): Promise<void>;
  beyond(): Promise<Beyond>; // what it keeps outside of the folder, as it is now
  keep(mark: string): Promise<void>; // a copy of it, for a snapshot
  reinstate(beyond: Beyond, mark: string): Promise<void>; // from such a copy
  setAside(mark: string): Promise<void>; // out of the way of new servers
  takeBack(beyond: Beyond, mark: string): Promise<void>; // what was set aside; may be done again after it was interrupted, and after setAside was
  forget(mark: string): Promise<void>;
  hold(): Promise<AsyncDisposable>; // servers do nothing until it is disposed of: their files can be copied as a crash would leave them
  letGo(): Promise<void>; // after a program was killed that held them
};
/** Plain JSON of the engine's own shape; it goes into snapshot.json. */
export type Beyond = Readonly<Record<string, unknown>>;

const keptFiles = ['progress.json', 'journal.json'];
const mostKept = 3;

/** What belongs to the learner's state: the data directories with those put aside beside them, the logs, progress and journal. */
const allParts = ['rep', 'logs', ...keptFiles];

const snapshotJson = shape({
  schema: schemaNumber,
  about: text,
  at: isoTime,
  running: list(text),
  parts: list(v.picklist(allParts)),
  beyond: v.exactOptional(recordOf(v.unknown())),
  copied: v.exactOptional(v.literal(true)), // what it was made of stayed in its place
});
type Snapshot = v.InferOutput<typeof snapshotJson>;

const parts = (dir: string): string[] => allParts.filter((part) => existsSync(join(dir, part)));

/** Data directories are copied cleanly stopped, the primary first: then the standby has everything, and no copy needs a recovery. */
async function takeSnapshot(keeper: Keeper, path: string, about: string, now: Date): Promise<void> {
  const { dir, servers } = keeper;
  const running: Server[] = [];
  for (const server of servers) if (await server.isRunning()) running.push(server);
  for (const server of servers) await server.stop('fast');
  const target = join(dir, path);
  await mkdir(target, { recursive: true });
  const found = parts(dir);
  for (const part of found) await copy(keeper, part, dir, target);
  await keeper.keep(markOf(path));
  writeJson(join(target, 'snapshot.json'), {
    schema: 1,
    about,
    at: now.toISOString(),
    running: running.map(({ name }) => name),
    parts: found,
    beyond: await keeper.beyond(),
  } satisfies Snapshot);
  await startAll(running);
}

/** Side by side: a standby that comes first tries again until its primary is there. */
const startAll = async (servers: readonly Server[]): Promise<void> =>
  void (await Promise.all(servers.map((server) => server.start())));

/** Puts the copy in the place of what is there now, which is removed only when the copy is complete. The backup stays. */
async function restoreSnapshot(keeper: Keeper, path: string): Promise<void> {
  const { dir, servers } = keeper;
  const source = join(dir, path);
  const snapshot = readSnapshot(source, path);
  await Promise.all(servers.map((server) => server.stop('immediate')));
  // A backup like any other, until the copy is complete: a program that is killed on the way leaves something to go back to.
  const before = parts(dir);
  const now = new Date();
  const replaced = join(dir, backupPath(now, 'restore'));
  await mkdir(replaced, { recursive: true });
  writeJson(join(replaced, 'snapshot.json'), {
    schema: 1,
    about: `going back to ${snapshot.about}`,
    at: now.toISOString(),
    running: snapshot.running,
    parts: before,
    beyond: await keeper.beyond(),
    copied: true,
  } satisfies Snapshot);
  for (const part of before) await rename(join(dir, part), join(replaced, part));
  try {
    for (const part of snapshot.parts) await copy(keeper, part, source, dir);
  } catch (error) {
    for (const part of parts(dir)) await keeper.remove(join(dir, part));
    for (const part of before) await rename(join(replaced, part), join(dir, part));
    throw error;
  }
  await keeper.remove(replaced);
  await keeper.reinstate(snapshot.beyond ?? {}, markOf(path));
  await startAll(servers.filter(({ name }) => snapshot.running.includes(name)));
}

/**
 * Moves the learner's state out of the way, without a copy: the fastest backup there is. The servers must be stopped.
 * The list of parts is written first, so that `bringBack` knows what to do when the program was killed on the way.
 */
async function moveAside(
  keeper: Keeper,
  path: string,
  about: string,
  running: readonly string[],
  now: Date,
): Promise<void> {
  const { dir } = keeper;
  await mkdir(join(dir, path), { recursive: true });
  const found = parts(dir);
  const beyond = await keeper.beyond();
  const snapshot: Snapshot = { schema: 1, about, at: now.toISOString(), running, parts: found, beyond };
  writeJson(join(dir, path, 'snapshot.json'), snapshot);
  await keeper.setAside(markOf(path));
  for (const part of found) await rename(join(dir, part), join(dir, path, part));
}

/**
 * A copy of the learner's state as it is at this moment, servers and all; they are held still for it, and go on. The list of parts is written last:
 * without it there is no backup. `bringBack` gives it back as it gives back what was moved.
 */
async function copyAside(keeper: Keeper, path: string, about: string, now: Date): Promise<void> {
  const { dir, servers } = keeper;
  const target = join(dir, path);
  await mkdir(target, { recursive: true });
  const found = parts(dir);
  const running = await runningOf(servers);
  const beyond = await keeper.beyond();
  {
    await using _held = await keeper.hold();
    for (const part of found) await copy(keeper, part, dir, target);
    await keeper.keep(markOf(path));
  }
  const snapshot: Snapshot = { schema: 1, about, at: now.toISOString(), running, parts: found, beyond, copied: true };
  writeJson(join(target, 'snapshot.json'), snapshot);
}

async function runningOf(servers: readonly Server[]): Promise<readonly string[]> {
  const running = await Promise.all(servers.map((server) => server.isRunning()));
  return servers.flatMap(({ name }, at) => (running[at] ? [name] : []));
}

/** Did a deed get so far that something may have been moved? The list of parts comes first, and goes last. */
export const isBackup = (dir: string, path: string): boolean => existsSync(join(dir, path, 'snapshot.json'));

/** Brings back what `moveAside` or `copyAside` took; the backup is used up. May be done again after it was interrupted. */
async function bringBack(keeper: Keeper, path: string): Promise<void> {
  const { dir, servers } = keeper;
  const source = join(dir, path);
  const { parts: moved, running, beyond = {}, copied = false } = readSnapshot(source, path);
  await Promise.all(servers.map((server) => server.stop('immediate')));
  if (!copied) await keeper.takeBack(beyond, markOf(path));
  for (const part of allParts) {
    if (moved.includes(part) && !existsSync(join(source, part))) continue; // it never left, or is back already
    await keeper.remove(join(dir, part));
    if (moved.includes(part)) await rename(join(source, part), join(dir, part));
  }
  const ran = servers.filter(({ name }) => running.includes(name));
  if (copied) {
    await keeper.reinstate(beyond, markOf(path));
    await keeper.forget(markOf(path));
    for (const server of ran) await server.deleteFile('postmaster.pid'); // of the server that was copied while it ran
  }
  await startAll(ran);
  rmSync(source, { recursive: true, force: true });
}

function readSnapshot(source: string, path: string): Snapshot {
  const read = readJson(join(source, 'snapshot.json'), snapshotJson);
  if (read.kind === 'value') return read.value;
  throw new ProblemError({
    what: `${path} is no complete backup of this lab.`,
    fix: 'Choose another one below backups/.',
  });
}

export type Backup = { readonly path: string; readonly about: string; readonly at: string; readonly copied: boolean };

/** Newest first. */
export function listBackups(dir: string): Backup[] {
  const folder = join(dir, 'backups');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((name) => {
      const read = readJson(join(folder, name, 'snapshot.json'), snapshotJson);
      if (read.kind !== 'value') return [];
      const { about, at, copied = false } = read.value;
      return [{ path: join('backups', name), about, at, copied }];
    })
    .sort((a, b) => b.at.localeCompare(a.at));
}

/** And copies that were never complete. A solve's copies do not push out what a goto or reset has moved: of that there is no other. */
async function dropOldBackups(keeper: Keeper): Promise<void> {
  const all = listBackups(keeper.dir);
  const old = [true, false].flatMap((copied) => all.filter((one) => one.copied === copied).slice(mostKept));
  for (const path of [...old.map((one) => one.path), ...incomplete(keeper.dir)]) {
    await keeper.forget(markOf(path));
    await keeper.remove(join(keeper.dir, path));
  }
}

const incomplete = (dir: string): readonly string[] =>
  readdirSync(join(dir, 'backups'))
    .filter((name) => /^\d{4}-\d\d-\d\dT[\d-]+-./.test(name))
    .map((name) => join('backups', name))
    .filter((path) => !isBackup(dir, path));

/** The name under which an engine keeps what belongs to a backup. */
const markOf = (path: string): string => basename(path);

async function copy(keeper: Keeper, part: string, from: string, to: string): Promise<void> {
  if (keptFiles.includes(part)) return cp(join(from, part), join(to, part), { preserveTimestamps: true });
  return keeper.copy(join(from, part), join(to, part));
}

/** To the millisecond: two deeds of one second must not share a folder. */
export const backupPath = (now: Date, about: string): string =>
  join('backups', `${now.toISOString().slice(0, 23).replace(/[:.]/g, '-')}-${about.replace(/[^a-z0-9]+/gi, '-')}`);

/** What a lab offers of all this. */
export const backupDeeds = (
  keeper: Keeper,
): Pick<Lab, 'snapshot' | 'restore' | 'putAside' | 'copyAside' | 'bringBack' | 'dropOldBackups' | 'letGo'> => ({
  async snapshot(name) {
    const now = new Date();
    const path = backupPath(now, name);
    await takeSnapshot(keeper, path, name, now);
    await dropOldBackups(keeper);
    return path;
  },
  restore: (snapshot) => restoreSnapshot(keeper, snapshot),
  putAside: (backup, about, running) => moveAside(keeper, backup, about, running, new Date()),
  copyAside: (backup, about) => copyAside(keeper, backup, about, new Date()),
  bringBack: (backup) => bringBack(keeper, backup),
  letGo: () => keeper.letGo(),
  dropOldBackups: () => dropOldBackups(keeper),
});
