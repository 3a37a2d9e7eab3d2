/** What an engine does for the backups of its lab, and what all of them share. */
import { existsSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Server } from '../lab.ts';
import type { LabPlan } from '../plan/plan.ts';
import { allParts } from './backup-folder.ts';

/** What an engine does for the backups of its lab: copies files that only servers may read, and keeps its own state. */
export type BackupDriver = {
  readonly dir: string;
  readonly plan: LabPlan;
  readonly servers: readonly Server[];
  start(some: readonly Server[]): Promise<void>; // as `startAll`, and what the lab does after a start, once for all
  copy(from: string, to: string): Promise<void>; // like `cp -a`; throws a ProblemError and then leaves no partial copy
  remove(path: string): Promise<void>;
  engineState(): Promise<EngineState>; // the engine's state outside the lab folder, as it is now
  copyEngineState(mark: string): Promise<number>; // copies that state, for a snapshot; resolves with its bytes
  reinstate(beyond: EngineState, mark: string): Promise<void>; // restores such a copy
  setAside(mark: string): Promise<number>; // moves that state out of the way of new servers; resolves with its bytes
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

/** The parts of the learner's state that exist. */
export const stateParts = (dir: string): (typeof allParts)[number][] =>
  allParts.filter((part) => existsSync(join(dir, part)));

/** Copies one part of the state from one folder to another. */
export async function copyPart(driver: BackupDriver, part: string, from: string, to: string): Promise<void> {
  if (keptFiles.includes(part)) return cp(join(from, part), join(to, part), { preserveTimestamps: true });
  return driver.copy(join(from, part), join(to, part));
}

/** The name under which an engine keeps its own part of a backup. */
export const engineMark = (path: string): string => basename(path);
