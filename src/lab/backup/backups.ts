/** Backups of a whole lab: what reset, goto and solve put aside, and the states that the proof returns to. */
import { existsSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { quote } from '../bin.ts';
import { moveFiles, moveOrRemove } from '../files/copy-files.ts';
import type { Lab, Server } from '../lab.ts';
import { planPorts, portsOf } from '../plan/kept-ports.ts';
import type { LabPlan } from '../plan/plan.ts';
import type { Problem } from '../problem.ts';
import { refusedBy } from '../refused.ts';
import {
  allParts,
  incomplete,
  makeBackup,
  nextBackup,
  oldBackups,
  readSnapshot,
  setGoing,
  writeSnapshot,
} from './backup-folder.ts';

/** What an engine does for the backups of its lab: copies files that only servers may read, and keeps its own state. */
export type BackupDriver = {
  readonly dir: string;
  readonly plan: LabPlan;
  readonly servers: readonly Server[];
  copy(from: string, to: string): Promise<void>; // like `cp -a`; throws a ProblemError and then leaves no partial copy
  remove(path: string): Promise<void>;
  engineState(): Promise<EngineState>; // the engine's state outside the lab folder, as it is now
  copyEngineState(mark: string): Promise<void>; // copies that state, for a snapshot
  reinstate(beyond: EngineState, mark: string): Promise<void>; // restores such a copy
  setAside(mark: string): Promise<void>; // moves that state out of the way of new servers
  restoreSetAside(beyond: EngineState, mark: string): Promise<void>; // the inverse, also after either was interrupted
  forget(mark: string): Promise<void>;
  freeze(): Promise<AsyncDisposable>; // servers do nothing until disposal: a copy of their files is as after a crash
  unfreeze(): Promise<void>; // unfreezes servers that a killed program had frozen
  copiedTo(folder: string): Promise<void>; // after a copy or move to it: replaces links by copies of their targets
  movedAway(): Promise<void>; // after a move: makes the links again, with empty targets
  movedBack(folder: string): Promise<void>; // after the state came back from it: fills the links' targets again
};
/** For an engine whose labs have no links: Docker refuses them. */
export const withoutLinks: Pick<BackupDriver, 'copiedTo' | 'movedAway' | 'movedBack'> = {
  copiedTo: async () => undefined,
  movedAway: async () => undefined,
  movedBack: async () => undefined,
};

/** Plain JSON in the engine's own shape, stored in snapshot.json. */
export type EngineState = Readonly<Record<string, unknown>>;

const keptFiles: readonly string[] = ['progress.json', 'journal.json', 'starts.json'];

const parts = (dir: string): (typeof allParts)[number][] => allParts.filter((part) => existsSync(join(dir, part)));

/** Stops the servers, the primary first: then the standby has all WAL, and no copy needs a recovery. */
async function takeSnapshot(driver: BackupDriver, path: string, about: string, now: Date): Promise<void> {
  const { dir, servers } = driver;
  const running: Server[] = [];
  for (const server of servers) if (await server.isRunning()) running.push(server);
  for (const server of servers) await server.stop('fast');
  const target = makeBackup(dir, path);
  const found = parts(dir);
  for (const part of found) await copy(driver, part, dir, target);
  await driver.copiedTo(target);
  await driver.copyEngineState(markOf(path));
  writeSnapshot(target, {
    schema: 1,
    about,
    at: now.toISOString(),
    running: running.map(({ name }) => name),
    parts: found,
    beyond: await driver.engineState(),
  });
  await startAll(running);
}

/** Starts all at once: a standby that starts first retries until its primary is there. */
const startAll = async (servers: readonly Server[]): Promise<void> =>
  void (await Promise.all(servers.map((server) => server.start())));

/** Replaces the lab's state by the copy; the old state is removed when the copy is complete. The backup stays. */
async function restoreSnapshot(driver: BackupDriver, path: string): Promise<void> {
  const { dir, servers } = driver;
  const source = join(dir, path);
  const snapshot = readSnapshot(dir, path);
  await Promise.all(servers.map((server) => server.stop('immediate')));
  // The old state becomes a backup until the copy is complete, so that a killed program leaves a way back.
  const before = parts(dir);
  const replacedPath = nextBackup(dir, 'restore');
  const replaced = makeBackup(dir, replacedPath);
  writeSnapshot(replaced, {
    schema: 1,
    about: `going back to ${snapshot.about}`,
    at: new Date().toISOString(),
    running: snapshot.running,
    parts: before,
    beyond: await driver.engineState(),
    copied: true,
  });
  for (const part of before) await moveFiles(join(dir, part), join(replaced, part));
  try {
    for (const part of snapshot.parts) await copy(driver, part, source, dir);
    await driver.movedBack(source);
  } catch (error) {
    for (const part of parts(dir)) await driver.remove(join(dir, part));
    for (const part of before) await moveFiles(join(replaced, part), join(dir, part));
    throw error;
  }
  await driver.remove(join(dir, setGoing(dir, replacedPath)));
  await driver.reinstate(snapshot.beyond ?? {}, markOf(path));
  await startAll(servers.filter(({ name }) => snapshot.running.includes(name)));
}

/**
 * Moves the learner's state out of the way without copying it. The servers must be stopped. The list of parts is
 * written first, so that `bringBack` can undo a move that a killed program left half done.
 */
async function moveAside(
  driver: BackupDriver,
  path: string,
  about: string,
  running: readonly string[],
  now: Date,
): Promise<void> {
  const { dir } = driver;
  const target = makeBackup(dir, path);
  const found = parts(dir);
  const beyond = await driver.engineState();
  const [at, ports] = [now.toISOString(), portsOf(driver.plan)];
  writeSnapshot(target, { schema: 1, about, at, running: [...running], parts: found, ports, beyond });
  await driver.setAside(markOf(path));
  for (const part of found) await moveFiles(join(dir, part), join(target, part));
  await driver.copiedTo(target);
  await driver.movedAway();
}

/**
 * Copies the learner's state, with its servers frozen for the copy. The list of parts is written last: without it there
 * is no backup. `bringBack` restores such a copy as well.
 */
async function copyAside(driver: BackupDriver, path: string, about: string, now: Date): Promise<void> {
  const { dir, servers } = driver;
  const target = makeBackup(dir, path);
  const found = parts(dir);
  const running = [...(await runningOf(servers))];
  const beyond = await driver.engineState();
  {
    await using _frozen = await driver.freeze();
    for (const part of found) await copy(driver, part, dir, target);
    await driver.copiedTo(target);
    await driver.copyEngineState(markOf(path));
  }
  const [at, ports] = [now.toISOString(), portsOf(driver.plan)];
  writeSnapshot(target, { schema: 1, about, at, running, parts: found, ports, beyond, copied: true });
}

async function runningOf(servers: readonly Server[]): Promise<readonly string[]> {
  const running = await Promise.all(servers.map((server) => server.isRunning()));
  return servers.flatMap(({ name }, at) => (running[at] ? [name] : []));
}

/**
 * Restores what `moveAside` or `copyAside` took, and uses the backup up. May be repeated after an interruption. Files
 * in the way are moved first and removed last: files that cannot be removed do not prevent the restore.
 */
async function bringBack(driver: BackupDriver, path: string): Promise<readonly Problem[]> {
  const { dir, servers } = driver;
  const source = join(dir, path);
  const { parts: moved, running, ports = {}, beyond = {}, copied = false } = readSnapshot(dir, path);
  await Promise.all(servers.map((server) => server.stop('immediate')));
  if (!copied) await driver.restoreSetAside(beyond, markOf(path));
  const replacedPath = nextBackup(dir, 'replaced');
  const replaced = makeBackup(dir, replacedPath);
  for (const part of allParts) {
    if (moved.includes(part) && !existsSync(join(source, part))) continue; // never moved, or back already
    if (existsSync(join(dir, part))) await moveOrRemove(join(dir, part), join(replaced, part), driver.remove);
    if (moved.includes(part)) await moveFiles(join(source, part), join(dir, part));
  }
  await driver.movedBack(source);
  const ran = servers.filter(({ name }) => running.includes(name));
  if (copied) {
    await driver.reinstate(beyond, markOf(path));
    await driver.forget(markOf(path));
    for (const server of ran) await server.deleteFile('postmaster.pid'); // of the server that was copied while it ran
  }
  await startAll(ran);
  planPorts(dir, ports);
  return [...(await discard(driver, path)), ...(await discard(driver, replacedPath))];
}

/** Never removes `made`. Returns what could not be removed; the operation does not fail for it. */
async function dropOldBackups(driver: BackupDriver, made: string | null): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const path of [...oldBackups(driver.dir), ...incomplete(driver.dir)])
    if (path !== made) problems.push(...(await discard(driver, path)));
  return problems;
}

async function discard(driver: BackupDriver, path: string): Promise<readonly Problem[]> {
  let now = path;
  try {
    await driver.forget(markOf(path));
    now = setGoing(driver.dir, path);
    await driver.remove(join(driver.dir, now));
    return [];
  } catch (error) {
    const refused = refusedBy(error);
    if (!refused) throw error;
    return [notRemoved(join(driver.dir, now), refused.problem)];
  }
}

const notRemoved = (path: string, { what }: Problem): Problem => ({
  what: `What is no longer needed could not be removed (nothing of yours is lost): ${what}`,
  fix: `Remove it yourself when you like; where files are another user's, as that user: rm -rf ${quote(path)}`,
});

/** The name under which an engine keeps its own part of a backup. */
const markOf = (path: string): string => basename(path);

async function copy(driver: BackupDriver, part: string, from: string, to: string): Promise<void> {
  if (keptFiles.includes(part)) return cp(join(from, part), join(to, part), { preserveTimestamps: true });
  return driver.copy(join(from, part), join(to, part));
}

/** The operations of Lab that this file implements. */
export const backupOperations = (
  driver: BackupDriver,
): Pick<Lab, 'snapshot' | 'restore' | 'putAside' | 'copyAside' | 'bringBack' | 'dropOldBackups' | 'unfreeze'> => ({
  async snapshot(name) {
    const path = nextBackup(driver.dir, name);
    await takeSnapshot(driver, path, name, new Date());
    await dropOldBackups(driver, path); // the proof makes hundreds of snapshots; a failed removal is harmless
    return path;
  },
  restore: (snapshot) => restoreSnapshot(driver, snapshot),
  putAside: (backup, about, running) => moveAside(driver, backup, about, running, new Date()),
  copyAside: (backup, about) => copyAside(driver, backup, about, new Date()),
  bringBack: (backup) => bringBack(driver, backup),
  unfreeze: () => driver.unfreeze(),
  dropOldBackups: (made) => dropOldBackups(driver, made),
});
