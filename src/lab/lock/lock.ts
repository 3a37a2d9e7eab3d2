/**
 * Locks of a lab: one for a deed or a write, one for a screen's life. A lock is a symbolic link that names its holder and leads nowhere: one system
 * call makes it with what it says, or fails because there is one, so it is never half there and leaves no file beside it.
 *
 * A lock whose holder is gone is cleared, and only under a further lock that is named after this very lock. Whoever has that one looks again before it
 * clears: the lock that it has judged is the one that it takes away, since its dead holder will not, and nobody else may. A further lock can lose its
 * holder too, and is cleared in the same way.
 */
import { createHash, randomBytes } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as v from 'valibot';
import { readRegular } from '../files/regular-file.ts';
import { ProblemError } from '../problem.ts';
import { decodeJson, shape } from '../store/json.ts';
import { cannotWrite, setAside } from '../store/store.ts';
import { isAlive } from './alive.ts';

export type LockName = 'deed' | 'screen';

const lockHolder = shape({
  pid: v.pipe(v.number(), v.integer(), v.minValue(1)), // 0 and below are groups of processes, and somebody is always in them
  started: v.nullable(v.string()), // the process's own start, so that a pid given again is told apart
});
export type LockHolder = v.InferOutput<typeof lockHolder>;

/** Takes the lock, or says who has it, or who is just clearing it. Throws a ProblemError where no lock can be made. */
export const takeLock = (dir: string, name: LockName): Disposable | LockHolder => take(pathOf(dir, name));

/** Another process holds it at this moment. */
export function isTakenByOthers(dir: string, name: LockName): boolean {
  const holder = holderIn(readQuietly(pathOf(dir, name)));
  return holder !== undefined && holder.pid !== process.pid && isHeld(holder);
}

export const isHolder = (lock: Disposable | LockHolder): lock is LockHolder => 'pid' in lock;

/** What killed programs have left beside their locks. Files of this form are the workshop's own. */
export function sweepLocks(dir: string): void {
  for (const name of readdirSync(dir)) {
    const byPid = /^\.(?:deed|screen)\.lock\.(\d{1,10})$/.exec(name)?.[1]; // of earlier versions
    if (byPid !== undefined && !isAlive(Number(byPid))) rmSync(join(dir, name), { force: true });
    if (!/^\.(?:deed|screen)\.lock\.[0-9a-f]{16}$/.test(name)) continue;
    const taken = take(join(dir, name));
    if (!isHolder(taken)) taken[Symbol.dispose]();
  }
}

const pathOf = (dir: string, name: LockName): string => join(dir, `.${name}.lock`);

function take(path: string): Disposable | LockHolder {
  const mine = `${process.pid}:${startOf(process.pid) ?? ''}:${randomBytes(8).toString('hex')}`;
  for (;;) {
    if (isMade(path, mine)) return { [Symbol.dispose]: () => release(path, mine) };
    const found = read(path);
    if (found === undefined) continue; // just released
    const holder = holderIn(found);
    if (holder && isHeld(holder)) return holder;
    const clearing = take(clearingOf(path, found));
    if (isHolder(clearing)) return clearing;
    using _clearing = clearing;
    if (read(path) !== found) continue;
    if (found.startsWith(noLock))
      setAside(path, new Date()); // somebody's folder, or whatever it is, is kept
    else rmSync(path, { force: true });
  }
}

function isMade(path: string, text: string): boolean {
  try {
    symlinkSync(text, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw cannotWrite(path, error as NodeJS.ErrnoException);
  }
}

/** No two locks say the same, so the name belongs to one lock, however often its path was used. */
function clearingOf(path: string, text: string): string {
  const [lock = ''] = /^\.(?:deed|screen)\.lock/.exec(basename(path)) ?? [];
  const of = createHash('sha256')
    .update(`${basename(path)}\n${text}`)
    .digest('hex')
    .slice(0, 16);
  return join(dirname(path), `${lock}.${of}`);
}

function release(path: string, mine: string): void {
  try {
    if (readQuietly(path) === mine) unlinkSync(path);
  } catch {
    // The folder has gone, or may not be written any more. A lock without its process holds nobody up.
  }
}

const mostBytes = 4096;
const noLock = '\0no lock:'; // then the number of what stands there

/** What a lock says; earlier versions wrote it in a file. undefined: there is none. Throws a ProblemError for a file that may not be read. */
function read(path: string): string | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return undefined;
  if (stat.isSymbolicLink()) return targetOf(path);
  if (!stat.isFile() || stat.size > mostBytes) return `${noLock}${stat.ino}`;
  const file = readRegular(path, mostBytes);
  if (file.kind === 'bytes') return file.bytes.toString('utf8');
  if (file.kind === 'absent') return undefined;
  throw new ProblemError({
    what: `${path} cannot be read (${file.why}), so nobody knows whether another workshop is at work on this lab.`,
    fix: 'End other workshops on this lab, then remove that file.',
  });
}

function targetOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // another one's in the meantime
  }
}

const readQuietly = (path: string): string | undefined => {
  try {
    return read(path);
  } catch {
    return undefined; // whoever wants to take it says so
  }
};

/** undefined: it names nobody, so nobody holds it. */
function holderIn(text: string | undefined): LockHolder | undefined {
  const [, pid, started] = /^(\d{1,10}):(\d*):[0-9a-f]{16}$/.exec(text ?? '') ?? [];
  if (pid !== undefined) return Number(pid) > 0 ? { pid: Number(pid), started: started || null } : undefined;
  const decoded = decodeJson(text ?? '', lockHolder);
  return decoded.kind === 'value' ? decoded.value : undefined;
}

function isHeld({ pid, started }: LockHolder): boolean {
  if (!isAlive(pid)) return false;
  const now = seen(pid);
  if (now?.ended) return false;
  return !now || started === null || started === now.started; // what cannot be told apart holds
}

const startOf = (pid: number): string | null => seen(pid)?.started ?? null;

/** `started`: clock ticks after boot. `ended`: nobody has fetched its end yet. undefined where the system does not say. */
function seen(pid: number): { readonly started: string; readonly ended: boolean } | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return { started: fields[19] ?? '', ended: fields[0] === 'Z' || fields[0] === 'X' };
  } catch {
    return undefined;
  }
}
