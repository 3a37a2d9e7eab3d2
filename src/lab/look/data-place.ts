/** Where a data directory is, and how its files are read there. */

/** Files on this machine, or fetched from a container. Paths are absolute there. */
export type Files = {
  names(folder: string): readonly string[] | undefined; // undefined: no such folder
  stat(path: string): FileStat | undefined;
  bytes(path: string): Buffer; // throws when the file cannot be read
};
export type FileStat = {
  readonly uid: number;
  readonly mode: number; // permission bits
  readonly savedAt: Date;
  readonly key: string; // changes when the file may have changed
};

/** Nobody but root may read it, whoever its owner is. */
const isShut = ({ mode }: Pick<FileStat, 'mode'>): boolean => (mode & 0o400) === 0;

/** Root can read a file that is shut, and the user who runs servers cannot. Throws then. */
export function refuseShutFile(stat: FileStat): void {
  if (isShut(stat)) throw new Error('its mode keeps the user who runs servers from reading it');
}

/** What observations say of a file that cannot be read. */
export const unreadable = ({ files, shown }: DataPlace, path: string, error: unknown) => {
  const stat = files.stat(path);
  const why = { path: shown(path), unreadable: (error as Error).message };
  return stat && isShut(stat) ? { ...why, shut: true as const } : why;
};

/** A data directory and its surroundings. */
export type DataPlace = {
  readonly data: string;
  readonly files: Files;
  /** False: only some of the files elsewhere are known, so a missing file proves nothing. */
  readonly whole: boolean;
  readonly shown: (path: string) => string; // as observations show it
  /** The uid of the server. undefined: the server takes over any owner (an image whose entrypoint begins as root). */
  readonly serverUid: number | undefined;
  readonly running: boolean;
  readonly leftBeside: readonly string[];
  readonly runningBeside?: string;
};
