/** The port to the engine that runs the servers. Engines: src/lab/native and src/lab/docker. */
import type { BackupKind } from './backup/backup-folder.ts';
import type { Observation } from './observation.ts';
import type { LabPlan } from './plan/plan.ts';
import type { PreparedServers } from './prepared/prepared.ts';
import type { Problem } from './problem.ts';
import type { Repairer } from './repair/repair.ts';
import type { Outside } from './trust/outside.ts';

export type StopHow = 'smart' | 'fast' | 'immediate';
export type Row = Readonly<Record<string, unknown>>;
export type SqlResult = { readonly command: string; readonly rows: readonly Row[] };

/** Something that may have changed: a reason to look, not a fact. */
export type LabEvent = { readonly kind: 'files' | 'process' | 'log'; readonly server: string };

/** A statement that runs in the background until it ends or is cancelled. */
export type RunningStatement = {
  readonly pid: number;
  readonly done: Promise<SqlResult | Error>;
  cancel(): Promise<void>;
  terminate(): Promise<void>;
};

/** How to start a program of the lab: the lab's shell, psql, the editor. */
export type CommandSpec = {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
};
export type CommandResult = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

/** How a client of the workshop connects, as the superuser postgres. */
type Connection = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
};

export interface Server {
  readonly name: string;
  isRunning(): Promise<boolean>;
  connection(): Promise<Connection>;
  create(): Promise<void>; // creates a new cluster, as the lab's bin/initdb does
  /** Resolves when the server answers or has failed. Rejects with a ProblemError when a start was not possible. */
  start(): Promise<void>;
  stop(how: StopHow): Promise<void>; // does nothing when the server is not running
  kill(): Promise<void>; // sends SIGKILL to the postmaster: a crash
  reload(): Promise<void>;
  promote(): Promise<void>;
  remove(): Promise<void>; // removes the data directory and what belongs to it; the server must be stopped
  putAside(): Promise<string>; // renames the data directory; returns the new path, relative to the lab
  /** Copies another server's data directory, as `cp -a` does, except the paths in `without`. */
  copyFrom(other: string, without?: readonly string[]): Promise<void>;
  /** Runs SQL as the superuser postgres. Rejects with the server's error (a pg DatabaseError). */
  sql(text: string, options?: { database?: string; signal?: AbortSignal }): Promise<SqlResult>;
  begin(text: string, options?: { database?: string }): Promise<RunningStatement>;
  readFile(path: string): Promise<string | undefined>; // relative to the data directory; undefined: no such file
  writeFile(path: string, text: string): Promise<void>; // atomic; keeps owner and mode
  deleteFile(path: string): Promise<void>;
  log(): Promise<string>; // the whole log; empty before the first start
  /**
   * Yields the log in pieces, then what is appended, until `follow` aborts. Throws a ProblemError when there is no log.
   */
  readLog(follow: AbortSignal | null): AsyncIterable<string>;
}

/**
 * Where a relay goes between the servers: the address on which it listens, the server to which it connects, and the
 * host name under which a standby reaches it.
 */
export type Between = {
  readonly listen: string;
  readonly to: { readonly host: string; readonly port: number };
  readonly seenAs: string;
};

/** A file of a server that an editor can open. `done` copies what was saved to where the server reads it. */
export type OpenedFile = { readonly path: string; done(): Promise<void> };

type LabImage = {
  readonly name: string; // 'postgres:18'
  isHere(other?: string): Promise<boolean>; // without a name: this one
  /** Rejects with a ProblemError that contains the registry's error. */
  fetch(onProgress: (progress: ImageProgress) => void, signal: AbortSignal): Promise<void>;
};

/** Progress of a pull, save or load of an image. `total` grows while a registry reports more layers; null: unknown. */
export type ImageProgress = {
  readonly what: 'pulling' | 'unpacking' | 'saving' | 'checking' | 'loading';
  readonly layers: { readonly done: number; readonly total: number } | null;
  readonly bytes: { readonly done: number; readonly total: number | null };
};

export interface Lab extends AsyncDisposable {
  readonly dir: string;
  readonly plan: LabPlan;
  readonly about: string; // 'native · PostgreSQL 18.4'
  readonly servers: readonly Server[]; // in the plan's order
  readonly notices?: readonly string[]; // what the opening changed, in sentences for the learner
  readonly image?: LabImage; // Docker: the image of the lab's containers
  readonly sockets: string | null; // native: the folder of the servers' sockets
  outside(): readonly Outside[]; // lists the lab's folders that lead out of it; writes nothing
  /** Sentences about the learner's own files that have the name of a workshop file. */
  readonly left?: readonly string[];
  server(name: string): Server;
  observe(signal?: AbortSignal): Promise<Observation>;
  watch(signal: AbortSignal): AsyncIterable<LabEvent>;
  /** For the proof: stops the servers cleanly, copies, and starts them again. Returns the path of the copy. */
  snapshot(name: string): Promise<string>;
  restore(snapshot: string): Promise<void>;
  /** Stops the servers, and moves the learner's whole state away. */
  putAside(backup: string, about: string, running: readonly string[], kind?: BackupKind): Promise<void>;
  copyAside(backup: string, about: string, kind?: BackupKind): Promise<void>; // the servers keep running
  place(backup: string): Promise<void>; // puts a copy of a copied state into the lab, whose own was put aside
  readonly prepared?: PreparedServers; // absent: this engine has no prepared states, or this is a look
  readonly repairer?: Repairer; // absent: this engine sees no more than an observation
  drop(backup: string): Promise<readonly Problem[]>; // removes a backup; returns what could not be removed
  unfreeze(): Promise<void>; // unfreezes servers that a killed program froze for a copy
  /** Removes servers, data and backups, and what Docker has of the lab. Returns what is left, in sentences. */
  dismantle(): Promise<readonly string[]>;
  /** Restores what was put or copied aside. Repeatable. Returns what was in the way and could not be removed. */
  bringBack(backup: string): Promise<readonly Problem[]>;
  /** Keeps only the newest backups, and `made`. Returns what could not be removed. */
  dropOldBackups(made: string | null): Promise<readonly Problem[]>;
  /** The same, but their files stay until the next `dropOldBackups`. Takes an instant. */
  retireOldBackups(made: string): Promise<readonly Problem[]>;
  /** Begins to make clusters that `create` will be asked for. Disposing of the result removes what was not used. */
  createAhead?(servers: readonly string[]): AsyncDisposable;
  markPrograms(mark: string | null): void; // programs started from now on carry this mark
  /** Ends what a killed operation left running; 'programs': all but its servers. */
  endOrphans(mark: string, which: 'all' | 'programs'): Promise<void>;
  between(on: string): Promise<Between>; // throws a ProblemError where no relay is possible
  /** `file` is relative to the data directory, or as observations show it: 'rep/master_data/pg_hba.conf'. */
  openFile(server: string, file: string): Promise<OpenedFile>;
  command(argv: readonly string[]): CommandSpec; // runs argv in the environment of the lab's shell
  exec(argv: readonly string[], options?: { signal?: AbortSignal; input?: string }): Promise<CommandResult>;
}
