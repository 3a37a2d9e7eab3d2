/**
 * client: the command that the scripts in the lab's bin/ call. It runs the real initdb and pg_ctl with the lab's
 * additions, and the workshop's own psql and pg_basebackup.
 */
import { join, resolve } from 'node:path';
import { realFolder } from '../../../lab/folders/real-folder.ts';
import { scramOrNone, withoutPgSettings } from '../../../lab/machine/own-environment.ts';
import { makeCluster } from '../../../lab/native/data/cluster.ts';
import { refreshPasswordFile } from '../../../lab/native/password-file.ts';
import { giveByHand, initdbByHand, pgCtlByHand, runsAsAnother } from '../../../lab/native/server/by-hand.ts';
import { isUnattended } from '../../../lab/native/unattended.ts';
import type { CommandLine } from '../../../lab/native/user/user.ts';
import type { LabPlan, ServerPlan } from '../../../lab/plan/plan.ts';
import { ProblemError } from '../../../lab/problem.ts';
import { runInForegroundStatus } from '../../../terminal/foreground.ts';
import type { Invocation, Run } from '../../command.ts';
import { type OpenedNativeLab, openNativeToLook, readLabIfReadable } from '../../opening/access.ts';

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
  psql: async (invocation, args) => (await import('../../../clients/psql/psql.ts')).psql(args, consoleOf(invocation)),
  pg_basebackup: async (invocation, args) =>
    (await import('../../../clients/basebackup/basebackup.ts')).basebackup(args, consoleOf(invocation)),
};

/**
 * The streams, environment and signals of our own clients. SIGTERM and SIGHUP end them at once, as they end
 * PostgreSQL's own clients.
 */
const consoleOf = ({ io: { env }, dir }: Invocation) => {
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.removeAllListeners(signal);
  return {
    input: process.stdin,
    output: process.stdout,
    error: process.stderr,
    env,
    terminal: Boolean(process.stdin.isTTY && process.stdout.isTTY),
    mayBeAnother(host: string, port: number) {
      const plan = readLabIfReadable(dir)?.plan;
      return plan?.engine === 'native' && isUnattended(dir, plan, host, port);
    },
    onInterrupt: (listener: () => void) => {
      process.on('SIGINT', listener);
      return () => void process.off('SIGINT', listener);
    },
  };
};

/**
 * Runs the real initdb. For a data directory of the plan it passes the lab's defaults first and the learner's options
 * after them; where initdb allows it, a later option wins.
 */
async function initdb(invocation: Invocation, args: readonly string[]): Promise<number> {
  const { io } = invocation;
  const opened = await openNativeToLook(invocation);
  const data = dataDirectory(args, io.env);
  const server = data && serverAt(opened, data);
  const { lab } = opened;
  if (!data || !server) {
    io.out(`bin/initdb: this is no data directory of the lab (${dataDirectories(lab.plan)}), so nothing is added.`);
    const line = await initdbByHand(lab.tools, data, args);
    if (typeof line === 'string') return fail(line);
    const status = await runInTerminal(line);
    await giveByHand(lab.tools, data);
    return status;
  }
  const further = withoutDataDirectory(args);
  const cluster = await makeCluster(lab.tools, lab.plan, server, data, further);
  process.stdout.write(cluster.stdout);
  process.stderr.write(cluster.stderr);
  if (cluster.status !== 0) return cluster.status ?? 1;
  io.out(`\nThe lab added, for ${server.name}:`);
  for (const line of cluster.added) io.out(`  ${line}`);
  const { notice } = await lab.tools.user();
  if (notice) io.out(`\n${notice}`);
  io.out(`\nStart it: pg_ctl -D ${server.data} start`);
  return 0;
}

function fail(text: string): number {
  process.stderr.write(text);
  return 1;
}

/** Runs the real pg_ctl. A start without -l writes to the server's log in the lab. */
async function pgCtl(invocation: Invocation, args: readonly string[]): Promise<number> {
  const { io } = invocation;
  const opened = await openNativeToLook(invocation);
  const { lab } = opened;
  const data = dataDirectory(args, io.env);
  const server = data && serverAt(opened, data);
  const starts = args.includes('start') || args.includes('restart');
  const named = logFile(args);
  const log = server && starts && named === undefined ? join(lab.dir, server.log) : undefined;
  if (log && server) io.out(`bin/pg_ctl adds: -l ${server.log}`);
  if (data && server && args.includes('restart') && (await runsAsAnother(lab.tools, data))) {
    io.out(`bin/pg_ctl: ${server.name} runs as another user than servers do now, so it is stopped first.`);
    await lab.server(server.name).stop('fast');
  }
  const all = log ? [...args, '-l', log] : args;
  const status = await runInTerminal(await pgCtlByHand(lab.tools, data, starts ? (log ?? named) : undefined, all));
  // A server may now run on a copy, which has the passwords of the server that it was copied from.
  if (starts && status === 0) await refreshPasswordFile(lab.dir, lab.plan, lab.servers);
  return status;
}

/**
 * Runs a program in the foreground, without PG* variables: the walreceiver of a server that it starts would use them.
 */
const runInTerminal = (line: CommandLine): Promise<number> =>
  runInForegroundStatus({
    ...line,
    cwd: process.cwd(),
    env: { ...withoutPgSettings(process.env), ...scramOrNone, LC_MESSAGES: 'C' },
  });

/** The absolute path that -D DIR, -DDIR, --pgdata=DIR, --pgdata DIR or PGDATA names. */
const dataDirectory = (args: readonly string[], env: NodeJS.ProcessEnv): string | undefined =>
  optionValue(args, '-D', '--pgdata') ?? (env.PGDATA ? resolve(env.PGDATA) : undefined);

const logFile = (args: readonly string[]): string | undefined => optionValue(args, '-l', '--log');

/** The absolute path that an option names in any of its spellings. */
function optionValue(args: readonly string[], short: string, long: string): string | undefined {
  for (const [index, arg] of args.entries()) {
    if (arg === short || arg === long) return args[index + 1] && resolve(args[index + 1] ?? '');
    if (arg.startsWith(`${long}=`)) return resolve(arg.slice(long.length + 1));
    if (arg.startsWith(short)) return resolve(arg.slice(short.length));
  }
  return undefined;
}

const withoutDataDirectory = (args: readonly string[]): readonly string[] =>
  args.filter(
    (arg, index) =>
      !arg.startsWith('-D') && !arg.startsWith('--pgdata') && !['-D', '--pgdata'].includes(args[index - 1] ?? ''),
  );

const serverAt = ({ lab }: OpenedNativeLab, data: string): ServerPlan | undefined =>
  lab.plan.servers.find((server) => [data, realFolder(data)].includes(join(lab.dir, server.data)));
const dataDirectories = (plan: LabPlan): string => plan.servers.map(({ data }) => data).join(', ');
