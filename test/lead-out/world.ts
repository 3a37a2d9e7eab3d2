/** A lab with real servers, as a learner's hands reach it: its shell, its files, its processes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import pg from 'pg';
import type { Lab } from '../../src/lab/lab.ts';
import { until } from '../../src/lab/machine/until.ts';
import { familyOf, postmastersIn, type Ran } from './processes.ts';

export type Name = 'master' | 'slave';

export type World = {
  readonly lab: Lab;
  readonly dir: string;
  readonly major: number;
  readonly bindir: string;
  readonly host: string;
  readonly sockets: string;
  readonly user: string; // of the replication role
  readonly password: string;
  readonly passwords: readonly string[]; // of postgres: of master, then of slave before it was cloned
  data(on: Name): string; // absolute
  port(on: Name): number;
  logFile(on: Name): string;
  /** Runs a line in the lab's shell; a line that goes on for longer is ended, with status null. */
  shell(line: string, limitMs?: number): Promise<Ran>;
  sql(on: Name, text: string, database?: string): Promise<readonly Record<string, unknown>[]>;
  /** A session that stays open until the next state. */
  session(on: Name, database?: string): Promise<pg.Client>;
  read(path: string): string | undefined;
  write(path: string, text: string): void; // keeps the owner; a new file belongs to the owner of its folder
  background(argv: readonly string[]): ChildProcess;
  /** Ends what runs in the lab's folders and what was left in the background. */
  clear(): Promise<void>;
};

/** What the state does not allow, such as SQL on a server that is down: the state is left out. */
export class NotHere extends Error {}

export function worldOf(lab: Lab, bindir: string): World {
  const dir = resolve(lab.dir);
  const { plan } = lab;
  const planned = (on: Name) => {
    const found = plan.servers.find(({ name }) => name === on);
    if (!found) throw new Error(`no server ${on}`);
    return found;
  };
  const children: ChildProcess[] = [];
  const sessions: pg.Client[] = [];
  const passwords = [planned('master').password, planned('slave').password];
  const connect = async (on: Name, database = 'postgres') => {
    let last: unknown;
    for (const password of passwords)
      for (const host of [plan.host, lab.sockets ?? plan.host]) {
        const client = new pg.Client({ host, port: planned(on).port, user: 'postgres', password, database, ...limits });
        client.on('error', () => undefined); // the state may stop its server
        try {
          await client.connect();
          return client;
        } catch (error) {
          last = error;
          await client.end().catch(() => undefined);
        }
      }
    throw new NotHere(`no session on ${on}: ${last}`);
  };
  return {
    lab,
    dir,
    major: plan.major,
    bindir,
    host: plan.host,
    sockets: lab.sockets ?? '',
    user: plan.replication.user,
    password: plan.replication.password,
    passwords,
    data: (on) => join(dir, planned(on).data),
    port: (on) => planned(on).port,
    logFile: (on) => join(dir, planned(on).log),
    async shell(line, limitMs = 20_000) {
      const signal = AbortSignal.timeout(limitMs);
      try {
        const { status, stdout, stderr } = await lab.exec(['sh'], { input: `${line}\n`, signal });
        return { status: signal.aborted ? null : status, out: `${stdout}${stderr}` };
      } catch (error) {
        if (signal.aborted) return { status: null, out: 'it goes on' };
        throw error;
      }
    },
    async sql(on, text, database) {
      const client = await connect(on, database);
      try {
        const { rows = [] } = [(await client.query(text)) as pg.QueryResult | pg.QueryResult[]].flat().at(-1) ?? {};
        return rows as Record<string, unknown>[];
      } catch (error) {
        throw new NotHere(String(error));
      } finally {
        await client.end().catch(() => undefined);
      }
    },
    async session(on, database) {
      const client = await connect(on, database);
      sessions.push(client);
      return client;
    },
    read: (path) => (existsSync(path) && statSync(path).isFile() ? readFileSync(path, 'utf8') : undefined),
    write(path, text) {
      const folder = join(path, '..');
      if (!existsSync(folder)) throw new NotHere(`no ${folder}`);
      if (existsSync(path) && !statSync(path).isFile()) throw new NotHere(`${path} is no file`);
      const isNew = !existsSync(path);
      writeFileSync(path, text);
      const { uid, gid } = statSync(folder);
      if (isNew) chownSync(path, uid, gid);
    },
    background([command = '', ...args]) {
      const child = spawn(command, args, { cwd: '/', stdio: 'ignore' });
      children.push(child);
      return child;
    },
    async clear() {
      for (const client of sessions.splice(0)) void client.end().catch(() => undefined);
      for (const child of children.splice(0)) child.kill('SIGKILL');
      for (const pid of postmastersIn(dir)) {
        for (const one of familyOf(pid)) send(one, 'SIGCONT');
        send(pid, 'SIGQUIT');
      }
      await until(() => postmastersIn(dir).length === 0, { deadlineMs: 10_000 });
      for (const pid of postmastersIn(dir)) for (const one of [...familyOf(pid), pid]) send(one, 'SIGKILL');
      await until(() => postmastersIn(dir).length === 0, { deadlineMs: 10_000 });
    },
  };
}

/** A statement of a mutation that waits, for a lock or a standby, makes no state. */
const limits = { connectionTimeoutMillis: 4000, query_timeout: 5000 };

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it has ended
  }
}
