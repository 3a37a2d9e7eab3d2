import type { StopHow } from '../lab/lab.ts';

/**
 * A command to a lab. Verdicts propose commands (`Step`), solutions and mistakes of lessons run them (`Action`),
 * and `commandWords` (src/lesson/commands.ts) returns what a learner types for one.
 */
export type LabCommand =
  // create: a new cluster, with its container on Docker. kill: SIGKILL to the postmaster, as in a crash.
  | { readonly do: 'create' | 'start' | 'restart' | 'reload' | 'kill'; readonly on: string }
  // folder: where the data directory was moved to while its server was running
  | { readonly do: 'stop'; readonly on: string; readonly how?: StopHow; readonly folder?: string }
  // file, to: relative to the data directory
  | { readonly do: 'touch' | 'remove'; readonly on: string; readonly file: string }
  | { readonly do: 'rename'; readonly on: string; readonly file: string; readonly to: string }
  // The data directory gets mode 0700. file: as an observation names it; its owner may read and write it then
  | { readonly do: 'chmod'; readonly on: string; readonly file?: string }
  // Renames the data directory. to: a path that is free; without it, the directory's own path with ".old"
  | { readonly do: 'put-aside'; readonly on: string; readonly to?: string }
  // cp -a of a data directory. without: files to leave out, relative to it
  | { readonly do: 'copy-data'; readonly from: string; readonly to: string; readonly without?: readonly string[] }
  // pg_basebackup
  | { readonly do: 'clone'; readonly from: string; readonly to: string }
  // IDENTIFY_SYSTEM over a replication connection
  | { readonly do: 'replication-login'; readonly from: string; readonly on: string }
  // waits: its commit is there to wait for a standby
  | {
      readonly do: 'sql';
      readonly on: string;
      readonly text: string;
      readonly database?: string;
      readonly waits?: true;
    }
  // A line for the lab's shell. docker: the line for a lab on Docker, where it is another one
  | { readonly do: 'run'; readonly text: string; readonly docker?: string };
