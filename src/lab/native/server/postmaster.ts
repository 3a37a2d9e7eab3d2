/** A server's process, by its data directory. Source: documentation, "Database File Layout"; tested on 13 to 18. */
import { readFileSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { readRegular } from '../../files/regular-file.ts';
import { isAlive } from '../../lock/alive.ts';
import { allPids, statOf } from '../../machine/processes.ts';
import { isGiven } from '../user/give.ts';

export type Postmaster = {
  readonly pid: number;
  readonly startedAt: string; // ISO
  readonly port: number | null; // null: line 4 is written a moment after the first three
  readonly socketDir: string | null;
  readonly status: string | null; // 'starting', 'ready', 'standby', 'stopping'
};

export const mostOfThePidFile = 64 * 1024;

/** undefined: there is no such file, or it is not complete. */
export function readPostmasterPid(data: string): Postmaster | undefined {
  const read = readRegular(join(data, 'postmaster.pid'), mostOfThePidFile);
  if (read.kind !== 'bytes') return undefined; // a clean stop removes the file
  const [pid, , started, port, socketDir, , , status] = read.bytes.toString('utf8').split('\n');
  const startedAt = new Date(Number(started) * 1000);
  if (!pid || !started || Number.isNaN(startedAt.getTime())) return undefined; // the file is just being written
  return {
    pid: Number(pid),
    startedAt: startedAt.toISOString(),
    port: port ? Number(port) : null,
    socketDir: socketDir || null,
    status: status?.trim() || null,
  };
}

/** The running postmaster of this directory: its process is alive and, on Linux, has this directory as its cwd. */
export function livePostmaster(data: string): Postmaster | undefined {
  const postmaster = readPostmasterPid(data);
  return postmaster && isServerOf(postmaster.pid, data) ? postmaster : undefined;
}

/**
 * Whether the process is a server on this directory. The postmaster.pid of a killed server may name a pid that
 * another process has now: a shell in the same directory, or a server of another user. So the process must be a
 * postgres with this cwd, and pass `mayBelongToLab`. A pid of 0 or below names a process group.
 */
export function isServerOf(pid: number, data: string): boolean {
  if (!Number.isInteger(pid) || pid <= 1 || !isAlive(pid)) return false;
  if (process.platform !== 'linux') return true; // without /proc no more can be checked cheaply
  return isPostgres(pid) && mayBelongToLab(pid, data) && worksIn(pid, data);
}

function worksIn(pid: number, data: string): boolean {
  try {
    return isSame(statSync(`/proc/${pid}/cwd`), statSync(data, { throwIfNoEntry: false }));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EACCES' || code === 'EPERM'; // root without CAP_SYS_PTRACE may not read the cwd of other users
  }
}

/** Whether the process has this folder as its cwd; false where that cannot be seen. Linux only. */
export function isAt(pid: number, folder: string): boolean {
  try {
    return isSame(statSync(`/proc/${pid}/cwd`), statSync(folder, { throwIfNoEntry: false }));
  } catch {
    return false; // the process has ended, or belongs to another user
  }
}

/** Compares device and inode, not paths: a server may see the lab through a mount of its own, under an older path. */
const isSame = (one: Stats, other: Stats | undefined): boolean => one.dev === other?.dev && one.ino === other.ino;

/**
 * Root can signal every process, so for root the process must run as root, as a user of a lab's servers, or as the
 * owner of the directory. Always true for other users.
 */
function mayBelongToLab(pid: number, data: string): boolean {
  if (process.geteuid?.() !== 0) return true;
  const uid = userOf(pid);
  if (uid === undefined) return false; // the process has ended
  return isGiven(uid) || uid === statSync(data, { throwIfNoEntry: false })?.uid;
}

const procState = (pid: number): string => /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? '';

/**
 * Whether the process exists and is not a zombie: its parent may take a second to reap it. Called often, so it makes
 * two cheap calls: a zombie has no cwd.
 */
export function isRunning(pid: number): boolean {
  if (!isAlive(pid)) return false;
  try {
    readlinkSync(`/proc/${pid}/cwd`);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') return !hasEnded(pid); // another user's process
    return process.platform !== 'linux'; // on Linux the process has ended; elsewhere there is no /proc
  }
}

function hasEnded(pid: number): boolean {
  try {
    return procState(pid) === 'Z';
  } catch {
    return true;
  }
}

/**
 * Whether the previous server is a zombie that its parent has not reaped. PostgreSQL still sees its pid as alive, so
 * it refuses to start because of postmaster.pid.
 */
export function isEndUnfetched(data: string): boolean {
  const pid = readPostmasterPid(data)?.pid;
  return pid !== undefined && pid > 1 && isAlive(pid) && !isRunning(pid);
}

/** The uid of a process, in this user namespace; undefined where /proc does not give it. */
export function userOf(pid: number): number | undefined {
  try {
    const uid = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return uid === undefined ? undefined : Number(uid);
  } catch {
    return undefined; // no /proc on this system, or the process has ended
  }
}

/** Whether the process is stopped by a signal (SIGSTOP). */
export function isPaused(pid: number): boolean {
  try {
    return procState(pid) === 'T';
  } catch {
    return false; // no /proc on this system, or the process has ended
  }
}

/** The file that the server's standard error goes to; undefined when it is no file. */
export function logOfProcess(pid: number): string | undefined {
  try {
    const target = readlinkSync(`/proc/${pid}/fd/2`);
    return statSync(target).isFile() ? target : undefined; // else a terminal
  } catch {
    return undefined; // no /proc, no such process, no permission, a pipe, or a removed file
  }
}

/**
 * The processes whose cwd is this directory; Linux only. The children of a killed postmaster live on for a moment,
 * and no server can start until they end. A postmaster whose postmaster.pid was damaged is found only in this way.
 */
export function processesIn(data: string): readonly { readonly pid: number; readonly parent: number }[] {
  return allPids().flatMap((pid) => {
    const parent = isAt(pid, data) ? statOf(pid)?.parent : undefined;
    return parent === undefined ? [] : [{ pid, parent }];
  });
}

/** The pid of the postmaster in this directory: a postgres that has children there and whose parent is not there. */
export function postmasterIn(data: string): number | undefined {
  const all = processesIn(data);
  return all.find(
    ({ pid, parent }) =>
      all.some((other) => other.parent === pid) && !all.some((other) => other.pid === parent) && isPostgres(pid),
  )?.pid;
}

/** Linux only: returns false without /proc. */
export function isPostgres(pid: number): boolean {
  try {
    return /^post(gres|master)$/.test(readFileSync(`/proc/${pid}/comm`, 'utf8').trim());
  } catch {
    return false; // the process has ended, or there is no /proc
  }
}
