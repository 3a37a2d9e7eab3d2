/** Copies of a whole lab under `backups/`: what reset, goto and solve put aside, and the states that the proof returns to. */
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

/** What an engine does for the backups of its lab: files that only servers may touch, and what it keeps outside of the lab folder. */
export type BackupDriver = {
  readonly dir: string;
  readonly plan: LabPlan;
  readonly servers: readonly Server[];
  copy(from: string, to: string): Promise<void>; // as cp -a; throws a ProblemError and leaves nothing half done
  remove(path: string): Promise<void>;
  engineState(): Promise<EngineState>; // what it keeps outside of the folder, as it is now
  copyEngineState(mark: string): Promise<void>; // a copy of it, for a snapshot
  reinstate(beyond: EngineState, mark: string): Promise<void>; // from such a copy
  setAside(mark: string): Promise<void>; // out of the way of new servers
  restoreSetAside(beyond: EngineState, mark: string): Promise<void>; // what was set aside; may be done again after it was interrupted, and after setAside was
  forget(mark: string): Promise<void>;
  freeze(): Promise<AsyncDisposable>; // servers do nothing until it is disposed of: their files can be copied as a crash would leave them
  unfreeze(): Promise<void>; // after a program was killed that held them
  copiedTo(folder: string): Promise<void>; // after the lab's state was copied or moved there: what links of the lab name takes their place
  movedAway(): Promise<void>; // after it was moved: the links stand again, and what they name is empty
  movedBack(folder: string): Promise<void>; // after it came back from there: what links are to name lies there again
};
/** Of a lab that has no links: on Docker they are refused. */
export const withoutLinks: Pick<BackupDriver, 'copiedTo' | 'movedAway' | 'movedBack'> = {
  copiedTo: async () => undefined,
  movedAway: async () => undefined,
  movedBack: async () => undefined,
};

/** Plain JSON of the engine's own shape; it goes into snapshot.json. */
export type EngineState = Readonly<Record<string, unknown>>;

const keptFiles: readonly string[] = ['progress.json', 'journal.json'];

const parts = (dir: string): (typeof allParts)[number][] => allParts.filter((part) => existsSync(join(dir, part)));

/** Data directories are copied cleanly stopped, the primary first: then the standby has everything, and no copy needs a recovery. */
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

/** Side by side: a standby that comes first tries again until its primary is there. */
const startAll = async (servers: readonly Server[]): Promise<void> =>
  void (await Promise.all(servers.map((server) => server.start())));

/** Puts the copy in the place of what is there now, which is removed only when the copy is complete. The backup stays. */
async function restoreSnapshot(driver: BackupDriver, path: string): Promise<void> {
  const { dir, servers } = driver;
  const source = join(dir, path);
  const snapshot = readSnapshot(dir, path);
  await Promise.all(servers.map((server) => server.stop('immediate')));
  // A backup like any other, until the copy is complete: a program that is killed on the way leaves something to go back to.
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
 * Moves the learner's state out of the way, without a copy: the fastest backup there is. The servers must be stopped.
 * The list of parts is written first, so that `bringBack` knows what to do when the program was killed on the way.
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
 * A copy of the learner's state as it is at this moment, servers and all; they are held still for it, and go on. The list of parts is written last:
 * without it there is no backup. `bringBack` gives it back as it gives back what was moved.
 */
async function copyAside(driver: BackupDriver, path: string, about: string, now: Date): Promise<void> {
  const { dir, servers } = driver;
  const target = makeBackup(dir, path);
  const found = parts(dir);
  const running = [...(await runningOf(servers))];
  const beyond = await driver.engineState();
  {
    await using _held = await driver.freeze();
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
 * Brings back what `moveAside` or `copyAside` took; the backup is used up. May be done again after it was interrupted. What stands in the way is
 * moved first and removed last: files that nobody may remove do not keep the state from coming back.
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
    if (moved.includes(part) && !existsSync(join(source, part))) continue; // it never left, or is back already
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

/** Keeps `made`, whatever its place in the order. Returns what could not be removed: a deed does not fail for it. */
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

/** The name under which an engine keeps what belongs to a backup. */
const markOf = (path: string): string => basename(path);

async function copy(driver: BackupDriver, part: string, from: string, to: string): Promise<void> {
  if (keptFiles.includes(part)) return cp(join(from, part), join(to, part), { preserveTimestamps: true });
  return driver.copy(join(from, part), join(to, part));
}

/** What a lab offers of all this. */
export const backupOperations = (
  driver: BackupDriver,
): Pick<Lab, 'snapshot' | 'restore' | 'putAside' | 'copyAside' | 'bringBack' | 'dropOldBackups' | 'unfreeze'> => ({
  async snapshot(name) {
    const path = nextBackup(driver.dir, name);
    await takeSnapshot(driver, path, name, new Date());
    await dropOldBackups(driver, path); // of states that are made by the hundred; what stays there is nobody's loss
    return path;
  },
  restore: (snapshot) => restoreSnapshot(driver, snapshot),
  putAside: (backup, about, running) => moveAside(driver, backup, about, running, new Date()),
  copyAside: (backup, about) => copyAside(driver, backup, about, new Date()),
  bringBack: (backup) => bringBack(driver, backup),
  unfreeze: () => driver.unfreeze(),
  dropOldBackups: (made) => dropOldBackups(driver, made),
});
