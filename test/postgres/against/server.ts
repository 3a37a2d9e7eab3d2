/** Real servers to compare with: the oldest and newest PostgreSQL of this machine, each in its own temporary folder. */

import { type ChildProcess, spawn } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { withoutPgSettings } from '../../../src/lab/machine/own-environment.ts';
import { run } from '../../../src/lab/machine/run.ts';
import { until } from '../../../src/lab/machine/until.ts';
import { installedBinaries } from '../../../src/lab/native/binaries.ts';
import { embeddedBindir, packageName } from '../../../src/lab/native/embedded.ts';
import { give } from '../../../src/lab/native/user/give.ts';
import { serverUser } from '../../../src/lab/native/user/user.ts';

export type Build = { readonly major: number; readonly bindir: string };

const oldestKnown = 13;

/** By major, the oldest first: installed, embedded, and those that the proof has downloaded into .cache. */
async function atHand(): Promise<Build[]> {
  const embedded = await embeddedBindir();
  const cached = existsSync('.cache') ? readdirSync('.cache').filter((name) => /^postgres-\d+$/.test(name)) : [];
  const fetched: Build[] = [];
  for (const name of cached) {
    const root = resolve('.cache', name, 'node_modules', packageName);
    const bindir = existsSync(root) ? await embeddedBindir(root) : undefined;
    if (bindir) fetched.push({ major: Number(name.replace(/\D+/, '')), bindir });
  }
  const all: Build[] = [
    ...(await installedBinaries()),
    ...(embedded ? [{ major: 18, bindir: embedded }] : []),
    ...fetched,
  ];
  const known = all.filter(({ major }) => major >= oldestKnown).sort((a, b) => a.major - b.major);
  return known.filter(({ major }, at) => known.findIndex((other) => other.major === major) === at);
}

/** REPL_WORKSHOP_MAJORS=15,16 chooses other majors. Majors that this machine does not have are left out. */
export async function builds(): Promise<readonly Build[]> {
  const all = await atHand();
  const asked = process.env.REPL_WORKSHOP_MAJORS?.split(',').map(Number);
  const found = asked ? all.filter(({ major }) => asked.includes(major)) : [...new Set([all[0], all.at(-1)])];
  if (found.length === 0 || found[0] === undefined) throw new Error('there is no PostgreSQL on this machine');
  return found.filter((build) => build !== undefined);
}

export type TestServer = AsyncDisposable & {
  readonly major: number;
  readonly bindir: string;
  /** Contains data/ and the log; a test may write its own files here. */
  readonly dir: string;
  readonly data: string;
  readonly port: number;
  /** Connected as postgres over the socket. */
  readonly client: pg.Client;
  /** Runs `postgres` on this data directory; resolves with its stdout and stderr. */
  postgres(args: readonly string[]): Promise<string>;
  rows<T>(sql: string, values?: readonly unknown[]): Promise<T[]>;
  log(): string;
};

/**
 * `conf` is appended to postgresql.conf, `env` is the server's environment. Over the socket all users are trusted;
 * `conf` may open TCP.
 */
export async function startServer(
  { major, bindir }: Build,
  { conf = '', env = {} }: { conf?: string; env?: Record<string, string> } = {},
): Promise<TestServer> {
  const dir = mkdtempSync(join(tmpdir(), 'against-'));
  const user = await serverUser(process.getuid?.(), [dir], bindir);
  const data = join(dir, 'data');
  mkdirSync(data, { mode: 0o700 });
  if (user.owner) {
    chownSync(dir, user.owner.uid, user.owner.gid);
    chmodSync(dir, 0o710); // initdb runs as another user of this group
  }
  if (user.maker) chownSync(data, user.maker.uid, user.maker.gid);
  const made = await run({
    ...user.as(join(bindir, 'initdb'), ['-D', data, ...initdbOptions], 'maker'),
    env: inEnglish,
  });
  give(data, user.owner);
  if (made.status !== 0) {
    rmSync(dir, { recursive: true, force: true });
    throw new Error(made.stderr);
  }
  const port = await freePort();
  appendFileSync(join(data, 'postgresql.conf'), `${settings(port, dir)}${conf}`);
  const { command, args } = user.as(join(bindir, 'postgres'), ['-D', data]);
  const server = launch([command, ...args], dir, env);
  try {
    const client = await firstSession(dir, port, server);
    return {
      major,
      bindir,
      dir,
      data,
      port,
      client,
      async postgres(args) {
        const line = user.as(join(bindir, 'postgres'), ['-D', data, ...args]);
        const { stdout, stderr } = await run({ ...line, env: inEnglish });
        return stdout + stderr;
      },
      rows: async <T>(sql: string, values?: readonly unknown[]) =>
        (await client.query(sql, values as unknown[])).rows as T[],
      log: () => readFileSync(logOf(dir), 'utf8'),
      async [Symbol.asyncDispose]() {
        await client.end();
        await stop(server);
        rmSync(dir, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await stop(server);
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

const inEnglish = { ...withoutPgSettings(process.env), LC_ALL: 'C' };
const initdbOptions = ['-U', 'postgres', '-E', 'UTF8', '--locale=C', '--no-sync', '-A', 'trust'];
const settings = (port: number, dir: string): string => `
listen_addresses = ''
port = ${port}
unix_socket_directories = '${dir}'
shared_buffers = 16MB
fsync = off
autovacuum = off
log_timezone = 'UTC'
timezone = 'UTC'
`;
const logOf = (dir: string): string => join(dir, 'log');

type Running = { readonly child: ChildProcess; readonly ended: Promise<unknown> };

function launch(argv: readonly string[], dir: string, env: Record<string, string>): Running {
  const log = openSync(logOf(dir), 'a');
  const [command = '', ...args] = argv;
  const child = spawn(command, args, {
    cwd: dir,
    env: { ...withoutPgSettings(process.env), LC_MESSAGES: 'C', ...env },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  return { child, ended: new Promise((ended) => child.once('exit', ended)) };
}

async function firstSession(dir: string, port: number, { child }: Running): Promise<pg.Client> {
  let session: pg.Client | undefined;
  let last: unknown;
  const answers = async () => {
    if (child.exitCode !== null) return true;
    const client = new pg.Client({ host: dir, port, user: 'postgres', database: 'postgres' });
    client.on('error', () => undefined); // the server was stopped: the next query reports it
    try {
      await client.connect();
      session = client;
    } catch (error) {
      last = error;
      await client.end().catch(() => undefined);
    }
    return session !== undefined;
  };
  await until(answers, { deadlineMs: 30_000 });
  if (session) return session;
  throw new Error(`the server did not come up: ${last}\n${readFileSync(logOf(dir), 'utf8')}`);
}

async function stop({ child, ended }: Running): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGQUIT');
  await ended;
}

/** A free port of 127.0.0.1. No connection was made to it, so it can be used again at once. */
function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const probe = createServer();
    probe.once('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => found(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
