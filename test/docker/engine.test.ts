/** The tests' own engine: what it shares with the machine, and that none of its processes outlives the tests. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { run } from '../../src/lab/machine/run.ts';
import { until } from '../../src/lab/machine/until.ts';
import { dockerAt, startContainer } from './container.ts';
import { type Engine, missingPrograms, type NoEngine, openDockerEngine, rootEnv } from './engine.ts';
import type {} from './global.ts';

const shared = inject('docker');
const socketPath = 'why' in shared ? '' : shared.socketPath;
const machine = 'why' in shared ? '' : shared.machine;
const docker = dockerAt(socketPath);
const ours = !('why' in shared) && shared.own;
const deadlineMs = 60_000;

const hasAddress = (address: string): boolean =>
  Object.values(networkInterfaces()).some((all) => all?.some((one) => one.address === address));

/** A server that answers each connection with one line. */
async function greeter(host: string): Promise<{ port: number } & AsyncDisposable> {
  const server: Server = createServer((caller) => caller.end('hello from the machine\n'));
  server.listen(0, host);
  await once(server, 'listening');
  const closed = async () => void (await new Promise((done) => server.close(done)));
  return { port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: closed };
}

async function opened(): Promise<Engine> {
  const engine = await openDockerEngine();
  if ('why' in engine) throw new Error(engine.why);
  return engine;
}

describe.skipIf(!ours || ('images' in shared && 'why' in shared.images[15]))(
  'a network of its own (needs an engine of their own)',
  () => {
    it("the tests' engine publishes ports on the machine, and containers see the caller at their gateway", async () => {
      await using server = await startContainer(
        docker,
        '-e',
        'POSTGRES_PASSWORD=pw',
        '-p',
        '127.0.0.1::5432',
        'postgres:15',
      );
      await server.answers();
      const port = (await docker('port', server.id, '5432')).stdout.trim().split(':').at(-1);
      const client = new pg.Client({ host: '127.0.0.1', port: Number(port), user: 'postgres', password: 'pw' });
      await client.connect();
      const { rows } = await client.query('SELECT host(inet_client_addr()) AS caller');
      await client.end();
      const gateway = await docker('inspect', '--format', '{{.NetworkSettings.Gateway}}', server.id);
      expect(rows).toEqual([{ caller: gateway.stdout.trim() }]);
    });

    it("the tests' engine cannot publish a port that a program of the machine has", async () => {
      await using taken = await greeter('127.0.0.1');
      const { status, stderr } = await docker(
        'run',
        '--rm',
        '-p',
        `127.0.0.1:${taken.port}:5432`,
        'postgres:15',
        'true',
      );
      expect(status).toBe(125);
      expect(stderr).toContain(`listen tcp4 127.0.0.1:${taken.port}: bind: address already in use`);
    });

    it.each(['the address that the engine tells', 'host.docker.internal'])(
      "containers of the tests' engine reach the machine by %s",
      async (name) => {
        await using listening = await greeter('0.0.0.0');
        const host = name.startsWith('host.') ? name : machine;
        const read = `exec 3<>/dev/tcp/${host}/${listening.port}; cat <&3`;
        const words = ['--rm', '--add-host', 'host.docker.internal:host-gateway', 'postgres:15', 'bash', '-c', read];
        expect(await docker('run', ...words)).toMatchObject({ stdout: 'hello from the machine\n' });
      },
    );

    it("the tests' engine does not change the machine's firewall", async () => {
      const { status, stdout } = await run({ command: 'iptables-save', args: [], env: rootEnv });
      expect(status).toBe(0);
      expect(stdout).not.toContain(machine.replace(/\d+$/, ''));
    });
  },
);

describe.skipIf(!ours)('an engine beside the first (needs an engine of their own)', () => {
  it('a second engine is another one, and is gone when it is closed', async () => {
    const engine = await opened();
    expect(engine.socketPath).not.toBe(socketPath);
    expect(engine.machine).not.toBe(machine);
    expect(hasAddress(engine.machine)).toBe(true);
    await engine[Symbol.asyncDispose]();
    expect(existsSync(dirname(engine.socketPath))).toBe(false);
    expect(hasAddress(engine.machine)).toBe(false);
    expect((await docker('version')).status).toBe(0);
  });

  it('a second engine removes what the run before left in it', async () => {
    {
      await using engine = await opened();
      const there = dockerAt(engine.socketPath);
      const made = await run({
        command: 'sh',
        args: ['-c', `tar --create --files-from /dev/null | docker --host unix://${engine.socketPath} import - left:1`],
      });
      expect(made.status).toBe(0);
      await there('network', 'create', 'left');
      await there('create', '--name', 'left', '--network', 'left', '-v', 'left:/left', 'left:1', 'true');
      await there('tag', 'left:1', 'left:2');
      expect((await there('ps', '--all', '--quiet')).stdout).not.toBe('');
    }
    await using engine = await opened();
    const there = dockerAt(engine.socketPath);
    const names = async (...list: string[]) => (await there(...list)).stdout.split('\n').filter(Boolean);
    expect(await names('ps', '--all', '--quiet')).toEqual([]);
    expect(await names('volume', 'ls', '--quiet')).toEqual([]);
    expect((await names('network', 'ls', '--format', '{{.Name}}')).sort()).toEqual(['bridge', 'host', 'none']);
    expect(await names('images', '--format', '{{.Repository}}')).not.toContain('left');
  });

  it('a second engine ends when the tests are killed', async () => {
    const { child, engine } = await anotherRun();
    const pids = processesBelow(child.pid);
    expect(pids.length).toBeGreaterThan(3); // unshare, the script, dockerd, containerd
    child.kill('SIGKILL');
    const folder = dirname(engine.socketPath);
    const gone = () =>
      !existsSync(folder) && !hasAddress(engine.machine) && pids.every((pid) => !existsSync(`/proc/${pid}`));
    expect(await until(gone, { deadlineMs })).toBe(true);
  });
});

/** Starts another process with an engine. */
async function anotherRun(): Promise<{ child: ChildProcess; engine: Engine }> {
  const script = fileURLToPath(new URL('freeze.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const engine = JSON.parse(line) as Engine | NoEngine;
  if ('why' in engine) throw new Error(engine.why);
  return { child, engine };
}

/** All descendants of a process. */
function processesBelow(root: number | undefined): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => [Number(pid), parentOf(pid)]);
  const found = [root];
  for (const above of found) found.push(...parents.filter(([, parent]) => parent === above).map(([pid]) => pid));
  return found.slice(1) as number[];
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return undefined; // the process has ended
  }
}

describe('where there is no engine', () => {
  it("the tests say that the machine's own engine is missing, when it is asked for", async () => {
    const { DOCKER_HOST, REPL_WORKSHOP_TEST_DOCKER } = process.env;
    try {
      process.env.REPL_WORKSHOP_TEST_DOCKER = 'theirs';
      process.env.DOCKER_HOST = 'unix:///nowhere/docker.sock';
      expect(await openDockerEngine()).toEqual({
        why: expect.stringMatching(/^\/nowhere\/docker\.sock does not answer \(.*ENOENT.*\)$/),
      });
      process.env.DOCKER_HOST = 'tcp://127.0.0.1:1';
      expect(await openDockerEngine()).toEqual({
        why: 'the tests need a socket, and DOCKER_HOST is tcp://127.0.0.1:1',
      });
    } finally {
      Object.assign(process.env, { DOCKER_HOST, REPL_WORKSHOP_TEST_DOCKER });
      if (DOCKER_HOST === undefined) delete process.env.DOCKER_HOST;
      if (REPL_WORKSHOP_TEST_DOCKER === undefined) delete process.env.REPL_WORKSHOP_TEST_DOCKER;
    }
  });

  it('the tests name the programs that are missing and their Debian packages', () => {
    expect(
      missingPrograms([
        ['sh', 'dash'],
        ['no-such-program', 'nowhere'],
      ]),
    ).toBe("not installed: no-such-program (Debian's nowhere)");
    expect(missingPrograms([['sh', 'dash']])).toBe('');
  });
});
