/**
 * The state of a lab at one moment, as plain JSON, made by `lab.observe()`. Paths are relative to the lab folder, LSNs
 * are text ("0/3000060"), server times are ISO text of the server's clock, arrays have a fixed order. It contains
 * secrets: `maskObservation` removes them for every output.
 */

import type { ConfError, ConfSetting, RefusedSetting } from '../postgres/conf/conf.ts';
import type { HbaError, HbaRule } from '../postgres/hba/hba.ts';
import type { Branch } from '../postgres/timelines.ts';
import type { ContainerView, ForeignContainer } from './docker/container-view.ts';
import type { ControlFile } from './look/control-file.ts';
import type { LogView } from './look/log-tail.ts';
import type { NewestRow } from './look/newest.ts';
import type { RefusedConf } from './look/refused-conf.ts';
import type { EngineId } from './plan/plan.ts';
import type { Problem } from './problem.ts';
import type { CatalogLock, Waiting } from './waiting.ts';

export type Observation = {
  readonly at: string; // ISO time of this program's clock; never compared with a server's
  readonly engine: EngineId;
  readonly major: number; // of the plan
  readonly network?: NetworkView; // Docker: the plan's network
  readonly servers: Readonly<Record<string, ServerView>>;
  readonly unseen?: Problem; // why nothing was looked at: another user's lab; then there are no servers
};

export type ServerView = {
  readonly name: string;
  readonly addresses: readonly ServerAddress[];
  readonly process: ProcessView;
  readonly disk: Disk | Problem;
  readonly sql: Sql | Problem;
  readonly log: LogView;
  readonly container?: ContainerView; // Docker: the container that is this server
  readonly foreign?: ForeignContainer; // Docker: a container of another owner with this server's name
};

/** The plan's network. One that is not user-defined (bridge, host) does not resolve names. */
export type NetworkView = { readonly name: string; readonly there: boolean; readonly driver: string | null };

/** An address of a server, for the other servers or for the learner's clients. */
export type ServerAddress = { readonly host: string; readonly port: number; readonly from: 'servers' | 'learner' };

export type ProcessState =
  | 'absent' // no data directory
  | 'created' // a cluster that was never started
  | 'starting'
  | 'up'
  | 'hung' // the process exists, but no session gets an answer
  | 'paused' // stopped by a signal (SIGSTOP)
  | 'restarting' // Docker
  | 'stopped' // after an orderly stop
  | 'failed'; // died, or did not come up

export type ProcessView = {
  readonly state: ProcessState;
  readonly pid?: number;
  readonly port?: number; // line 4 of postmaster.pid
  readonly startedAt?: string; // line 3 of postmaster.pid
  readonly reason?: string; // why it failed, as far as the process tells
  readonly leftPid?: number; // postmaster.pid is there and names a process that is not this server's
  readonly held?: readonly { readonly pid: number; readonly name: string }[]; // 'walreceiver', stopped by SIGSTOP
  readonly blocking?: readonly number[]; // sessions with an open transaction, where no session of ours got an answer
  readonly unlisted?: number; // pid of a server that still runs although its postmaster.pid, or the folder, is gone
};

/** What a data directory contains; also known of a stopped server. */
export type Disk = {
  readonly path: string; // 'rep/master_data'
  readonly state: 'absent' | 'empty' | 'cluster' | 'other'; // other: files, but no PG_VERSION
  readonly mode?: string; // '0700'
  readonly ownedByServer?: boolean; // the data directory belongs to the servers' user
  readonly serverUid?: number; // the servers' user, where the workshop runs as root
  readonly foreignOwner?: string; // first file of another owner, relative to the data directory
  readonly major?: number; // PG_VERSION
  readonly conf: readonly ConfFile[]; // in reading order, postgresql.auto.conf last; an including file comes in pieces
  readonly refused?: readonly RefusedConf[]; // native: what would stop the next start, as PostgreSQL reads the files
  readonly hba: HbaFile | Unreadable | null; // null: no such file
  readonly ident: ConfigText | Unreadable | null; // pg_ident.conf
  readonly signals: readonly string[]; // standby.signal, recovery.signal, recovery.conf; also standby.signal.txt
  readonly backupLabel: BackupLabel | null;
  readonly backupLabelOld: boolean;
  readonly neverStarted: boolean; // no postmaster.opts: the first start writes it, a base backup omits it
  readonly control: ControlFile | null;
  readonly leftBeside: readonly string[]; // clusters put aside next to the data directory: 'rep/slave_data.old'
  readonly runningBeside?: string; // one of them in which a server still runs
};

/** `unreadable`: the reason; `shut`: its own mode keeps even its owner from reading it. */
export type Unreadable = { readonly path: string; readonly unreadable: string; readonly shut?: true };
type ConfigText = { readonly path: string; readonly content: string }; // the whole file

export type ConfFile =
  | Unreadable
  | (ConfigText & {
      readonly savedAt: string; // ISO time of the file
      readonly settings: readonly ConfSetting[];
      readonly commented: readonly ConfSetting[]; // commented-out settings that lessons use: primary_conninfo, port …
      readonly errors: readonly ConfError[];
      readonly faults?: readonly { readonly line: number; readonly what: string }[]; // PostgreSQL's errors on includes
    });

export type HbaFile = {
  readonly path: string;
  readonly savedAt: string; // the newest time of it and its includes
  readonly rules: readonly HbaRule[];
  readonly commented: readonly HbaRule[]; // lines that would be rules without the #
  readonly errors: readonly HbaError[];
  readonly texts: readonly ConfigText[]; // of it and its includes
};

export type BackupLabel = { readonly startWal: string; readonly from: 'primary' | 'standby'; readonly method: string };

export type Sql = {
  readonly through: 'socket' | 'tcp';
  readonly listens?: boolean; // native: somebody listens at the address of the plan; absent: asked over it
  readonly now: string;
  readonly startedAt: string;
  readonly loadedAt: string; // pg_conf_load_time(): advances also when pg_hba.conf was refused
  readonly version: string; // '18.4'
  readonly dataDirectory: string; // relative to the lab folder when inside it
  readonly port: number;
  readonly inRecovery: boolean;
  readonly systemIdentifier: string | null; // null: the server may not read its control file
  readonly timeline: number | null;
  readonly branches: readonly Branch[]; // of its timeline's history file, oldest first; timeline 1 has none
  readonly settings: Readonly<Record<string, Setting>>;
  readonly confErrors: readonly RefusedSetting[]; // rows of pg_file_settings with an error
  /** Rows of pg_hba_file_rules with an error. */
  readonly hbaErrors: readonly (Pick<HbaError, 'line' | 'file'> & { readonly error: string })[] | Problem;
  readonly roles: readonly Role[]; // without pg_*
  readonly databases: readonly string[];
  readonly closed: readonly string[]; // those of them that take no connections
  readonly overrides?: readonly Override[];
  readonly readOnly?: readonly Omit<Override, 'value'>[]; // default_transaction_read_only, set so
  readonly catalogLocks?: readonly CatalogLock[];
  readonly senders: readonly Sender[];
  readonly slots: readonly Slot[];
  readonly receiver: Receiver | null;
  readonly waiting: readonly Waiting[]; // sessions whose commit waits for a standby (wait_event SyncRep)
  readonly position: { readonly role: 'primary'; readonly current: string } | StandbyPosition;
  readonly newest: NewestRow | null; // of `visits` or the table made last, in database `master`, else in `postgres`
};

/** synchronous_commit of a role or a database (ALTER … SET), which wins over the files. */
export type Override = { readonly database: string | null; readonly role: string | null; readonly value: string };

/** A row of pg_settings. */
export type Setting = {
  readonly value: string;
  readonly source: string; // 'configuration file', 'command line', 'default' …
  readonly file: string | null; // relative to the lab folder when inside it
  readonly line: number | null;
  readonly pendingRestart: boolean;
};

export type Role = {
  readonly name: string;
  readonly login: boolean;
  readonly replication: boolean;
  readonly superuser: boolean;
  readonly validUntil: string | null;
  readonly expired: boolean;
  readonly password: string | null; // as stored: 'SCRAM-SHA-256$…', 'md5…'; secret
  readonly memberOf?: readonly string[]; // also indirectly
  readonly limit?: number; // CONNECTION LIMIT; -1: none
  readonly own?: boolean; // is it the plan's replication password? Absent for other roles, and without a password
};

/** A row of pg_stat_replication. */
export type Sender = {
  readonly pid: number;
  readonly user: string;
  readonly applicationName: string;
  readonly clientAddress: string | null;
  readonly state: string;
  readonly syncState: string;
  readonly syncPriority: number;
  readonly sent: string | null;
  readonly write: string | null;
  readonly flush: string | null;
  readonly replay: string | null;
  readonly writeLag: number | null; // milliseconds, as last measured; null after a while without changes
  readonly flushLag: number | null;
  readonly replayLag: number | null; // constant while replay is paused
};

/** A row of pg_replication_slots. */
export type Slot = {
  readonly name: string;
  readonly kind: 'physical' | 'logical';
  readonly temporary: boolean;
  readonly active: boolean;
  readonly activePid: number | null; // of the sender that uses it
  readonly restart: string | null; // WAL from here on is kept; null: never used yet, or lost
  readonly walStatus: 'reserved' | 'extended' | 'unreserved' | 'lost' | null;
  readonly kept: number | null; // bytes from `restart` to the server's newest WAL
};

/** The row of pg_stat_wal_receiver. */
export type Receiver = {
  readonly status: string;
  readonly senderHost: string | null;
  readonly senderPort: number | null;
  readonly slot: string | null;
  readonly conninfo: string; // PostgreSQL shows the password as ********
  readonly timeline: number | null;
  readonly flushed: string | null;
};

type StandbyPosition = {
  readonly role: 'standby';
  readonly received: string | null;
  readonly replayed: string | null;
  readonly paused: boolean;
};
