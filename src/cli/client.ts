/** What the scripts in the lab's bin/ call: the real initdb and pg_ctl with what the lab adds, our own psql and pg_basebackup. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runInForegroundStatus } from '../lab/foreground.ts';
import { makeCluster } from '../lab/native/cluster.ts';
import { refreshPasswordFile } from '../lab/native/password-file.ts';
import type { LabPlan, ServerPlan } from '../lab/plan.ts';
import { ProblemError } from '../lab/problem.ts';
import { realFolder } from '../lab/real-folder.ts';
import { withoutPgSettings } from '../lab/run.ts';
import { type LookingNative, lookAtNativeLab } from './access.ts';
import type { Invocation, Run } from './command.ts';

export const client: Run = async (invocation) => {
  const [name = '', ...args] = invocation.rest;
  const program = programs[name];
  if (!program)
    throw new ProblemError(
      { what: `There is no client program "${name}".`, fix: `Known are ${Object.keys(programs).join(', ')}.` },
      2,
    );
  return program(invocation, args);
};

const programs: Readonly<Record<string, (invocation: Invocation, args: readonly string[]) => Promise<number>>> = {
  initdb,
  pg_ctl: pgCtl,
  psql: async ({ io }, args) => (await import('../lab/client/psql.ts')).psql(args, consoleOf(io.env)),
  pg_basebackup: async ({ io }, args) =>
    (await import('../lab/client/basebackup.ts')).basebackup(args, consoleOf(io.env)),
};

const consoleOf = (env: NodeJS.ProcessEnv) => ({
  input: process.stdin,
  output: process.stdout,
  error: process.stderr,
  env,
  terminal: Boolean(process.stdin.isTTY && process.stdout.isTTY),
  onInterrupt: (listener: () => void) => {
    process.on('SIGINT', listener);
    return () => void process.off('SIGINT', listener);
  },
});

/** For a data directory of the plan: the lab's defaults, then the learner's own options, which win where initdb lets them. */
async function initdb(invocation: Invocation, args: readonly string[]): Promise<number> {
  const looking = await lookAtNativeLab(invocation);
  const data = dataDirectory(args);
  const server = data && serverAt(looking, data);
  const { lab } = looking;
  if (!data || !server)
    return passOn(
      looking,
      'initdb',
      args,
      `bin/initdb: this is no data directory of the lab (${known(lab.plan)}), so nothing is added.`,
      invocation,
    );
  const further = withoutDataDirectory(args);
  const made = await makeCluster(lab.tools, lab.plan, server, data, further);
  process.stdout.write(made.stdout);
  process.stderr.write(made.stderr);
  if (made.status !== 0) return made.status ?? 1;
  invocation.io.out(`\nThe lab added, for ${server.name}:`);
  for (const line of made.added) invocation.io.out(`  ${line}`);
  if (lab.says) invocation.io.out(`\n${lab.says}`);
  invocation.io.out(`\nStart it: pg_ctl -D ${server.data} start`);
  return 0;
}

/** The real pg_ctl; a start without -l writes to the lab's log. PG* settings are kept from the server: its walreceiver would use them. */
async function pgCtl(invocation: Invocation, args: readonly string[]): Promise<number> {
  const looking = await lookAtNativeLab(invocation);
  const data = dataDirectory(args);
  const server = data && serverAt(looking, data);
  const starts = args.includes('start') || args.includes('restart');
  const hasLog = args.some((arg) => arg.startsWith('-l') || arg.startsWith('--log'));
  const log = server && starts && !hasLog ? ['-l', join(looking.lab.dir, server.log)] : [];
  const says = log.length > 0 && server ? `bin/pg_ctl adds: -l ${server.log}` : null;
  const status = await passOn(looking, 'pg_ctl', [...args, ...log], says, invocation);
  const { dir, plan, servers } = looking.lab;
  if (starts && status === 0) await refreshPasswordFile(dir, plan, servers); // a copy has the passwords of what it was copied from
  return status;
}

async function passOn(
  { lab }: LookingNative,
  program: string,
  args: readonly string[],
  says: string | null,
  { io }: Invocation,
): Promise<number> {
  if (says) io.out(says);
  const { binaries, user } = lab.tools;
  const path = join(binaries.bindir, program);
  if (!existsSync(path))
    throw new ProblemError({ what: `${path} is not there.`, fix: '"repl-workshop doctor" looks for PostgreSQL.' });
  const [command = path, ...rest] = [...user.prefix, path, ...args];
  return runInForegroundStatus({
    command,
    args: rest,
    cwd: process.cwd(),
    env: { ...withoutPgSettings(process.env), LC_MESSAGES: 'C' },
  });
}

/** -D DIR, -DDIR, --pgdata=DIR, --pgdata DIR, else PGDATA; absolute. */
function dataDirectory(args: readonly string[]): string | undefined {
  for (const [index, arg] of args.entries()) {
    if (arg === '-D' || arg === '--pgdata') return args[index + 1] && resolve(args[index + 1] ?? '');
    if (arg.startsWith('--pgdata=')) return resolve(arg.slice('--pgdata='.length));
    if (arg.startsWith('-D')) return resolve(arg.slice(2));
  }
  return process.env.PGDATA ? resolve(process.env.PGDATA) : undefined;
}

const withoutDataDirectory = (args: readonly string[]): readonly string[] =>
  args.filter(
    (arg, index) =>
      !arg.startsWith('-D') && !arg.startsWith('--pgdata') && !['-D', '--pgdata'].includes(args[index - 1] ?? ''),
  );

const serverAt = ({ lab }: LookingNative, data: string): ServerPlan | undefined =>
  lab.plan.servers.find((server) => [data, realFolder(data)].includes(join(lab.dir, server.data)));
const known = (plan: LabPlan): string => plan.servers.map(({ data }) => data).join(', ');
