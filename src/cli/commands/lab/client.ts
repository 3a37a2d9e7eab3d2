/** What the scripts in the lab's bin/ call: the real initdb and pg_ctl with what the lab adds, our own psql and pg_basebackup. */

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

/** Of our own clients: the system's wish to end is no event that waits for its turn; it ends them at once, as it ends PostgreSQL's own. */
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

/** For a data directory of the plan: the lab's defaults, then the learner's own options, which win where initdb lets them. */
async function initdb(invocation: Invocation, args: readonly string[]): Promise<number> {
  const { io } = invocation;
  const looking = await openNativeToLook(invocation);
  const data = dataDirectory(args, io.env);
  const server = data && serverAt(looking, data);
  const { lab } = looking;
  if (!data || !server) {
    io.out(`bin/initdb: this is no data directory of the lab (${known(lab.plan)}), so nothing is added.`);
    const line = await initdbByHand(lab.tools, data, args);
    if (typeof line === 'string') return complain(line);
    const status = await passOn(line);
    await giveByHand(lab.tools, data);
    return status;
  }
  const further = withoutDataDirectory(args);
  const made = await makeCluster(lab.tools, lab.plan, server, data, further);
  process.stdout.write(made.stdout);
  process.stderr.write(made.stderr);
  if (made.status !== 0) return made.status ?? 1;
  io.out(`\nThe lab added, for ${server.name}:`);
  for (const line of made.added) io.out(`  ${line}`);
  const { notice: says } = await lab.tools.user();
  if (says) io.out(`\n${says}`);
  io.out(`\nStart it: pg_ctl -D ${server.data} start`);
  return 0;
}

function complain(text: string): number {
  process.stderr.write(text);
  return 1;
}

/** The real pg_ctl; a start without -l writes to the lab's log. */
async function pgCtl(invocation: Invocation, args: readonly string[]): Promise<number> {
  const { io } = invocation;
  const looking = await openNativeToLook(invocation);
  const { lab } = looking;
  const data = dataDirectory(args, io.env);
  const server = data && serverAt(looking, data);
  const starts = args.includes('start') || args.includes('restart');
  const named = logFile(args);
  const log = server && starts && named === undefined ? join(lab.dir, server.log) : undefined;
  if (log && server) io.out(`bin/pg_ctl adds: -l ${server.log}`);
  if (data && server && args.includes('restart') && (await runsAsAnother(lab.tools, data))) {
    io.out(`bin/pg_ctl: ${server.name} runs as another user than servers do now, so it is stopped first.`);
    await lab.server(server.name).stop('fast');
  }
  const all = log ? [...args, '-l', log] : args;
  const status = await passOn(await pgCtlByHand(lab.tools, data, starts ? (log ?? named) : undefined, all));
  if (starts && status === 0) await refreshPasswordFile(lab.dir, lab.plan, lab.servers); // a copy has the passwords of what it was copied from
  return status;
}

/** PG* settings are kept from the server: its walreceiver would use them. */
const passOn = (line: CommandLine): Promise<number> =>
  runInForegroundStatus({
    ...line,
    cwd: process.cwd(),
    env: { ...withoutPgSettings(process.env), ...scramOrNone, LC_MESSAGES: 'C' },
  });

/** -D DIR, -DDIR, --pgdata=DIR, --pgdata DIR, else PGDATA; absolute. */
const dataDirectory = (args: readonly string[], env: NodeJS.ProcessEnv): string | undefined =>
  optionValue(args, '-D', '--pgdata') ?? (env.PGDATA ? resolve(env.PGDATA) : undefined);

const logFile = (args: readonly string[]): string | undefined => optionValue(args, '-l', '--log');

/** A path, absolute. */
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
const known = (plan: LabPlan): string => plan.servers.map(({ data }) => data).join(', ');
