/** Whether a data directory says itself that it is this lab's: its sockets stand in the lab's folder, or it was started there. */
import { join } from 'node:path';
import { directoriesOf, parseConf } from '../../../postgres/conf/conf.ts';
import { readOfLab } from '../../files/read-file.ts';

const mostOfAFile = 1024 * 1024;

/** `real`: where the directory lies. `path`: what the lab, whose folder is `dir`, calls it. */
export function namesLab(real: string, dir: string, path: string, socketDir: string): boolean {
  const conf = parseConf(textOf(join(real, 'postgresql.conf')), 'postgresql.conf').settings;
  const sockets = conf.findLast(({ name }) => name === 'unix_socket_directories')?.value ?? '';
  if (directoriesOf(sockets).includes(socketDir)) return true;
  return textOf(join(real, 'postmaster.opts')).includes(`"-D" "${join(dir, path)}"`); // as its last start was
}

function textOf(path: string): string {
  const read = readOfLab(path, mostOfAFile);
  return read.kind === 'bytes' ? read.bytes.toString('utf8') : '';
}
