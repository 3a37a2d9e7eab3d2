/** Where a data directory lies, and how its files are read there. */

/** Files wherever they are: on this machine, or fetched from a container. Paths are absolute there. */
export type Files = {
  names(folder: string): readonly string[] | undefined; // undefined: there is no such folder
  stat(path: string): FileStat | undefined;
  bytes(path: string): Buffer; // throws when it cannot be read
};
export type FileStat = {
  readonly uid: number;
  readonly mode: number; // permission bits
  readonly savedAt: Date;
  readonly key: string; // another one when the file may have changed
};

/** A data directory and what stands around it. */
export type DataPlace = {
  readonly data: string;
  readonly files: Files;
  readonly whole: boolean; // false: of files elsewhere only some are known, so a missing one proves nothing
  readonly shown: (path: string) => string; // as observations show it
  readonly serverUid: number | undefined; // as whom the server runs; undefined: it takes what it is given (an image that begins as root)
  readonly running: boolean;
  readonly leftBeside: readonly string[];
  readonly runningBeside?: string;
};
