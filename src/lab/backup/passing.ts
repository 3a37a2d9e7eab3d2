/** The states that the proof and the tour return to: taken from stopped servers, and restored many times. */
import { join } from 'node:path';
import { moveFiles } from '../files/copy-files.ts';
import type { Server } from '../lab.ts';
import { endAll, stopAll } from '../running.ts';
import { type BackupDriver, copyPart, engineMark, stateParts } from './backup-driver.ts';
import { makeBackup, nextBackup, readSnapshot, setGoing, writeSnapshot } from './backup-folder.ts';

/** Stops the servers, so that no copy needs a recovery. */
export async function takePassing(driver: BackupDriver, path: string, about: string, now: Date): Promise<void> {
  const { dir, servers } = driver;
  const running: Server[] = [];
  for (const server of servers) if (await server.isRunning()) running.push(server);
  await stopAll(servers);
  const target = makeBackup(dir, path);
  const found = stateParts(dir);
  for (const part of found) await copyPart(driver, part, dir, target);
  await driver.copiedTo(target);
  await driver.copyEngineState(engineMark(path));
  writeSnapshot(target, {
    schema: 1,
    about,
    at: now.toISOString(),
    running: running.map(({ name }) => name),
    parts: found,
    beyond: await driver.engineState(),
    kind: 'passing',
  });
  await driver.start(running);
}

/** Replaces the lab's state by the copy; the old state is removed when the copy is complete. The backup stays. */
export async function restorePassing(driver: BackupDriver, path: string): Promise<void> {
  const { dir, servers } = driver;
  const source = join(dir, path);
  const snapshot = readSnapshot(dir, path);
  await endAll(servers);
  // The old state becomes a backup until the copy is complete, so that a killed program leaves a way back.
  const before = stateParts(dir);
  const replacedPath = nextBackup(dir, 'restore');
  const replaced = makeBackup(dir, replacedPath);
  writeSnapshot(replaced, {
    schema: 1,
    about: `going back to ${snapshot.about}`,
    at: new Date().toISOString(),
    running: snapshot.running,
    parts: before,
    beyond: await driver.engineState(),
    kind: 'passing',
  });
  for (const part of before) await moveFiles(join(dir, part), join(replaced, part));
  try {
    for (const part of snapshot.parts) await copyPart(driver, part, source, dir);
    await driver.movedBack(source);
  } catch (error) {
    for (const part of stateParts(dir)) await driver.remove(join(dir, part));
    for (const part of before) await moveFiles(join(replaced, part), join(dir, part));
    throw error;
  }
  await driver.remove(join(dir, setGoing(dir, replacedPath)));
  await driver.reinstate(snapshot.beyond ?? {}, engineMark(path));
  await driver.start(servers.filter(({ name }) => snapshot.running.includes(name)));
}
