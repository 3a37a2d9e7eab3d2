/** Finds a server of this lab by its socket, which works also after its data directory was moved. */
import { join } from 'node:path';
import { readRegular } from '../../files/regular-file.ts';
import { isPostgres } from './postmaster.ts';

/**
 * The first line of the lock file beside a socket (.s.PGSQL.5432.lock) is the postmaster's pid. Linux only, because
 * of `isPostgres`. Source: documentation, unix_socket_directories.
 */
export function hasOwnServer(socketDir: string, port: number): boolean {
  const read = readRegular(join(socketDir, `.s.PGSQL.${port}.lock`), 4096);
  const pid = read.kind === 'bytes' ? Number(read.bytes.toString('utf8').split('\n')[0]) : 0;
  return Number.isInteger(pid) && pid > 1 && isPostgres(pid);
}
