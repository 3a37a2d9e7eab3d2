/** A lab of an earlier version, opened by today's program, and the parts that a learner must find again. */
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import pg from 'pg';
import type { Said } from '../cli/run.ts';
import { type Archive, type LabNameBefore, unpackBefore } from './unpack.ts';

export type LabBefore = AsyncDisposable & {
  readonly dir: string;
  readonly outer: string;
  run(...args: string[]): Promise<Said>;
  /** Runs a command and kills it with SIGKILL after a time, unless it has ended. */
  killed(afterMs: number, ...args: string[]): Promise<void>;
};

/** `as` is a user id for the program, which then owns the lab (only root can do that); `env` is for the program. */
export async function openBefore(
  engine: Archive,
  version: string,
  lesson: LabNameBefore,
  { as, env = {} }: { readonly as?: number; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<LabBefore> {
  const outer = mkdtempSync(join(tmpdir(), 'rw-'));
  chmodSync(outer, 0o755); // so that only the lab's own modes keep other users out
  const dir = await unpackBefore(outer, engine, version, lesson);
  if (as !== undefined) await said('chown', ['-R', `${as}:${as}`, outer], {});
  const { CI: _, ...rest } = process.env;
  const program = [process.execPath, resolve('dist/repl-workshop.cjs'), '--lab', dir];
  const become = as === undefined ? [] : ['setpriv', `--reuid=${as}`, `--regid=${as}`, '--clear-groups'];
  const environment = { ...rest, HOME: outer, XDG_CONFIG_HOME: '', COLUMNS: '100', ...env };
  const run = (...args: string[]) => {
    const [command = '', ...more] = [...become, ...program, ...args];
    return said(command, more, environment);
  };
  return {
    dir,
    outer,
    run,
    async killed(afterMs, ...args) {
      const [command = '', ...more] = [...become, ...program, ...args];
      const child = spawn(command, more, { env: environment, cwd: '/', stdio: 'ignore' });
      const timer = setTimeout(() => child.kill('SIGKILL'), afterMs);
      await once(child, 'close');
      clearTimeout(timer);
    },
    async [Symbol.asyncDispose]() {
      await run('down');
      rmSync(outer, { recursive: true, force: true });
    },
  };
}

/** Resolves also when the program fails. */
export const said = (command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Said> =>
  new Promise((done) => {
    const child = execFile(command, args, { env, cwd: '/', maxBuffer: 64 * 1024 * 1024 }, (_error, out, err) =>
      done({ status: child.exitCode ?? -1, out, err }),
    );
    child.stdin?.end();
  });

/** Mode, owner, size and time of every file below a folder. */
export const tree = (dir: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    below(dir).map((path) => {
      const { mode, uid, size, mtimeMs } = lstatSync(path);
      return [relative(dir, path), `${mode.toString(8)} ${uid} ${size} ${mtimeMs}`];
    }),
  );

/**
 * Content and mode of the learner's files: configuration, signal files, notes, settings. Servers and commands write
 * the rest.
 */
export const ownFiles = (dir: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    below(dir)
      .filter((path) => /\.(conf|signal)$|\/my notes\/|\/settings\.json$/.test(path) && lstatSync(path).isFile())
      .map((path) => {
        const sum = createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16);
        return [relative(dir, path), `${modeOf(path)} ${sum}`];
      }),
  );

export const modeOf = (path: string): string => (lstatSync(path).mode & 0o777).toString(8);

/** Modes of the files at the top of a lab, which decide who can enter it. */
export const doorsOf = (dir: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    ['', 'rep', 'run', 'logs', 'backups', 'logs/master.log'].map((name) => [name, modeOf(join(dir, name))]),
  );

function below(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? [path, ...below(path)] : [path];
  });
}

export const json = (dir: string, name: string) => JSON.parse(readFileSync(join(dir, name), 'utf8'));

export const portOf = (dir: string, server: string): number =>
  json(dir, 'lab.json').plan.servers.find(({ name }: { name: string }) => name === server).port;

/** Resolves with the rows of a statement, through the server's socket, or over TCP with a password. */
export async function ask(dir: string, server: string, text: string, password?: string): Promise<readonly unknown[][]> {
  const host = password === undefined ? join(dir, 'run') : '127.0.0.1';
  const login = { host, port: portOf(dir, server), user: 'postgres', database: 'postgres', password: password ?? '' };
  const client = new pg.Client(login);
  await client.connect();
  try {
    return (await client.query<unknown[]>({ text, rowMode: 'array' })).rows;
  } finally {
    await client.end();
  }
}

export const rolesOf = (dir: string, server: string) =>
  ask(dir, server, 'SELECT rolname, rolpassword FROM pg_authid WHERE rolpassword IS NOT NULL ORDER BY 1');
export const ownRows = (dir: string, server: string) => ask(dir, server, 'SELECT count(*)::int, max(n) FROM mine');
