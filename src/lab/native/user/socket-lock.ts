/**
 * The lock file beside a server's socket (.s.PGSQL.5432.lock). Its first line is the postmaster's pid, also after the
 * data directory was moved. Source: documentation, unix_socket_directories.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readRegular } from '../../files/regular-file.ts';
import { isAt, placeOf } from '../../machine/processes.ts';
import { isPostgres, isRunning } from '../server/postmaster.ts';

const lockOf = (socketDir: string, port: number): string => join(socketDir, `.s.PGSQL.${port}.lock`);

/** The pid in the lock; 0: nonsense; undefined: there is no lock. */
export function lockHolder(socketDir: string, port: number): number | undefined {
  const read = readRegular(lockOf(socketDir, port), 4096);
  if (read.kind === 'absent') return undefined;
  const pid = read.kind === 'bytes' ? Number(read.bytes.toString('utf8').split('\n')[0]) : 0;
  return Number.isInteger(pid) && pid > 1 ? pid : 0;
}

/** Whether the lock names a server that runs: one that was killed may not be reaped yet. Linux only. */
export function hasOwnServer(socketDir: string, port: number): boolean {
  const pid = lockHolder(socketDir, port) ?? 0;
  return isPostgres(pid) && isRunning(pid);
}

/**
 * The pid of a server that was started in this data directory and runs on without a postmaster.pid there, or without
 * the directory. It ends itself when it looks for the file the next time, once a minute (src/backend/postmaster).
 */
export function unlistedServer(socketDir: string, port: number, data: string): number | undefined {
  const pid = hasOwnServer(socketDir, port) ? lockHolder(socketDir, port) : undefined;
  return pid !== undefined && (isAt(pid, data) || placeOf(pid)?.isDeleted) ? pid : undefined;
}

/** Whether there is a lock of a process that is no server: PostgreSQL refuses to start while that process lives. */
export const isLockLeft = (socketDir: string, port: number): boolean =>
  process.platform === 'linux' && lockHolder(socketDir, port) !== undefined && !hasOwnServer(socketDir, port);

export function removeLock(socketDir: string, port: number): void {
  for (const name of [`.s.PGSQL.${port}.lock`, `.s.PGSQL.${port}`]) rmSync(join(socketDir, name), { force: true });
}
