import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** An absolute path without symbolic links, as a shell and a server inside name it; what is not there yet stays as it is. */
export const realFolder = (path: string): string =>
  existsSync(path) ? realpathSync(path) : join(realFolder(dirname(path)), basename(path));
