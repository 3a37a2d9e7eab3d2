/** Whether a data directory's own files name this lab: by the lab's socket folder, or by the path of its last start. */
import { join } from 'node:path';
import { directoriesOf, parseConf } from '../../../postgres/conf/conf.ts';
import { readOfLab } from '../../files/read-file.ts';

const mostOfAFile = 1024 * 1024;

/** `real`: the real path of the data directory. `path`: its path relative to the lab's folder `dir`. */
export function namesLab(real: string, dir: string, path: string, socketDir: string): boolean {
  const conf = parseConf(textOf(join(real, 'postgresql.conf')), 'postgresql.conf').settings;
  const sockets = conf.findLast(({ name }) => name === 'unix_socket_directories')?.value ?? '';
  if (directoriesOf(sockets).includes(socketDir)) return true;
  return textOf(join(real, 'postmaster.opts')).includes(`"-D" "${join(dir, path)}"`); // of the last start
}

function textOf(path: string): string {
  const read = readOfLab(path, mostOfAFile);
  return read.kind === 'bytes' ? read.bytes.toString('utf8') : '';
}
