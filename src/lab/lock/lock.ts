/**
 * Locks of a lab: one for an operation or a write, one for the lifetime of a screen. A lock is a symbolic link whose
 * target names the holder and does not exist: one system call creates it with its content or fails, so there is never a
 * partial lock or a temporary file.
 * A lock whose holder has ended is removed under a second lock, named after the content of the first. The program that
 * has the second lock reads the first again before it removes it: its dead holder cannot change it, and no other
 * program may. A second lock whose holder has ended is removed in the same way.
 */
import { createHash, randomBytes } from 'node:crypto';
import { lstatSync, readdirSync, readlinkSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as v from 'valibot';
import { readRegular } from '../files/regular-file.ts';
import { statOf } from '../machine/processes.ts';
import { ProblemError } from '../problem.ts';
import { decodeJson, shape } from '../store/json.ts';
import { cannotWrite, setAside } from '../store/store.ts';
import { isAlive } from './alive.ts';

export type LockName = 'deed' | 'screen';

const lockHolder = shape({
  /** Above 0: kill(2) takes 0 and below as process groups, which always have members. */
  pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
  started: v.nullable(v.string()), // start time of the process, to recognise a pid that was reused
});
export type LockHolder = v.InferOutput<typeof lockHolder>;

/** Takes the lock, or returns the process that has it or is removing it. Throws a ProblemError when neither works. */
export const takeLock = (dir: string, name: LockName): Disposable | LockHolder => take(pathOf(dir, name));

/** True when another process has the lock at this moment. */
export function isTakenByOthers(dir: string, name: LockName): boolean {
  const holder = holderIn(readQuietly(pathOf(dir, name)));
  return holder !== undefined && holder.pid !== process.pid && isHeld(holder);
}

export const isHolder = (lock: Disposable | LockHolder): lock is LockHolder => 'pid' in lock;

/** Removes what killed programs left beside their locks. All files of these forms are the workshop's. */
export function sweepLocks(dir: string): void {
  for (const name of readdirSync(dir)) {
    const byPid = /^\.(?:deed|screen)\.lock\.(\d{1,10})$/.exec(name)?.[1]; // names of earlier versions
    if (byPid !== undefined && !isAlive(Number(byPid))) rmSync(join(dir, name), { force: true });
    if (!/^\.(?:deed|screen)\.lock\.[0-9a-f]{16}$/.test(name)) continue;
    const taken = take(join(dir, name));
    if (!isHolder(taken)) taken[Symbol.dispose]();
  }
}

const pathOf = (dir: string, name: LockName): string => join(dir, `.${name}.lock`);

function take(path: string): Disposable | LockHolder {
  const ownContent = `${process.pid}:${startOf(process.pid) ?? ''}:${randomBytes(8).toString('hex')}`;
  for (;;) {
    if (createLock(path, ownContent)) return { [Symbol.dispose]: () => release(path, ownContent) };
    const content = read(path);
    if (content === undefined) continue; // just released
    const holder = holderIn(content);
    if (holder && isHeld(holder)) return holder;
    const clearing = take(clearingOf(path, content));
    if (isHolder(clearing)) return clearing;
    using _clearing = clearing;
    if (read(path) !== content) continue;
    if (content.startsWith(noLock))
      setAside(path, new Date()); // a folder or another file that is not a lock is kept
    else rmSync(path, { force: true });
  }
}

function createLock(path: string, text: string): boolean {
  try {
    symlinkSync(text, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw cannotWrite(path, error as NodeJS.ErrnoException);
  }
}

/** The content of each lock is unique, so the name belongs to one lock, however often its path is used again. */
function clearingOf(path: string, text: string): string {
  const [lock = ''] = /^\.(?:deed|screen)\.lock/.exec(basename(path)) ?? [];
  const of = createHash('sha256')
    .update(`${basename(path)}\n${text}`)
    .digest('hex')
    .slice(0, 16);
  return join(dirname(path), `${lock}.${of}`);
}

function release(path: string, ownContent: string): void {
  try {
    if (readQuietly(path) === ownContent) unlinkSync(path);
  } catch {
    // The folder is gone or read-only. A lock whose process has ended blocks nobody.
  }
}

const mostBytes = 4096;
const noLock = '\0no lock:'; // followed by the inode number of the file that is no lock

/** The content of a lock; earlier versions used a file. undefined: no lock. Throws a ProblemError if unreadable. */
function read(path: string): string | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return undefined;
  if (stat.isSymbolicLink()) return targetOf(path);
  if (!stat.isFile() || stat.size > mostBytes) return `${noLock}${stat.ino}`;
  const file = readRegular(path, mostBytes);
  if (file.kind === 'bytes') return file.bytes.toString('utf8');
  if (file.kind === 'absent') return undefined;
  throw new ProblemError({
    what: `${path} cannot be read (${file.why}), so it is not known whether another workshop is at work on this lab.`,
    fix: 'End other workshops on this lab, then remove that file.',
  });
}

function targetOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // another program replaced it meanwhile
  }
}

const readQuietly = (path: string): string | undefined => {
  try {
    return read(path);
  } catch {
    return undefined; // taking the lock reports the error
  }
};

/** undefined: the text names no holder, so the lock is free. */
function holderIn(text: string | undefined): LockHolder | undefined {
  const [, pid, started] = /^(\d{1,10}):(\d*):[0-9a-f]{16}$/.exec(text ?? '') ?? [];
  if (pid !== undefined) return Number(pid) > 0 ? { pid: Number(pid), started: started || null } : undefined;
  const decoded = decodeJson(text ?? '', lockHolder);
  return decoded.kind === 'value' ? decoded.value : undefined;
}

function isHeld({ pid, started }: LockHolder): boolean {
  if (!isAlive(pid)) return false;
  const stat = statOf(pid);
  if (stat?.state === 'Z' || stat?.state === 'X') return false; // its parent has not read its status
  return !stat || started === null || started === stat.started; // in doubt it is held
}

const startOf = (pid: number): string | null => statOf(pid)?.started ?? null;
