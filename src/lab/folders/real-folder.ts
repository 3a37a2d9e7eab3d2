import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** An absolute path without symbolic links, as a shell in it reports. A part that does not exist yet stays as it is. */
export const realFolder = (path: string): string =>
  existsSync(path) ? realpathSync(path) : join(realFolder(dirname(path)), basename(path));
