/** The process of a server, as its data directory tells it. Source: documentation, "Database File Layout" (postmaster.pid); tried on 13 to 18. */
import { readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

export type Postmaster = {
  readonly pid: number;
  readonly startedAt: string; // ISO
  readonly port: number | null; // line 4 comes a moment after the first three
  readonly socketDir: string | null;
  readonly status: string | null; // 'starting', 'ready', 'standby', 'stopping'
};

export function readPostmasterPid(data: string): Postmaster | undefined {
  let text: string;
  try {
    text = readFileSync(join(data, 'postmaster.pid'), 'utf8');
  } catch {
    return undefined; // an orderly stop removes the file
  }
  const [pid, , started, port, socketDir, , , status] = text.split('\n');
  if (!pid || !started) return undefined; // being written
  return {
    pid: Number(pid),
    startedAt: new Date(Number(started) * 1000).toISOString(),
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

/** A postmaster.pid left by a killed server may name a pid that somebody else has by now. */
export function isServerOf(pid: number, data: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(data) && !isZombie(pid);
  } catch (error) {
    // No /proc (macOS): the pid lives and stands in the directory's own postmaster.pid; more cannot be known cheaply.
    return process.platform !== 'linux' && (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

const procState = (pid: number): string => /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? '';
const isZombie = (pid: number): boolean => procState(pid) === 'Z';

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
    return target.startsWith('/') && !target.startsWith('/dev/') && !target.endsWith(' (deleted)') ? target : undefined;
  } catch {
    return undefined; // no /proc on this system, or just gone
  }
}
