/** The process of a server, as its data directory tells it. Source: documentation, "Database File Layout" (postmaster.pid); tried on 13 to 18. */
import { readdirSync, readFileSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { readRegular } from '../../files/regular-file.ts';
import { isAlive } from '../../lock/alive.ts';
import { isGiven } from '../user/give.ts';

export type Postmaster = {
  readonly pid: number;
  readonly startedAt: string; // ISO
  readonly port: number | null; // line 4 comes a moment after the first three
  readonly socketDir: string | null;
  readonly status: string | null; // 'starting', 'ready', 'standby', 'stopping'
};

const mostOfThePidFile = 64 * 1024;

function readPostmasterPid(data: string): Postmaster | undefined {
  const read = readRegular(join(data, 'postmaster.pid'), mostOfThePidFile);
  if (read.kind !== 'bytes') return undefined; // an orderly stop removes the file
  const [pid, , started, port, socketDir, , , status] = read.bytes.toString('utf8').split('\n');
  const startedAt = new Date(Number(started) * 1000);
  if (!pid || !started || Number.isNaN(startedAt.getTime())) return undefined; // being written
  return {
    pid: Number(pid),
    startedAt: startedAt.toISOString(),
    port: port ? Number(port) : null,
    socketDir: socketDir || null,
    status: status?.trim() || null,
  };
}

/** The postmaster that really runs on this directory: its pid lives, and (where the system tells) works in this directory. */
export function livePostmaster(data: string): Postmaster | undefined {
  const postmaster = readPostmasterPid(data);
  return postmaster && isServerOf(postmaster.pid, data) ? postmaster : undefined;
}

/**
 * A postmaster.pid left by a killed server may name a pid that somebody else has by now: a shell or an editor in that very directory, another's server. So it
 * must be a PostgreSQL server that works there, and for root, who may signal everybody, one of its own. 0 and below are groups of processes.
 */
export function isServerOf(pid: number, data: string): boolean {
  if (!Number.isInteger(pid) || pid <= 1 || !isAlive(pid)) return false;
  if (process.platform !== 'linux') return true; // no /proc: the pid lives and stands in the directory's own postmaster.pid; more cannot be known cheaply
  return isPostgres(pid) && isOfOurs(pid, data) && worksIn(pid, data);
}

function worksIn(pid: number, data: string): boolean {
  try {
    // By what it is, not by its name: a server may see the lab through a mount of its own, under the name of before. A zombie works nowhere.
    return isSame(statSync(`/proc/${pid}/cwd`), statSync(data, { throwIfNoEntry: false }));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EACCES' || code === 'EPERM'; // root without CAP_SYS_PTRACE (in a container) may not see where a server of another user works
  }
}

const isSame = (one: Stats, other: Stats | undefined): boolean => one.dev === other?.dev && one.ino === other.ino;

function isOfOurs(pid: number, data: string): boolean {
  if (process.geteuid?.() !== 0) return true;
  const uid = userOf(pid);
  if (uid === undefined) return false; // just gone
  return isGiven(uid) || uid === statSync(data, { throwIfNoEntry: false })?.uid;
}

const procState = (pid: number): string => /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? '';

/** The process is there and not a zombie: whoever should fetch its end may take a second. Asked often, so in two cheap calls: a zombie works nowhere. */
export function isRunning(pid: number): boolean {
  if (!isAlive(pid)) return false;
  try {
    readlinkSync(`/proc/${pid}/cwd`);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') return !hasEnded(pid); // somebody else's
    return process.platform !== 'linux'; // no /proc on this system; on Linux it is just gone
  }
}

function hasEnded(pid: number): boolean {
  try {
    return procState(pid) === 'Z';
  } catch {
    return true;
  }
}

/** The server of before is ending, or whoever started it has not fetched its end: to PostgreSQL its pid, and so postmaster.pid, still counts. */
export function isEndUnfetched(data: string): boolean {
  const pid = readPostmasterPid(data)?.pid;
  return pid !== undefined && pid > 1 && isAlive(pid) && !isRunning(pid);
}

/** As whom a process runs, seen from here; undefined where the system does not tell. */
export function userOf(pid: number): number | undefined {
  try {
    const uid = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return uid === undefined ? undefined : Number(uid);
  } catch {
    return undefined; // no /proc on this system, or just gone
  }
}

/** Stopped by a signal (SIGSTOP): the process is there and does nothing. */
export function isPaused(pid: number): boolean {
  try {
    return procState(pid) === 'T';
  } catch {
    return false; // no /proc on this system, or just gone
  }
}

/** Where the server's standard error goes, when that is a file. */
export function logOfProcess(pid: number): string | undefined {
  try {
    const target = readlinkSync(`/proc/${pid}/fd/2`);
    return statSync(target).isFile() ? target : undefined; // not a terminal, a pipe, or a file that was removed
  } catch {
    return undefined; // no /proc on this system, just gone, or nothing that can be read
  }
}

/**
 * The processes that work in this directory, Linux only. The children of a killed postmaster live on for a moment, and no server starts beside them;
 * a postmaster whose postmaster.pid was spoilt can be found in no other way.
 */
export function processesIn(data: string): readonly { readonly pid: number; readonly parent: number }[] {
  try {
    const place = realpathSync(data);
    const found = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && workingDirectory(name) === place);
    return found.map((name) => ({ pid: Number(name), parent: parentOf(name) }));
  } catch {
    return []; // no /proc on this system
  }
}

/** The one of them whose parent is not among them, and that has children: a postmaster. A learner's shell in that directory has none of ours. */
export function postmasterIn(data: string): number | undefined {
  const all = processesIn(data);
  return all.find(
    ({ pid, parent }) =>
      all.some((other) => other.parent === pid) && !all.some((other) => other.pid === parent) && isPostgres(pid),
  )?.pid;
}

function workingDirectory(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined; // somebody else's, or just gone
  }
}

const parentOf = (pid: string): number => Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]);
export function isPostgres(pid: number): boolean {
  try {
    return /^post(gres|master)$/.test(readFileSync(`/proc/${pid}/comm`, 'utf8').trim());
  } catch {
    return false; // just gone
  }
}
