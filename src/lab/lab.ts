/** The port to what runs servers. Engines behind it: src/lab/native (and, by an issue of its own, src/lab/docker). */
import type { Observation } from './observation.ts';
import type { LabPlan } from './plan.ts';

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
export type Connection = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
};

export interface Server {
  readonly name: string;
  isRunning(): Promise<boolean>;
  address(): { readonly host: string; readonly port: number }; // over TCP, as the other servers reach it
  connection(): Connection;
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
  log(): Promise<string>; // the whole log file
}

export interface Lab extends AsyncDisposable {
  readonly dir: string;
  readonly plan: LabPlan;
  readonly about: string; // 'native · PostgreSQL 18.4'
  server(name: string): Server;
  observe(signal?: AbortSignal): Promise<Observation>;
  watch(signal: AbortSignal): AsyncIterable<LabEvent>;
  snapshot(name: string): Promise<string>; // servers are stopped cleanly for the copy and started again; returns its path under backups/
  restore(snapshot: string): Promise<void>;
  command(argv: readonly string[]): CommandSpec; // argv in the lab's shell environment
  exec(argv: readonly string[], options?: { signal?: AbortSignal; input?: string }): Promise<CommandResult>;
}
