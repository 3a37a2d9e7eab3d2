/** A server's process, by its data directory. Source: documentation, "Database File Layout"; tested on 13 to 18. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { readRegular } from '../../files/regular-file.ts';
import { isAlive } from '../../lock/alive.ts';
import { allPids, cwdOf, isAt, programNameOf, statOf, userOf } from '../../machine/processes.ts';
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

/** Root without CAP_SYS_PTRACE may not read the cwd of other users. */
const worksIn = (pid: number, data: string): boolean => isAt(pid, data) || (cwdOf(pid) === undefined && isRunning(pid));

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

/** Whether the process exists and is not a zombie: its parent may take a second to reap it. */
export function isRunning(pid: number): boolean {
  if (!isAlive(pid)) return false;
  const state = statOf(pid)?.state;
  return state === undefined ? process.platform !== 'linux' : state !== 'Z' && state !== 'X'; // X: dead
}

/**
 * Whether the previous server is a zombie that its parent has not reaped. PostgreSQL still sees its pid as alive, so
 * it refuses to start because of postmaster.pid.
 */
export function isEndUnfetched(data: string): boolean {
  const pid = readPostmasterPid(data)?.pid;
  return pid !== undefined && pid > 1 && isAlive(pid) && !isRunning(pid);
}

/** Whether the process is stopped by a signal (SIGSTOP). */
export const isPaused = (pid: number): boolean => statOf(pid)?.state === 'T';

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
export const isPostgres = (pid: number): boolean => /^post(gres|master)$/.test(programNameOf(pid) ?? '');
