/**
 * The JSON files of a lab: versioned, written beside and renamed, never overwritten when they cannot be read.
 * A lock is held for one deed or one write; a screen holds one of its own for its life.
 */
import { linkSync, lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { isAlive } from './alive.ts';
import { decode, decodeJson, newestSchema, shape } from './json.ts';
import { ProblemError } from './problem.ts';
import { readRegular } from './regular-file.ts';

const mostBytes = 16 * 1024 * 1024; // thousand times what a lab holds

export type Versioned = { readonly schema: number };
export type ReadResult<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable'; readonly why: string }; // half-written, of another type, no regular file, or from a newer version

/** Whatever stands at the path: it does not wait, and does not throw. */
export function readJson<T extends Versioned>(path: string, schema: v.GenericSchema<unknown, T>): ReadResult<T> {
  const read = readRegular(path, mostBytes);
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

/** Written beside and renamed, so a reader and a crash see the old or the new file, never half of one. */
export function writeJson<T extends Versioned>(path: string, value: T): void {
  const aside = `${path}.${process.pid}.new`;
  try {
    writeFileSync(aside, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600, flush: true });
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    throw cannotWrite(path, error as NodeJS.ErrnoException);
  }
}

/** Moves a file that cannot be read out of the way; nothing is lost. Returns its new name. */
export function setAside(path: string, now: Date): string {
  const aside = `${path}.unreadable-${now.toISOString().replace(/[:.]/g, '-')}`;
  renameSync(path, aside);
  return aside;
}

export function cannotWrite(path: string, error: NodeJS.ErrnoException): ProblemError {
  const why = {
    EEXIST: 'a file of that name stands there',
    ENOTDIR: 'a part of that path is a file',
    ENOSPC: 'the disk is full',
    EROFS: 'the file system is read-only',
    EACCES: 'you may not write there',
    EPERM: 'you may not write there',
  };
  const known = Object.entries(why).find(([code]) => code === error.code)?.[1];
  return new ProblemError(
    {
      what: `${path} could not be written: ${known ?? error.message}.`,
      fix:
        error.code === 'ENOSPC'
          ? 'Make room (nothing of yours is lost), then run the command again.'
          : 'Make the folder writable, or choose another with --lab DIR.',
    },
    3,
    { cause: error },
  );
}

const lockHolder = shape({
  pid: v.pipe(v.number(), v.integer(), v.minValue(1)), // 0 and below are groups of processes, and somebody is always in them
  started: v.nullable(v.string()), // the process's own start, so that a pid given again is told apart
});
export type LockHolder = v.InferOutput<typeof lockHolder>;

/** Takes the lock, or says who has it. A lock whose process is gone is taken over. */
export function takeLock(dir: string, name: 'deed' | 'screen'): Disposable | LockHolder {
  const path = join(dir, `.${name}.lock`);
  const mine = `${path}.${process.pid}`;
  for (;;) {
    try {
      writeFileSync(mine, JSON.stringify({ pid: process.pid, started: startOf(process.pid) } satisfies LockHolder));
      linkSync(mine, path); // fails when it exists: complete or not there, never half
      return { [Symbol.dispose]: () => rmSync(path, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw cannotWrite(path, error as NodeJS.ErrnoException);
      const holder = holderOf(path);
      if (holder && isHeld(holder)) return holder;
      if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) setAside(path, new Date());
      else rmSync(path, { force: true });
    } finally {
      rmSync(mine, { force: true });
    }
  }
}

/** Another process holds it at this moment. */
export function isTakenByOthers(dir: string, name: 'deed' | 'screen'): boolean {
  const holder = holderOf(join(dir, `.${name}.lock`));
  return holder !== undefined && holder.pid !== process.pid && isHeld(holder);
}

export const isHolder = (lock: Disposable | LockHolder): lock is LockHolder => 'pid' in lock;

/** Undefined: it was just released, or is no lock of ours. */
function holderOf(path: string): LockHolder | undefined {
  const read = readRegular(path, mostBytes);
  const decoded = read.kind === 'bytes' ? decodeJson(read.bytes.toString('utf8'), lockHolder) : undefined;
  return decoded?.kind === 'value' ? decoded.value : undefined;
}

const isHeld = ({ pid, started }: LockHolder): boolean => isAlive(pid) && started === startOf(pid);

/** Clock ticks after boot at which the process started; null where there is no /proc. */
function startOf(pid: number): string | null {
  try {
    return (
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ')[19] ?? null
    );
  } catch {
    return null;
  }
}
