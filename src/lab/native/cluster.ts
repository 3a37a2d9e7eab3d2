/** A new cluster as the lab's `bin/initdb` makes it: initdb's own, plus what this lab needs, said line by line. */
import { appendFileSync, chownSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CommandResult } from '../lab.ts';
import type { LabPlan, ServerPlan } from '../plan.ts';
import { portComment } from '../plan-ports.ts';
import { run, withoutPgSettings } from '../run.ts';
import type { Binaries } from './binaries.ts';
import type { ServerUser } from './user.ts';

export type ClusterTools = { readonly binaries: Binaries; readonly user: ServerUser; readonly socketDir: string };

/** What the lab adds to postgresql.conf; the comment is for the learner who finds the lines there. */
const labSettings = (
  plan: LabPlan,
  server: ServerPlan,
  socketDir: string,
): readonly (readonly [string, string, string])[] => [
  ['port', String(server.port), portComment],
  ['listen_addresses', `'${plan.host}'`, 'reachable from this machine only'],
  ['unix_socket_directories', `'${socketDir}'`, ''],
  ['shared_buffers', '16MB', 'small, so that many labs fit on one machine'],
  ['log_replication_commands', 'on', 'so that the log tells who asks for the write-ahead log'],
  ['track_commit_timestamp', 'on', 'so that the workshop sees when a row was committed'],
  ['wal_retrieve_retry_interval', '200ms', 'a standby tries again sooner than after 5 s'],
];

/** Runs initdb with what a lab adds. `args` are the learner's own further options. Gives back what initdb said; status 0 is a cluster. */
export async function makeCluster(
  { binaries, user, socketDir }: ClusterTools,
  plan: LabPlan,
  server: ServerPlan,
  data: string,
  args: readonly string[],
): Promise<CommandResult & { readonly added: readonly string[] }> {
  const scratch = await mkdtemp(join(tmpdir(), 'repl-workshop-'));
  try {
    const passwordFile = join(scratch, 'password');
    writeFileSync(passwordFile, `${server.password}\n`, { mode: 0o600 });
    if (user.owner) {
      chownSync(scratch, user.owner.uid, user.owner.gid);
      chownSync(passwordFile, user.owner.uid, user.owner.gid);
    }
    await mkdir(dirname(data), { recursive: true });
    if (user.owner) chownSync(dirname(data), user.owner.uid, user.owner.gid);
    const defaults = [
      '-U',
      'postgres',
      '-E',
      'UTF8',
      '--locale=C',
      '--auth-local=trust',
      '--auth-host=scram-sha-256',
      ...(binaries.major >= 14 ? ['--no-instructions'] : []),
      `--pwfile=${passwordFile}`,
    ];
    if (user.owner) {
      await mkdir(data, { recursive: true, mode: 0o700 });
      chownSync(data, user.owner.uid, user.owner.gid);
    }
    const said = await command(user, join(binaries.bindir, 'initdb'), ['-D', data, ...defaults, ...args]);
    if (said.status !== 0) return { ...said, added: [] };
    const database = await createDatabase({ binaries, user, socketDir }, data, server.database);
    if (database.status !== 0) return { ...database, added: [] };
    return { ...said, added: configure(plan, server, data, socketDir) };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** As the tutorial's POSTGRES_DB does it. A single-user server is enough, nothing has to listen for it. */
const createDatabase = ({ binaries, user }: ClusterTools, data: string, database: string): Promise<CommandResult> =>
  command(
    user,
    join(binaries.bindir, 'postgres'),
    ['--single', '-D', data, 'postgres'],
    `CREATE DATABASE "${database}"\n`,
  );

const command = (
  user: ServerUser,
  program: string,
  args: readonly string[],
  input?: string,
): Promise<CommandResult> => {
  const [first = program, ...rest] = [...user.prefix, program, ...args];
  return run(
    { command: first, args: rest, env: { ...withoutPgSettings(process.env), LC_ALL: 'C' }, cwd: tmpdir() },
    { input },
  );
};

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
