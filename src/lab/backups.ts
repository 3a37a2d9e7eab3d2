/** Copies of a whole lab under `backups/`: what reset, goto and solve put aside, and the states that the proof returns to. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ProblemError } from '../problem.ts';
import { run } from '../run.ts';
import { readJson, writeJson } from '../store.ts';
import { livePostmaster } from './postmaster.ts';
import type { NativeServer } from './server.ts';

type Snapshot = {
  readonly schema: 1;
  readonly about: string;
  readonly at: string;
  readonly running: readonly string[];
  readonly parts: readonly string[];
};

const keptFiles = ['progress.json', 'journal.json'];
const mostKept = 3;

/** What belongs to the learner's state: the data directories with those put aside beside them, the logs, progress and journal. */
const allParts = ['rep', 'logs', ...keptFiles];
const parts = (dir: string): string[] => allParts.filter((part) => existsSync(join(dir, part)));

/** Data directories are copied cleanly stopped, the primary first: then the standby has everything, and no copy needs a recovery. */
export async function takeSnapshot(
  dir: string,
  servers: readonly NativeServer[],
  path: string,
  about: string,
  now: Date,
): Promise<void> {
  const running = servers.filter(({ data }) => livePostmaster(data) !== undefined);
  for (const server of servers) await server.stop('fast');
  const target = join(dir, path);
  await mkdir(target, { recursive: true });
  const found = parts(dir);
  for (const part of found) await copy(join(dir, part), join(target, part));
  writeJson(join(target, 'snapshot.json'), {
    schema: 1,
    about,
    at: now.toISOString(),
    running: running.map(({ name }) => name),
    parts: found,
  } satisfies Snapshot);
  for (const server of running) await server.start();
}

/** Puts the copy in the place of what is there now, which is removed only when the copy is complete. The backup stays. */
export async function restoreSnapshot(dir: string, servers: readonly NativeServer[], path: string): Promise<void> {
  const source = join(dir, path);
  const snapshot = readSnapshot(source, path);
  for (const server of servers) await server.stop('immediate');
  const replaced = join(dir, 'backups', `.replaced-${process.pid}`);
  await mkdir(replaced, { recursive: true });
  const before = parts(dir);
  for (const part of before) await rename(join(dir, part), join(replaced, part));
  try {
    for (const part of snapshot.parts) await copy(join(source, part), join(dir, part));
  } catch (error) {
    for (const part of parts(dir)) await rm(join(dir, part), { recursive: true, force: true });
    for (const part of before) await rename(join(replaced, part), join(dir, part));
    throw error;
  }
  await rm(replaced, { recursive: true, force: true });
  for (const name of snapshot.running) await servers.find((server) => server.name === name)?.start();
}

/**
 * Moves the learner's state out of the way, without a copy: the fastest backup there is. The servers must be stopped.
 * The list of parts is written first, so that `bringBack` knows what to do when the program was killed on the way.
 */
export async function moveAside(
  dir: string,
  path: string,
  about: string,
  running: readonly string[],
  now: Date,
): Promise<void> {
  await mkdir(join(dir, path), { recursive: true });
  const found = parts(dir);
  const snapshot: Snapshot = { schema: 1, about, at: now.toISOString(), running, parts: found };
  writeJson(join(dir, path, 'snapshot.json'), snapshot);
  for (const part of found) await rename(join(dir, part), join(dir, path, part));
}

/** Did a deed get so far that something may have been moved? The list of parts comes first, and goes last. */
export const isBackup = (dir: string, path: string): boolean => existsSync(join(dir, path, 'snapshot.json'));

/** Brings back what `moveAside` took; the backup is used up. May be done again after it was interrupted. */
export async function bringBack(dir: string, servers: readonly NativeServer[], path: string): Promise<void> {
  const source = join(dir, path);
  const { parts: moved, running } = readSnapshot(source, path);
  for (const server of servers) await server.stop('immediate');
  for (const part of allParts) {
    if (moved.includes(part) && !existsSync(join(source, part))) continue; // it never left, or is back already
    await rm(join(dir, part), { recursive: true, force: true });
    if (moved.includes(part)) await rename(join(source, part), join(dir, part));
  }
  for (const name of running) await servers.find((server) => server.name === name)?.start();
  rmSync(source, { recursive: true, force: true });
}

function readSnapshot(source: string, path: string): Snapshot {
  const read = readJson<Snapshot>(join(source, 'snapshot.json'), 1);
  if (read.kind === 'value') return read.value;
  throw new ProblemError({
    what: `${path} is no complete backup of this lab.`,
    fix: 'Choose another one below backups/.',
  });
}

export type Backup = { readonly path: string; readonly about: string; readonly at: string };

/** Newest first. */
export function listBackups(dir: string): Backup[] {
  const folder = join(dir, 'backups');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((name) => {
      const read = readJson<Snapshot>(join(folder, name, 'snapshot.json'), 1);
      return read.kind === 'value' ? [{ path: join('backups', name), about: read.value.about, at: read.value.at }] : [];
    })
    .sort((a, b) => b.at.localeCompare(a.at));
}

export async function dropOldBackups(dir: string): Promise<void> {
  for (const { path } of listBackups(dir).slice(mostKept)) await rm(join(dir, path), { recursive: true, force: true });
}

/** `cp -a` keeps owners, modes and times; where the file system can, it shares the blocks. Never hard links: PostgreSQL writes in place. */
async function copy(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  if (keptFiles.some((name) => from.endsWith(name))) return cp(from, to, { preserveTimestamps: true });
  const args = process.platform === 'linux' ? ['-a', '--reflink=auto', from, to] : ['-a', from, to];
  const { status, stderr } = await run({ command: 'cp', args });
  if (status === 0) return;
  await rm(to, { recursive: true, force: true });
  throw new ProblemError({
    what: `The copy to ${to} failed: ${stderr.trim().split('\n')[0]}`,
    fix: 'Make room on the disk, then try again. What was there is untouched.',
  });
}

/** To the millisecond: two deeds of one second must not share a folder. */
export const backupPath = (now: Date, about: string): string =>
  join('backups', `${now.toISOString().slice(0, 23).replace(/[:.]/g, '-')}-${about.replace(/[^a-z0-9]+/gi, '-')}`);
