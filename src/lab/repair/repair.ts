/**
 * What is broken in a lab, and what mends it: facts in, repairs out. A lab is broken where a machine or a killed
 * program has left something between two states. What lessons teach is not: a wrong pg_hba.conf, a missing
 * standby.signal, a server that was stopped or that its own configuration keeps from starting.
 */
import type { Observation, ServerView } from '../observation.ts';
import { isProblem } from '../problem.ts';

export type Repair =
  | { readonly do: 'continue'; readonly server: string; readonly pids: readonly number[] } // after SIGSTOP
  | { readonly do: 'unpause'; readonly server: string; readonly container: string }
  | { readonly do: 'end children'; readonly server: string; readonly pids: readonly number[] }
  | { readonly do: 'end deleted'; readonly pid: number }
  | { readonly do: 'remove pid file'; readonly server: string; readonly path: string; readonly pid: number | null }
  | { readonly do: 'remove lock'; readonly port: number }
  | { readonly do: 'close'; readonly server: string; readonly path: string; readonly from: string }
  | { readonly do: 'put aside'; readonly server: string; readonly path: string }
  | { readonly do: 'restart'; readonly server: string; readonly why: 'hung' | 'no pid file' | 'no socket' }
  | { readonly do: 'start'; readonly server: string };

/** What only the engine sees of a server; Docker sees none of it. */
export type ServerFaults = {
  readonly suspended?: readonly number[]; // its processes that SIGSTOP has stopped
  readonly children?: readonly number[]; // processes whose postmaster was killed
  readonly pidFile?: { readonly pid: number | null }; // postmaster.pid, and no server runs here; null: nonsense
  readonly unlisted?: true; // the server runs, and its postmaster.pid is gone
  readonly socketGone?: true; // the server runs, and its socket is gone
  readonly halfMade?: true; // initdb began to make a cluster here, and did not end
};

/** A server of this lab outside of its place; `place`: its directory in the lab, null: not in rep/ any more. */
export type Astray = { readonly pid: number; readonly place: string | null; readonly isDeleted: boolean };

export type LabFaults = {
  readonly servers: Readonly<Record<string, ServerFaults>>;
  readonly locks: readonly number[]; // ports with a socket lock of a process that is no server
  readonly astray: readonly Astray[];
};

/** What an engine does for repairs. */
export interface Repairer {
  faults(): Promise<LabFaults>;
  mend(repair: Repair): Promise<void>; // those that are not an operation of Server
}

/** In the order in which they have to be made. */
export const repairsOf = (now: Observation, faults: LabFaults): readonly Repair[] => [
  ...faults.astray.flatMap(({ pid, isDeleted }): Repair[] => (isDeleted ? [{ do: 'end deleted', pid }] : [])),
  ...faults.locks.map((port): Repair => ({ do: 'remove lock', port })),
  ...Object.values(now.servers).flatMap((view) => repairsOfServer(view, faults.servers[view.name] ?? {})),
];

function repairsOfServer(view: ServerView, faults: ServerFaults): readonly Repair[] {
  const { name: server, process, disk, container } = view;
  if (isProblem(disk)) return []; // who cannot look does not touch
  const { suspended = [], children = [], pidFile, unlisted, socketGone, halfMade } = faults;
  if (container && process.state === 'paused') return [{ do: 'unpause', server, container: container.name }];
  if (suspended.length > 0) return [{ do: 'continue', server, pids: suspended }];
  if (unlisted) return [{ do: 'restart', server, why: 'no pid file' }];
  if (process.state === 'hung') return [{ do: 'restart', server, why: 'hung' }];
  if (process.state === 'up' && socketGone) return [{ do: 'restart', server, why: 'no socket' }];
  if (process.pid !== undefined) return [];
  if (halfMade) return [{ do: 'put aside', server, path: disk.path }];
  const found: Repair[] = [];
  if (children.length > 0) found.push({ do: 'end children', server, pids: children });
  if (pidFile) found.push({ do: 'remove pid file', server, path: `${disk.path}/postmaster.pid`, pid: pidFile.pid });
  if (isOpenToOthers(view)) found.push({ do: 'close', server, path: disk.path, from: disk.mode ?? '' });
  if (hasDied(view)) found.push({ do: 'start', server });
  return found;
}

/** PostgreSQL takes 0700 and 0750 only; an image sets them. Source: documentation, "Creating a Database Cluster". */
const isOpenToOthers = ({ disk, container }: ServerView): boolean =>
  !container && !isProblem(disk) && disk.state === 'cluster' && !['0700', '0750'].includes(disk.mode ?? '0700');

/** It ran, and nobody stopped it: its control file says so. A copy of a running server was not started yet. */
const hasDied = ({ process, disk }: ServerView): boolean =>
  process.state === 'failed' &&
  !isProblem(disk) &&
  !disk.neverStarted &&
  (disk.control?.state === 'in production' || disk.control?.state === 'in archive recovery');

/** Whether files of the learner's state change, so that undo has to know it. */
export const changesState = (repair: Repair): boolean => repair.do === 'put aside';

/** What is done, and why. */
export function repairWords(repair: Repair): string {
  switch (repair.do) {
    case 'continue':
      return `continue ${repair.server} (${processes(repair.pids)}): it is stopped in mid-work (SIGSTOP), and answers no client`;
    case 'unpause':
      return `unpause the container ${repair.container}: it is paused, and ${repair.server} answers no client`;
    case 'end children':
      return `end ${processes(repair.pids)} in the data directory of ${repair.server}: their postmaster was killed, and no server starts beside them`;
    case 'end deleted':
      return `end the server with process ${repair.pid}: its data directory was removed, and it holds a port of this lab`;
    case 'remove pid file':
      return `remove ${repair.path}: ${repair.pid === null ? 'it names no process' : `it names process ${repair.pid}, which is no server of this data directory`}, and ${repair.server} may not start because of it`;
    case 'remove lock':
      return `remove the lock of the socket for port ${repair.port}: the process that it names is no server, and no server could take the port`;
    case 'close':
      return `set ${repair.path} to mode 0700: it has ${repair.from}, and PostgreSQL starts with 0700 or 0750 only ("chmod ${repair.from}" takes that back)`;
    case 'put aside':
      return `rename ${repair.path} to a name with .old: initdb began a cluster there and did not end; "repl-workshop undo" brings it back`;
    case 'restart':
      return `end ${repair.server} and start it again: ${restartReasons[repair.why]}`;
    case 'start':
      return `start ${repair.server}: it ran, and ended without being stopped`;
  }
}

const processes = (pids: readonly number[]): string =>
  pids.length === 1 ? `process ${pids[0]}` : `processes ${pids.join(', ')}`;

const restartReasons = {
  hung: 'it runs, and answers no client',
  'no pid file': 'its postmaster.pid is gone, so pg_ctl does not find it, and it would end itself',
  'no socket': 'the socket through which programs of this machine reach it is gone',
} as const;
