/**
 * Everything that is true about a lab at one moment, as plain JSON. Made by `lab.observe()`, read by checks.
 * Paths are relative to the lab folder, LSNs are text ("0/3000060"), server times are ISO text from the server's own clock,
 * arrays have a fixed order. Secrets stand in it as they are; `maskObservation` takes them out for every output.
 */
import type { ConfError, ConfSetting } from '../postgres/conf/conf.ts';
import type { HbaError, HbaRule } from '../postgres/hba/hba.ts';
import type { Branch } from '../postgres/timelines.ts';
import type { ControlFile } from './look/control-file.ts';
import type { LogView } from './look/log-tail.ts';
import type { EngineId } from './plan/plan.ts';
import type { Problem } from './problem.ts';

export type Observation = {
  readonly at: string; // ISO time of our clock; never compared with a server's
  readonly engine: EngineId;
  readonly major: number; // of the plan
  readonly network?: NetworkView; // Docker: of the plan
  readonly servers: Readonly<Record<string, ServerView>>;
  readonly unseen?: Problem; // nothing is looked at, and why: the lab is somebody else's. No servers then
};

export type ServerView = {
  readonly name: string;
  readonly addresses: readonly ServerAddress[];
  readonly process: ProcessView;
  readonly disk: Disk | Problem;
  readonly sql: Sql | Problem;
  readonly log: LogView;
  readonly container?: ContainerView; // Docker: the container that is this server
  readonly foreign?: ForeignContainer; // Docker: another one that has this server's name
};

/** The network of the plan. A network of that name that is not user-defined (bridge, host) does not resolve names. */
export type NetworkView = { readonly name: string; readonly there: boolean; readonly driver: string | null };

/** A container of the lab, as `docker inspect` tells. */
export type ContainerView = {
  readonly id: string; // 12 digits
  readonly name: string;
  readonly image: string; // as it was asked for: 'postgres:18'
  readonly major: number | null; // PG_MAJOR of the image; null: it does not say
  readonly state: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
  readonly exitCode: number | null; // of the last run; null while it runs
  readonly outOfMemory: boolean;
  readonly error: string | null; // what Docker says when it could not start it
  readonly health: string | null; // 'starting', 'healthy', 'unhealthy'; null: the image has no health check
  readonly initialising: boolean; // the entrypoint's temporary server is at work: it takes no connections over the network
  readonly networks: readonly ContainerNetwork[];
  readonly published: readonly { readonly host: string; readonly port: number }[]; // of port 5432
  readonly lessonsPort: number; // of this machine, where the lessons publish it
  readonly mount: Mount | null; // where the data directory lies; null: inside the container, and gone with it
  readonly others: readonly Mount[];
  readonly data: string; // PGDATA inside the container
  readonly ours: boolean; // made by the workshop
};
export type Mount = { readonly kind: 'folder' | 'volume' | 'other'; readonly source: string; readonly target: string };
export type ContainerNetwork = {
  readonly name: string;
  readonly address: string | null; // while it runs
  readonly prefix: number | null; // bits of the network
  readonly gateway: string | null;
};

/** It has the name of one of the lab's servers, and is not the lab's: never touched. */
export type ForeignContainer = {
  readonly name: string;
  readonly id: string;
  readonly image: string;
  readonly state: string;
  readonly mayBeTheLabs: boolean; // the tutorial's literal name and mount: the learner is asked once
};

/** Who reaches the server how: the other servers, or the learner's clients. */
export type ServerAddress = { readonly host: string; readonly port: number; readonly from: 'servers' | 'learner' };

export type ProcessState =
  | 'absent' // no data directory
  | 'created' // a cluster that has never been started
  | 'starting'
  | 'up'
  | 'hung' // the process is there, no session gets an answer
  | 'paused' // the process is stopped by a signal (SIGSTOP)
  | 'restarting' // Docker
  | 'stopped' // an orderly stop
  | 'failed'; // died, or did not come up

export type ProcessView = {
  readonly state: ProcessState;
  readonly pid?: number;
  readonly port?: number; // line 4 of postmaster.pid
  readonly startedAt?: string; // line 3 of postmaster.pid
  readonly reason?: string; // why it failed, as far as the process itself tells
};

/** Works on a stopped server. */
export type Disk = {
  readonly path: string; // 'rep/master_data'
  readonly state: 'absent' | 'empty' | 'cluster' | 'other'; // other: files, but no PG_VERSION
  readonly mode?: string; // '0700'
  readonly ownedByServer?: boolean; // the data directory belongs to the user that runs servers
  readonly foreignOwner?: string; // the first file inside that belongs to somebody else, relative to the data directory
  readonly major?: number; // PG_VERSION
  readonly conf: readonly ConfFile[]; // in reading order, postgresql.auto.conf last; a file that includes others comes in pieces, with them between
  readonly hba: HbaFile | Unreadable | null; // null: no such file
  readonly signals: readonly string[]; // file names: standby.signal, recovery.signal, recovery.conf, and near misses (standby.signal.txt)
  readonly backupLabel: BackupLabel | null;
  readonly backupLabelOld: boolean;
  readonly neverStarted: boolean; // no postmaster.opts: the first start writes it, and a base backup leaves it out
  readonly control: ControlFile | null;
  readonly leftBeside: readonly string[]; // clusters put aside next to the data directory: 'rep/slave_data.old'
  readonly runningBeside?: string; // the one of them in which a server still works
};

export type Unreadable = { readonly path: string; readonly unreadable: string }; // reason

export type ConfFile =
  | Unreadable
  | {
      readonly path: string;
      readonly savedAt: string; // ISO, file time
      readonly settings: readonly ConfSetting[];
      readonly commented: readonly ConfSetting[]; // commented-out settings that differ from initdb's sample: primary_conninfo, synchronous_standby_names, port …
      readonly errors: readonly ConfError[];
      readonly faults?: readonly { readonly line: number; readonly what: string }[]; // includes that cannot be followed, in PostgreSQL's words
    };

export type HbaFile = {
  readonly path: string;
  readonly savedAt: string; // the newest of all that it includes
  readonly rules: readonly HbaRule[];
  readonly commented: readonly HbaRule[]; // lines that would be rules without the leading #
  readonly errors: readonly HbaError[];
};

export type BackupLabel = { readonly startWal: string; readonly from: 'primary' | 'standby'; readonly method: string };

export type Sql = {
  readonly through: 'socket' | 'tcp';
  readonly now: string;
  readonly startedAt: string;
  readonly loadedAt: string; // pg_conf_load_time(): advances also when pg_hba.conf was refused
  readonly version: string; // '18.4'
  readonly dataDirectory: string; // relative to the lab folder when inside it
  readonly port: number;
  readonly inRecovery: boolean;
  readonly systemIdentifier: string;
  readonly timeline: number | null;
  readonly branches: readonly Branch[]; // of its timeline's history file, the oldest first; timeline 1 has none
  readonly settings: Readonly<Record<string, Setting>>;
  readonly confErrors: readonly (Pick<ConfError, 'file' | 'line'> & {
    readonly name: string;
    readonly error: string;
  })[]; // pg_file_settings rows with an error
  readonly hbaErrors: readonly (Pick<HbaError, 'line' | 'file'> & { readonly error: string })[] | Problem; // pg_hba_file_rules rows with an error
  readonly roles: readonly Role[]; // all but pg_*
  readonly databases: readonly string[];
  readonly senders: readonly Sender[];
  readonly slots: readonly Slot[];
  readonly receiver: Receiver | null;
  readonly waiting: readonly Waiting[]; // sessions whose commit waits for a standby (wait_event SyncRep)
  readonly position: PrimaryPosition | StandbyPosition;
  readonly newest: NewestRow | null; // of the learner's table (`visits`, else the one made last) in database `master`, else in `postgres`
};

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
  readonly password: string | null; // as stored: 'SCRAM-SHA-256$…', 'md5…'. Secret.
  readonly own?: boolean; // it is the one that the lab's plan has for replication; absent for other roles, and without a password
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
  readonly writeLag: number | null; // milliseconds, as last measured: null when nothing has gone for a while,
  readonly flushLag: number | null;
  readonly replayLag: number | null; // and standing still while replay is paused
};

/** A row of pg_replication_slots. */
export type Slot = {
  readonly name: string;
  readonly kind: 'physical' | 'logical';
  readonly temporary: boolean;
  readonly active: boolean;
  readonly activePid: number | null; // of the sender that uses it
  readonly restart: string | null; // WAL from here on is kept; null: nobody has used it yet, or it is lost
  readonly walStatus: 'reserved' | 'extended' | 'unreserved' | 'lost' | null;
  readonly kept: number | null; // bytes from there to the server's newest WAL
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

export type Waiting = {
  readonly pid: number;
  readonly user: string;
  readonly database: string;
  readonly query: string;
  readonly since: string;
};
type PrimaryPosition = { readonly role: 'primary'; readonly current: string };
type StandbyPosition = {
  readonly role: 'standby';
  readonly received: string | null;
  readonly replayed: string | null;
  readonly paused: boolean;
};

/** The learner's table and its row committed last. `committedAt` needs track_commit_timestamp, which our initdb turns on. */
export type NewestRow = {
  readonly database: string;
  readonly table: string;
  readonly id: string | null; // null: the table is empty; a table without a column `id`: the row's ctid
  readonly xid: string | null;
  readonly committedAt: string | null;
};
