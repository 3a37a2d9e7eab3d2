/** The JSON files of a lab: versioned, written whole, and not overwritten when they cannot be read. */
import { lstatSync, renameSync } from 'node:fs';
import * as v from 'valibot';
import { readOfLab } from '../files/read-file.ts';
import { writeNew, writeWhole } from '../files/write-file.ts';
import { ProblemError } from '../problem.ts';
import { decode, decodeJson, newestSchema, shape } from './json.ts';

const mostBytes = 16 * 1024 * 1024; // a thousand times the size of a lab's files

export type Versioned = { readonly schema: number };
export type ReadResult<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'absent' }
  /** Half-written, of a wrong type, not a regular file, or from a newer version. */
  | { readonly kind: 'unreadable'; readonly why: string };

/** Never blocks and never throws, whatever the path is. */
export function readJson<T extends Versioned>(path: string, schema: v.GenericSchema<unknown, T>): ReadResult<T> {
  const read = readOfLab(path, mostBytes);
  if (read.kind === 'absent') return read;
  if (read.kind === 'refused') return { kind: 'unreadable', why: read.why };
  const versioned = decodeJson(read.bytes.toString('utf8'), shape({ schema: v.number() }));
  if (versioned.kind === 'wrong') return { kind: 'unreadable', why: versioned.why };
  if (versioned.value.schema > newestSchema)
    return {
      kind: 'unreadable',
      why: `it was written by a newer version of the workshop (schema ${versioned.value.schema}, this one knows ${newestSchema})`,
    };
  const decoded = decode(versioned.value, schema);
  return decoded.kind === 'value' ? decoded : { kind: 'unreadable', why: decoded.why };
}

/** A reader sees the old or the new file, also after a crash. Throws a ProblemError. */
export function writeJson<T extends Versioned>(path: string, value: T): void {
  try {
    writeWhole(path, jsonOf(value));
  } catch (error) {
    throw cannotWrite(path, error as NodeJS.ErrnoException);
  }
}

/** Returns false when the path exists; it stays as it is. Throws a ProblemError. */
export function writeNewJson<T extends Versioned>(path: string, value: T): boolean {
  try {
    writeNew(path, jsonOf(value));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw cannotWrite(path, error as NodeJS.ErrnoException);
  }
}

const jsonOf = (value: Versioned): string => `${JSON.stringify(value, null, 2)}\n`;

/** Renames a file that cannot be read, so that nothing is lost. Returns its new path. */
export function setAside(path: string, now: Date): string {
  const datedPath = `${path}.unreadable-${now.toISOString().replace(/[:.]/g, '-')}`;
  for (let n = 1; ; n++) {
    const newPath = n === 1 ? datedPath : `${datedPath}.${n}`; // the name exists when the clock went back
    if (lstatSync(newPath, { throwIfNoEntry: false })) continue;
    renameSync(path, newPath);
    return newPath;
  }
}

export function cannotWrite(
  path: string,
  error: NodeJS.ErrnoException,
  otherwise = 'Make the folder writable, or choose another with --lab DIR.',
): ProblemError {
  const why = {
    ENOENT: 'nothing can be made there',
    EEXIST: 'a file of that name is there',
    ENOTDIR: 'a part of that path is a file',
    ENOSPC: 'the disk is full',
    EROFS: 'the file system is read-only',
    EACCES: 'you may not write there',
    EPERM: 'you may not write there',
  };
  const reason = Object.entries(why).find(([code]) => code === error.code)?.[1];
  return new ProblemError(
    {
      what: `${path} could not be written: ${reason ?? error.message}.`,
      fix: error.code === 'ENOSPC' ? 'Make room (nothing of yours is lost), then run the command again.' : otherwise,
    },
    3,
    { cause: error },
  );
}
