/** Makes a new cluster as the lab's `bin/initdb` does: initdb, then the lab's settings and pg_hba.conf. */

import { appendFileSync, chownSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { directoryList, quoteConf } from '../../../postgres/conf/conf.ts';
import { makeFolders } from '../../folders/make-folder.ts';
import type { CommandResult } from '../../lab.ts';
import { withoutPgSettings } from '../../machine/own-environment.ts';
import { run } from '../../machine/run.ts';
import type { LabPlan, ServerPlan } from '../../plan/plan.ts';
import { portComment } from '../../plan/plan-ports.ts';
import type { Binaries } from '../binaries.ts';
import { give } from '../user/give.ts';
import { makePassage } from '../user/server-folder.ts';
import type { CommandLine, ServerUser } from '../user/user.ts';

/** Clusters that are being made before they are asked for. */
export type Ahead = AsyncDisposable & {
  /** Puts the cluster of this server at `data`. Resolves with undefined when none was begun, or it was used. */
  take(server: string, data: string): Promise<CommandResult | undefined>;
};

export type ClusterTools = {
  readonly dir: string; // the lab's folder
  readonly binaries: Binaries;
  readonly user: () => Promise<ServerUser>; // determined at the first call
  readonly socketDir: string;
  ahead?: Ahead; // clusters that are being made for a goto
  /** The real path of a directory of the lab; undefined: it is outside of the lab. */
  readonly placeOf: (data: string) => string | undefined;
};

/** The lines that the lab adds to postgresql.conf: name, value, and a comment for the learner. */
const labSettings = (
  plan: LabPlan,
  server: ServerPlan,
  socketDir: string,
): readonly (readonly [string, string, string])[] => [
  ['port', String(server.port), portComment],
  ['listen_addresses', quoteConf(plan.host), 'reachable from this machine only'],
  ['unix_socket_directories', quoteConf(directoryList([socketDir])), ''],
  ['unix_socket_permissions', '0700', 'for you alone; no password is asked there'],
  ['shared_buffers', '16MB', 'small, so that many labs fit on one machine'],
  ['log_replication_commands', 'on', 'so that the log tells who asks for the write-ahead log'],
  ['track_commit_timestamp', 'on', 'so that the workshop sees when a row was committed'],
  ['wal_retrieve_retry_interval', '200ms', 'a standby tries again sooner than after 5 s'],
];

/** `added`: sentences about what the workshop has added. */
export type MadeCluster = CommandResult & { readonly added: readonly string[] };

/**
 * Runs initdb and adds the lab's settings. `args`: further options of the learner. Resolves with initdb's result,
 * also when it failed (status not 0).
 */
export async function makeCluster(
  tools: ClusterTools,
  plan: LabPlan,
  server: ServerPlan,
  data: string,
  args: readonly string[],
): Promise<MadeCluster> {
  try {
    const result = await runInitdb(tools, server, data, args);
    return result.status === 0 ? await completeCluster(tools, plan, server, data) : { ...result, added: [] };
  } finally {
    give(tools.placeOf(data), (await tools.user()).owner);
  }
}

/** Runs initdb, which takes most of the time. The cluster has no database of the lab yet, and no settings. */
export async function runInitdb(
  tools: ClusterTools,
  server: ServerPlan,
  data: string,
  args: readonly string[],
): Promise<CommandResult> {
  const user = await tools.user();
  const scratch = await mkdtemp(join(tools.dir, `.initdb-${process.pid}-`)); // mode 0700
  try {
    const passwordFile = join(scratch, 'password');
    writeFileSync(passwordFile, `${server.password}\n`, { mode: 0o600, flag: 'wx' });
    makePassage(dirname(data), user.owner);
    const failure = makeRoom(data, user);
    if (failure) return { status: 1, stdout: '', stderr: failure };
    if (user.maker) for (const path of [scratch, passwordFile]) chownSync(path, user.maker.uid, user.maker.gid);
    return await initdb(tools, user, data, passwordFile, args);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * Adds database and settings to what initdb has made. `before`: SQL, a statement a line, that is run first. `unsynced`:
 * without waiting for the disk.
 */
export async function completeCluster(
  tools: ClusterTools,
  plan: LabPlan,
  server: ServerPlan,
  data: string,
  { before = '', unsynced = false }: { before?: string; unsynced?: boolean } = {},
): Promise<MadeCluster> {
  const sql = `${before}CREATE DATABASE "${server.database}"\n`;
  const result = await runSingle(tools, await tools.user(), data, sql, unsynced ? ['-F'] : []);
  return { ...result, added: result.status === 0 ? configure(plan, server, data, tools.socketDir) : [] };
}

/**
 * Makes the empty data directory for initdb as another user, who may not make it. Returns undefined, or, for a
 * directory with files in it, which that user may not read, the error message of initdb.
 */
export function makeRoom(data: string, { maker }: ServerUser): string | undefined {
  if (!maker) return undefined;
  if (existsSync(data) && readdirSync(data).length > 0)
    return `initdb: error: directory "${data}" exists but is not empty\ninitdb: hint: If you want to create a new database system, either remove or empty the directory "${data}" or run initdb with an argument other than "${data}".\n`;
  makeFolders(data, 0o700);
  chownSync(data, maker.uid, maker.gid);
  return undefined;
}

function initdb(
  { binaries }: ClusterTools,
  user: ServerUser,
  data: string,
  passwordFile: string,
  args: readonly string[],
): Promise<CommandResult> {
  const defaults = [
    ...['-U', 'postgres', '-E', 'UTF8', '--locale=C'],
    // The socket folder is closed to other users, and the workshop must get in after a changed password.
    '--auth-local=trust',
    '--auth-host=scram-sha-256',
    ...(binaries.major >= 14 ? ['--no-instructions'] : []),
    `--pwfile=${passwordFile}`,
  ];
  return command(user.as(join(binaries.bindir, 'initdb'), ['-D', data, ...defaults, ...args], 'maker'));
}

/**
 * Runs SQL in single-user mode, so that no server has to listen: it creates the database that POSTGRES_DB of the Docker
 * image would create. Like initdb it needs a user with an entry in /etc/passwd.
 */
const runSingle = (
  { binaries }: ClusterTools,
  user: ServerUser,
  data: string,
  sql: string,
  options: readonly string[],
): Promise<CommandResult> =>
  command(user.as(join(binaries.bindir, 'postgres'), ['--single', ...options, '-D', data, 'postgres'], 'maker'), sql);

const command = (line: CommandLine, input?: string): Promise<CommandResult> =>
  run({ ...line, env: { ...withoutPgSettings(process.env), LC_ALL: 'C' }, cwd: '/' }, { input });

function configure(plan: LabPlan, server: ServerPlan, data: string, socketDir: string): readonly string[] {
  const settings = labSettings(plan, server, socketDir);
  const lines = settings.map(([name, value, why]) => `${name} = ${value}${why ? `  # ${why}` : ''}`);
  appendFileSync(join(data, 'postgresql.conf'), `\n# Added by repl-workshop\n${lines.join('\n')}\n`);
  const hba = join(data, 'pg_hba.conf');
  const text = readFileSync(hba, 'utf8');
  // Any local user could replicate through these lines, so lesson 4 would pass at its start.
  const withoutReplication = text.replace(/^(local|host)(\s+replication\s)/gm, '# taken out by repl-workshop: $1$2');
  // The last line is empty, because some editors continue a comment in a new line after it.
  writeFileSync(hba, `${withoutReplication}\n`);
  return [
    `superuser "postgres" has the password ${server.password}; programs over TCP must give it (scram-sha-256)`,
    ...settings.map(([name, value]) => `${name} = ${value}`),
    `database "${server.database}"`,
    `pg_hba.conf: initdb's own three "replication" lines are commented out; who may replicate is yours to say`,
  ];
}
