/** A new cluster as the lab's `bin/initdb` makes it: initdb's own, plus what this lab needs, said line by line. */

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

export type ClusterTools = {
  readonly dir: string; // of the lab
  readonly binaries: Binaries;
  readonly user: () => Promise<ServerUser>; // found out once, when it is asked for
  readonly socketDir: string;
  readonly placeOf: (data: string) => string | undefined; // where a directory of the lab really lies; undefined: outside of it
};

/** What the lab adds to postgresql.conf; the comment is for the learner who finds the lines there. */
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

/** Runs initdb with what a lab adds. `args` are the learner's own further options. Gives back what initdb said; status 0 is a cluster. */
export async function makeCluster(
  tools: ClusterTools,
  plan: LabPlan,
  server: ServerPlan,
  data: string,
  args: readonly string[],
): Promise<CommandResult & { readonly added: readonly string[] }> {
  const user = await tools.user();
  const scratch = await mkdtemp(join(tools.dir, `.initdb-${process.pid}-`)); // mode 0700
  try {
    const passwordFile = join(scratch, 'password');
    writeFileSync(passwordFile, `${server.password}\n`, { mode: 0o600, flag: 'wx' });
    makePassage(dirname(data), user.owner);
    const taken = makeRoom(data, user);
    if (taken) return { status: 1, stdout: '', stderr: taken, added: [] };
    if (user.maker) for (const path of [scratch, passwordFile]) chownSync(path, user.maker.uid, user.maker.gid);
    const said = await initdb(tools, user, data, passwordFile, args);
    if (said.status !== 0) return { ...said, added: [] };
    const database = await createDatabase(tools, user, data, server.database);
    if (database.status !== 0) return { ...database, added: [] };
    return { ...said, added: configure(plan, server, data, tools.socketDir) };
  } finally {
    give(tools.placeOf(data), user.owner);
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * For initdb as another user: the empty directory, which that user may not make by itself. Into one with files in it that user cannot even look, so
 * then this gives back what initdb says of it.
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
    '--auth-local=trust', // the folder of the sockets is closed to everybody else, and no changed password locks the workshop out
    '--auth-host=scram-sha-256',
    ...(binaries.major >= 14 ? ['--no-instructions'] : []),
    `--pwfile=${passwordFile}`,
  ];
  return command(user.as(join(binaries.bindir, 'initdb'), ['-D', data, ...defaults, ...args], 'maker'));
}

/** As the tutorial's POSTGRES_DB does it. A single-user server is enough, nothing has to listen for it; as initdb, it wants a user with an entry. */
const createDatabase = (
  { binaries }: ClusterTools,
  user: ServerUser,
  data: string,
  database: string,
): Promise<CommandResult> =>
  command(
    user.as(join(binaries.bindir, 'postgres'), ['--single', '-D', data, 'postgres'], 'maker'),
    `CREATE DATABASE "${database}"\n`,
  );

const command = (line: CommandLine, input?: string): Promise<CommandResult> =>
  run({ ...line, env: { ...withoutPgSettings(process.env), LC_ALL: 'C' }, cwd: '/' }, { input });

function configure(plan: LabPlan, server: ServerPlan, data: string, socketDir: string): readonly string[] {
  const settings = labSettings(plan, server, socketDir);
  const lines = settings.map(([name, value, why]) => `${name} = ${value}${why ? `  # ${why}` : ''}`);
  appendFileSync(join(data, 'postgresql.conf'), `\n# Added by repl-workshop\n${lines.join('\n')}\n`);
  const hba = join(data, 'pg_hba.conf');
  const text = readFileSync(hba, 'utf8');
  // Anybody on this machine could replicate through these lines, so lesson 4 would be passed before it began.
  const withoutReplication = text.replace(/^(local|host)(\s+replication\s)/gm, '# taken out by repl-workshop: $1$2');
  writeFileSync(hba, `${withoutReplication}\n`); // an empty line last: an editor's new line then does not begin as a comment
  return [
    `superuser "postgres" has the password ${server.password}; programs over TCP must give it (scram-sha-256)`,
    ...settings.map(([name, value]) => `${name} = ${value}`),
    `database "${server.database}"`,
    `pg_hba.conf: initdb's own three "replication" lines are commented out; who may replicate is yours to say`,
  ];
}
