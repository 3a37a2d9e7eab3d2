/** Takes the learner's state out of the way, or a copy of it, and brings such states back. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { moveFiles, moveOrRemove, ofAnotherUser } from '../files/copy-files.ts';
import { bytesIn } from '../files/disk-usage.ts';
import { planPorts, portsOf } from '../plan/kept-ports.ts';
import type { Problem } from '../problem.ts';
import { endAll, runningOf } from '../running.ts';
import { type BackupDriver, copyPart, engineMark, stateParts } from './backup-driver.ts';
import {
  allParts,
  type BackupKind,
  type BackupPurpose,
  makeBackup,
  nextBackup,
  readSnapshot,
  type Snapshot,
  writeSnapshot,
} from './backup-folder.ts';
import { discard } from './discard.ts';
import { bytesOfState, needRoom } from './room.ts';

/**
 * Stops the servers and moves the learner's state out of the way without copying it. The list of parts is written
 * first, so that `bringBack` can undo a move that a killed program left half done. What the engine has is recorded
 * before the stop: Docker removes a container of `docker run --rm` when it ends.
 */
export async function moveAside(
  driver: BackupDriver,
  path: string,
  { about, kind }: BackupPurpose,
  running: readonly string[],
  now: Date,
): Promise<void> {
  const { dir, servers } = driver;
  const beyond = await driver.engineState();
  const found = stateParts(dir);
  // Thousands of files are counted while the servers end.
  const [, inFolder] = await Promise.all([endAll(servers), (async () => bytesOf(dir, found))()]);
  const target = makeBackup(dir, path);
  const purpose = { about, at: now.toISOString(), ...kindOf(kind) };
  const ports = portsOf(driver.plan);
  const snapshot: Snapshot = { schema: 1, ...purpose, running: [...running], parts: found, ports, beyond };
  writeSnapshot(target, snapshot);
  const outside = await driver.setAside(engineMark(path));
  if (inFolder !== undefined) writeSnapshot(target, { ...snapshot, bytes: inFolder + outside });
  for (const part of found)
    await moveFiles(join(dir, part), join(target, part)).catch((error: unknown) => {
      throw ofAnotherUser(join(dir, part)) ?? error;
    });
  await driver.copiedTo(target);
  await driver.movedAway();
}

/**
 * Copies the learner's state, with its servers frozen for the copy. The list of parts is written last: without it there
 * is no backup. `bringBack` and `place` restore such a copy as well.
 */
export async function copyAside(
  driver: BackupDriver,
  path: string,
  { about, kind }: BackupPurpose,
  now: Date,
): Promise<void> {
  const { dir, servers } = driver;
  const inFolder = bytesOfState(dir);
  needRoom(dir, inFolder);
  const target = makeBackup(dir, path);
  const found = stateParts(dir);
  const running = [...(await runningOf(servers))];
  const beyond = await driver.engineState();
  let outside = 0;
  {
    await using _frozen = await driver.freeze();
    await Promise.all(found.map((part) => copyPart(driver, part, dir, target)));
    await driver.copiedTo(target);
    outside = await driver.copyEngineState(engineMark(path));
  }
  const size = inFolder === undefined ? {} : { bytes: inFolder + outside };
  const [at, ports] = [now.toISOString(), portsOf(driver.plan)];
  const purpose = { about, at, ...kindOf(kind) };
  writeSnapshot(target, { schema: 1, ...purpose, running, parts: found, ports, beyond, ...size, copied: true });
}

const kindOf = (kind: BackupKind): Pick<Snapshot, 'kind'> => (kind === 'undo' ? {} : { kind });

/** undefined: the learner may not look into a folder. */
function bytesOf(folder: string, found: readonly string[]): number | undefined {
  const sizes = found.map((part) => bytesIn(join(folder, part)));
  return sizes.reduce((sum, size) => (sum === undefined || size === undefined ? undefined : sum + size), 0);
}

/**
 * Restores what `moveAside` or `copyAside` took, and uses the backup up. May be repeated after an interruption. Files
 * in the way are moved first and removed last: files that cannot be removed do not prevent the restore.
 */
export async function bringBack(driver: BackupDriver, path: string): Promise<readonly Problem[]> {
  const { dir, servers } = driver;
  const source = join(dir, path);
  const { parts: moved, running, ports = {}, beyond = {}, copied = false } = readSnapshot(dir, path);
  await endAll(servers);
  if (!copied) await driver.restoreSetAside(beyond, engineMark(path));
  const replacedPath = nextBackup(dir, 'replaced');
  const replaced = makeBackup(dir, replacedPath);
  for (const part of allParts) {
    if (moved.includes(part) && !existsSync(join(source, part))) continue; // never moved, or back already
    if (existsSync(join(dir, part))) await moveOrRemove(join(dir, part), join(replaced, part), driver.remove);
    if (moved.includes(part)) await moveFiles(join(source, part), join(dir, part));
  }
  await driver.movedBack(source);
  if (copied) {
    await driver.reinstate(beyond, engineMark(path));
    await driver.forget(engineMark(path));
  }
  await startAgain(driver, running, copied);
  planPorts(dir, ports);
  return [...(await discard(driver, path)), ...(await discard(driver, replacedPath))];
}

/** Puts a copy of a copied state into the lab, whose own state must be out of the way. The backup stays. */
export async function placeCopy(driver: BackupDriver, path: string): Promise<void> {
  const { dir } = driver;
  const source = join(dir, path);
  const { parts: found, running, ports = {}, beyond = {} } = readSnapshot(dir, path);
  for (const part of found) {
    await driver.remove(join(dir, part)); // the empty folder of a lab that was put aside
    await copyPart(driver, part, source, dir);
  }
  await driver.movedBack(source);
  await driver.reinstate(beyond, engineMark(path));
  await startAgain(driver, running, true);
  planPorts(dir, ports);
}

/** A data directory that was copied while its server ran still has that server's postmaster.pid. */
async function startAgain(driver: BackupDriver, running: readonly string[], copied: boolean): Promise<void> {
  const ran = driver.servers.filter(({ name }) => running.includes(name));
  if (copied) for (const server of ran) await server.deleteFile('postmaster.pid');
  await driver.start(ran);
}
