/**
 * The folders below `backups/`: which ones the workshop made, and in which order. The order is a number, not a time,
 * because a clock can go back. A folder of the workshop contains a mark file from its first moment; every other folder
 * belongs to the learner, whatever its name is.
 */
import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as v from 'valibot';
import { bytesIn } from '../files/disk-usage.ts';
import { readRegular } from '../files/regular-file.ts';
import { makeFolders } from '../folders/make-folder.ts';
import { ProblemError } from '../problem.ts';
import { isoTime, listOf, port, recordOf, schemaNumber, shape, text } from '../store/json.ts';
import { cannotWrite, readJson, writeJson } from '../store/store.ts';

/** The learner's state: data directories with those put aside beside them, logs, progress and journal. */
export const allParts = ['rep', 'logs', 'progress.json', 'journal.json', 'starts.json'] as const;

const snapshotJson = shape({
  schema: schemaNumber,
  about: text,
  at: isoTime,
  running: listOf(text),
  parts: listOf(v.picklist(allParts)),
  /** By server, of the plan when the backup was made; backups of earlier versions have none. */
  ports: v.exactOptional(recordOf(port)),
  beyond: v.exactOptional(recordOf(v.unknown())),
  copied: v.exactOptional(v.literal(true)), // the backup is a copy: the original files stayed where they were
  kind: v.exactOptional(v.picklist(['redo', 'named', 'passing'])), // absent: a step of undo
  bytes: v.exactOptional(v.number()), // on disk; absent: not all of it is visible to this user
});
export type Snapshot = v.InferOutput<typeof snapshotJson>;

/**
 * What a backup is for: a step back (undo) or forth (redo), a snapshot that the learner named, or a state that the
 * proof and the tour return to for a short time.
 */
export type BackupKind = 'undo' | NonNullable<Snapshot['kind']>;

const markFile = '.made-by-repl-workshop'; // a file in the folder; it contains the backup's number
const datedName = /^\d{4}-\d\d-\d\dT[\d-]+-./; // names that earlier versions gave
/** Names of a folder before it is complete (`.making`), and while it is removed (`.going`). */
const temporaryName = /^\.\d{4,9}-.*\.(making|going)$/;

/** The path of the next backup, as 'backups/0007-goto-3'. Creates nothing. Call it under the lab's lock. */
export function nextBackup(dir: string, about: string): string {
  const numbered = names(dir).filter((name) => !datedName.test(name));
  const last = numbered.reduce((most, name) => Math.max(most, Number(/^\.?(\d{4,9})-/.exec(name)?.[1] ?? 0)), 0);
  return join('backups', `${String(last + 1).padStart(4, '0')}-${about.replace(/[^a-z0-9]+/gi, '-')}`);
}

/** Creates the folder with its mark file and returns its absolute path. Throws a ProblemError when that fails. */
export function makeBackup(dir: string, path: string): string {
  const target = join(dir, path);
  const temporary = join(dir, 'backups', `.${basename(path)}.making`);
  try {
    rmSync(temporary, { recursive: true, force: true });
    makeFolders(temporary, 0o700);
    writeFileSync(join(temporary, markFile), `Made by repl-workshop: backup ${Number.parseInt(basename(path), 10)}\n`);
    renameSync(temporary, target);
    return target;
  } catch (error) {
    throw cannotWrite(target, error as NodeJS.ErrnoException);
  }
}

/** True when an operation may have moved parts: the list of parts is written first and removed last. */
export const isBackup = (dir: string, path: string): boolean => existsSync(join(dir, path, 'snapshot.json'));

export const writeSnapshot = (folder: string, snapshot: Snapshot): void =>
  writeJson(join(folder, 'snapshot.json'), snapshot);

/** Throws a ProblemError when the folder is not a complete backup. */
export function readSnapshot(dir: string, path: string): Snapshot {
  const read = readJson(join(dir, path, 'snapshot.json'), snapshotJson);
  if (read.kind === 'value') return read.value;
  throw new ProblemError({
    what: `${join(dir, path)} is no complete backup of this lab.`,
    fix: 'Choose another one below backups/.',
  });
}

export type BackupPurpose = { readonly about: string; readonly kind: BackupKind };

export type Backup = {
  readonly path: string;
  readonly about: string; // the operation before which, or (redo) after which the lab was so; the name of a snapshot
  readonly at: string;
  readonly copied: boolean;
  readonly kind: BackupKind;
  readonly bytes?: number; // absent: unknown
};

/**
 * The newest backup comes first. Folders of earlier versions have a date as name: they are the oldest, ordered by date.
 */
export function listBackups(dir: string): readonly Backup[] {
  return names(dir)
    .flatMap((name): readonly (Backup & { readonly number: number })[] => {
      const number = numberOf(dir, name);
      if (number === undefined && !datedName.test(name)) return [];
      const read = readJson(join(dir, 'backups', name, 'snapshot.json'), snapshotJson);
      if (read.kind !== 'value') return [];
      const { about, at, copied = false, kind = 'undo', bytes } = read.value;
      const size = bytes === undefined ? {} : { bytes };
      return [{ path: join('backups', name), about, at, copied, kind, ...size, number: number ?? 0 }];
    })
    .sort((a, b) => b.number - a.number || b.at.localeCompare(a.at))
    .map(({ number, ...backup }) => backup);
}

/**
 * Renames the folder out of the list of backups, so that a half-removed one is never taken for a complete backup or for
 * the learner's. Returns its new path.
 */
export function setGoing(dir: string, path: string): string {
  if (temporaryName.test(basename(path))) return path;
  const renamed = join('backups', `.${basename(path)}.going`);
  renameSync(join(dir, path), join(dir, renamed));
  return renamed;
}

/** Folders of the workshop without a list of parts: never completed, or the rest of a backup that was used up. */
export const incomplete = (dir: string): readonly string[] =>
  names(dir)
    .filter(
      (name) =>
        temporaryName.test(name) || (numberOf(dir, name) !== undefined && !isBackup(dir, join('backups', name))),
    )
    .map((name) => join('backups', name));

export type UndoStep = Backup & { readonly kind: 'undo' | 'redo' };
const isStep = (backup: Backup): backup is UndoStep => backup.kind === 'undo' || backup.kind === 'redo';

/** The steps of undo or redo, the next one first. */
export const listSteps = (dir: string, kind: UndoStep['kind']): readonly UndoStep[] =>
  listBackups(dir)
    .filter(isStep)
    .filter((one) => one.kind === kind);

/** Makes a step of redo one of undo. It is what was there before an undo. */
export function keepAsUndo(dir: string, path: string): void {
  const { kind: _, about, ...rest } = readSnapshot(dir, path);
  writeSnapshot(join(dir, path), { ...rest, about: `undo of ${about}` });
}

/** All steps of undo and redo together take at most this much of the disk. */
export const mostBytesOfSteps = 500e6;

/**
 * This many steps are kept whatever their size, and also where it is unknown. Copies that solve made do not push out
 * what a goto or reset moved, because of that there is no second copy.
 */
const leastKept = 3;

/**
 * The backups that are to be removed: the oldest steps that have no room, and passing states except the newest.
 * `coming`: the bytes of a moved step that is about to be made.
 */
export function oldBackups(dir: string, coming?: number): readonly Backup[] {
  const all = listBackups(dir);
  const kept = { copied: 0, moved: coming === undefined ? 0 : 1, bytes: coming ?? 0 };
  const steps = all.filter((one) => {
    if (!isStep(one)) return false;
    kept.bytes += one.bytes ?? bytesIn(join(dir, one.path)) ?? Number.POSITIVE_INFINITY;
    return ++kept[one.copied ? 'copied' : 'moved'] > leastKept && kept.bytes > mostBytesOfSteps;
  });
  return [...steps, ...all.filter(({ kind }) => kind === 'passing').slice(1)];
}

function names(dir: string): readonly string[] {
  const folder = join(dir, 'backups');
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** undefined: the workshop did not make this folder. */
function numberOf(dir: string, name: string): number | undefined {
  const read = readRegular(join(dir, 'backups', name, markFile), 1024);
  const match = read.kind === 'bytes' ? /^Made by repl-workshop: backup (\d+)$/m.exec(read.bytes.toString()) : null;
  return match ? Number(match[1]) : undefined;
}
