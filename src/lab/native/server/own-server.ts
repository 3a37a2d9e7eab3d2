/** A server that this lab has started, found where its sockets stand: its data directory may have been moved, and is not found by its name then. */
import { join } from 'node:path';
import { readRegular } from '../../files/regular-file.ts';
import { isPostgres } from './postmaster.ts';

/** Source: documentation of unix_socket_directories; the first line of the file beside a socket (.s.PGSQL.5432.lock) is the postmaster's pid. Linux only. */
export function hasOwnServer(socketDir: string, port: number): boolean {
  const read = readRegular(join(socketDir, `.s.PGSQL.${port}.lock`), 4096);
  const pid = read.kind === 'bytes' ? Number(read.bytes.toString('utf8').split('\n')[0]) : 0;
  return Number.isInteger(pid) && pid > 1 && isPostgres(pid);
}
