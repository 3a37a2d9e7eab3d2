/** The port to what runs servers. Engines behind it: src/lab/native and src/lab/docker. */
import type { Observation } from './observation.ts';
import type { LabPlan } from './plan/plan.ts';
import type { Problem } from './problem.ts';
import type { Outside } from './trust/outside.ts';

export type StopHow = 'smart' | 'fast' | 'immediate';
export type Row = Readonly<Record<string, unknown>>;
export type SqlResult = { readonly command: string; readonly rows: readonly Row[] };

/** Something that may have changed: a reason to look, never a fact. */
export type LabEvent = { readonly kind: 'files' | 'process' | 'log'; readonly server: string };

/** A statement that goes on in the background until it ends or is cancelled. */
export type RunningStatement = {
  readonly pid: number;
  readonly done: Promise<SqlResult | Error>;
  cancel(): Promise<void>;
  terminate(): Promise<void>;
};

/** What a program of the lab is started with: the lab's shell, psql, the editor. */
export type CommandSpec = {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
};
export type CommandResult = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

/** How a client of ours gets in, as the superuser postgres. */
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
  create(): Promise<void>; // a new cluster, as the lab's bin/initdb makes it
  start(): Promise<void>; // resolves when the server answers or has failed; a ProblemError says why it could not even be tried
  stop(how: StopHow): Promise<void>; // nothing to do when it is not running
  kill(): Promise<void>; // SIGKILL to the postmaster: a crash
  reload(): Promise<void>;
  promote(): Promise<void>;
  remove(): Promise<void>; // the data directory and what belongs to it; the server must be stopped
  putAside(): Promise<string>; // renames the data directory; returns the new path, relative to the lab
  copyFrom(other: string, without?: readonly string[]): Promise<void>; // plain copy of another server's data directory, as cp -a does
  sql(text: string, options?: { database?: string; signal?: AbortSignal }): Promise<SqlResult>; // as postgres; throws the server's error (a pg DatabaseError)
  begin(text: string, options?: { database?: string }): Promise<RunningStatement>;
  readFile(path: string): Promise<string | undefined>; // relative to the data directory; undefined: no such file
  writeFile(path: string, text: string): Promise<void>; // atomic; owner and mode kept
  deleteFile(path: string): Promise<void>;
  log(): Promise<string>; // the whole log; empty before the first start
  readLog(follow: AbortSignal | null): AsyncIterable<string>; // piece by piece; with a signal also what is added, until it is aborted. Throws a ProblemError when there is none
}

/** How a relay is put between the servers: where it listens, whom it calls, and the name under which a standby finds it. */
export type Between = {
  readonly listen: string;
  readonly to: { readonly host: string; readonly port: number };
  readonly seenAs: string;
};

/** A file of a server that an editor can open. `done` brings what was saved to where the server reads it. */
export type OpenedFile = { readonly path: string; done(): Promise<void> };

type LabImage = {
  readonly name: string; // 'postgres:18'
  isHere(): Promise<boolean>;
  fetch(told: (progress: ImageProgress) => void, signal: AbortSignal): Promise<void>; // throws a ProblemError with what the registry refused
};

/** How far a pull, save or load of an image is. `total` grows while a registry tells of more layers; null: nobody knows. */
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
  readonly notices?: readonly string[]; // what its opening has changed, for the learner, line by line
  readonly image?: LabImage; // Docker: what containers are made of
  readonly sockets: string | null; // natively: the folder in which the servers' sockets stand
  outside(): readonly Outside[]; // folders of the lab that lead out of it: only looked at
  readonly left?: readonly string[]; // what of the learner's own stands where a file of the workshop's would, in words
  server(name: string): Server;
  observe(signal?: AbortSignal): Promise<Observation>;
  watch(signal: AbortSignal): AsyncIterable<LabEvent>;
  snapshot(name: string): Promise<string>; // servers are stopped cleanly for the copy and started again; returns its path under backups/
  restore(snapshot: string): Promise<void>;
  putAside(backup: string, about: string, running: readonly string[]): Promise<void>; // the learner's whole state; servers must be stopped
  copyAside(backup: string, about: string): Promise<void>; // the same as a copy, and servers go on as they are
  unfreeze(): Promise<void>; // servers go on that a killed program has held still for a copy
  dismantle(): Promise<readonly string[]>; // servers, their data and backups are gone afterwards, and on Docker the lab's containers, network and volumes. Returns what is left, in words
  bringBack(backup: string): Promise<readonly Problem[]>; // what was put or copied aside; may be done again after it was interrupted. Returns what was in the way and could not be removed
  dropOldBackups(made: string | null): Promise<readonly Problem[]>; // all but the last ones and the one just made; returns what could not be removed
  markPrograms(mark: string | null): void; // what is started from now on carries the mark
  endOrphans(mark: string, which: 'all' | 'programs'): Promise<void>; // what a deed has left running; 'programs': its servers go on
  between(on: string): Promise<Between>; // throws a ProblemError where nothing can be put between
  openFile(server: string, file: string): Promise<OpenedFile>; // file: in the data directory, or as observations name it: 'rep/master_data/pg_hba.conf'
  command(argv: readonly string[]): CommandSpec; // argv in the lab's shell environment
  exec(argv: readonly string[], options?: { signal?: AbortSignal; input?: string }): Promise<CommandResult>;
}
