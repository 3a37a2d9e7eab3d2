/**
 * The folders below `backups/`: which are the workshop's, and in which order they were made. The order is a number, never a time: clocks go back.
 * A folder of ours carries a mark inside from its first moment; every other one is the learner's, whatever its name is.
 */
import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as v from 'valibot';
import { readRegular } from '../files/regular-file.ts';
import { makeFolders } from '../folders/make-folder.ts';
import { ProblemError } from '../problem.ts';
import { isoTime, listOf, port, recordOf, schemaNumber, shape, text } from '../store/json.ts';
import { cannotWrite, readJson, writeJson } from '../store/store.ts';

/** What belongs to the learner's state: the data directories with those put aside beside them, the logs, progress and journal. */
export const allParts = ['rep', 'logs', 'progress.json', 'journal.json'] as const;

const snapshotJson = shape({
  schema: schemaNumber,
  about: text,
  at: isoTime,
  running: listOf(text),
  parts: listOf(v.picklist(allParts)),
  ports: v.exactOptional(recordOf(port)), // of the plan at that time, by server; not in those of earlier versions
  beyond: v.exactOptional(recordOf(v.unknown())),
  copied: v.exactOptional(v.literal(true)), // what it was made of stayed in its place
});
export type Snapshot = v.InferOutput<typeof snapshotJson>;

const mark = '.made-by-repl-workshop'; // a file in the folder, with its number
const dated = /^\d{4}-\d\d-\d\dT[\d-]+-./; // names of earlier versions
const passing = /^\.\d{4,9}-.*\.(making|going)$/; // before it has its name, and while it is removed

/** The path of the next backup, from the lab folder: 'backups/0007-goto-3'. Nothing is made. To be called under the lab's lock. */
export function nextBackup(dir: string, about: string): string {
  const numbered = names(dir).filter((name) => !dated.test(name));
  const last = numbered.reduce((most, name) => Math.max(most, Number(/^\.?(\d{4,9})-/.exec(name)?.[1] ?? 0)), 0);
  return join('backups', `${String(last + 1).padStart(4, '0')}-${about.replace(/[^a-z0-9]+/gi, '-')}`);
}

/** Makes the folder, marked. Throws a ProblemError. */
export function makeBackup(dir: string, path: string): string {
  const target = join(dir, path);
  const aside = join(dir, 'backups', `.${basename(path)}.making`);
  try {
    rmSync(aside, { recursive: true, force: true });
    makeFolders(aside, 0o700);
    writeFileSync(join(aside, mark), `Made by repl-workshop: backup ${Number.parseInt(basename(path), 10)}\n`);
    renameSync(aside, target);
    return target;
  } catch (error) {
    throw cannotWrite(target, error as NodeJS.ErrnoException);
  }
}

/** Did a deed get so far that something may have been moved? The list of parts comes first, and goes last. */
export const isBackup = (dir: string, path: string): boolean => existsSync(join(dir, path, 'snapshot.json'));

export const writeSnapshot = (folder: string, snapshot: Snapshot): void =>
  writeJson(join(folder, 'snapshot.json'), snapshot);

/** Throws a ProblemError where the folder is no complete backup. */
export function readSnapshot(dir: string, path: string): Snapshot {
  const read = readJson(join(dir, path, 'snapshot.json'), snapshotJson);
  if (read.kind === 'value') return read.value;
  throw new ProblemError({
    what: `${join(dir, path)} is no complete backup of this lab.`,
    fix: 'Choose another one below backups/.',
  });
}

export type Backup = { readonly path: string; readonly about: string; readonly at: string; readonly copied: boolean };

/** The last one made comes first. Those of earlier versions have a date for a name; among them the date counts, and they are the oldest. */
export function listBackups(dir: string): readonly Backup[] {
  return names(dir)
    .flatMap((name) => {
      const number = numberOf(dir, name);
      if (number === undefined && !dated.test(name)) return [];
      const read = readJson(join(dir, 'backups', name, 'snapshot.json'), snapshotJson);
      if (read.kind !== 'value') return [];
      const { about, at, copied = false } = read.value;
      return [{ path: join('backups', name), about, at, copied, number: number ?? 0 }];
    })
    .sort((a, b) => b.number - a.number || b.at.localeCompare(a.at))
    .map(({ number, ...backup }) => backup);
}

/** Out of the list at once, so that one that is half removed is never taken for whole, or for the learner's. Returns its path from then on. */
export function setGoing(dir: string, path: string): string {
  if (passing.test(basename(path))) return path;
  const going = join('backups', `.${basename(path)}.going`);
  renameSync(join(dir, path), join(dir, going));
  return going;
}

/** Ours, and without a list of parts: never complete, or what is left of one that was used up. */
export const incomplete = (dir: string): readonly string[] =>
  names(dir)
    .filter(
      (name) => passing.test(name) || (numberOf(dir, name) !== undefined && !isBackup(dir, join('backups', name))),
    )
    .map((name) => join('backups', name));

/** Of each kind this many stay. A solve's copies do not push out what a goto or reset has moved: of that there is no other. */
const mostKept = 3;

export function oldBackups(dir: string): readonly string[] {
  const all = listBackups(dir);
  return [true, false].flatMap((copied) =>
    all
      .filter((one) => one.copied === copied)
      .slice(mostKept)
      .map(({ path }) => path),
  );
}

function names(dir: string): readonly string[] {
  const folder = join(dir, 'backups');
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** undefined: the folder is not ours. */
function numberOf(dir: string, name: string): number | undefined {
  const read = readRegular(join(dir, 'backups', name, mark), 1024);
  const said = read.kind === 'bytes' ? /^Made by repl-workshop: backup (\d+)$/m.exec(read.bytes.toString()) : null;
  return said ? Number(said[1]) : undefined;
}
