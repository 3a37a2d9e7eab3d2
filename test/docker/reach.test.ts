/** Ways to a real engine: sockets, TCP with and without TLS, contexts, and their faults. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Docker from 'dockerode';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Reached, ReachOptions } from '../../src/lab/docker/connect/reach.ts';
import { usualSockets } from '../../src/lab/docker/connect/well-known-sockets.ts';
import { run } from '../../src/lab/machine/run.ts';
import { image, newFolderForEachTest, notReachedBy, reachedBy, socketPath } from './daemon.ts';
import { echoed, followed, idleContainer, told } from './streams.ts';
import { type Certificates, makeAuthority, startProxy, type TlsProxy } from './tls-proxy.ts';

let folder: string;
newFolderForEachTest('rw-reach-', (path) => {
  folder = path;
});

const bare = { PATH: process.env.PATH };

const reached = (env: NodeJS.ProcessEnv, options: ReachOptions = {}) =>
  reachedBy({ ...bare, ...env }, { home: folder, ...options });
const notReached = (env: NodeJS.ProcessEnv, options: ReachOptions = {}) =>
  notReachedBy({ ...bare, ...env }, { home: folder, ...options });

/** The engine that the docker program reaches with this environment. */
async function engineOfProgram(env: NodeJS.ProcessEnv): Promise<string> {
  const given = Object.fromEntries(Object.entries({ ...bare, HOME: folder, ...env })) as Record<string, string>;
  const { stdout, stderr } = await run({ command: 'docker', args: ['info', '--format', '{{.ID}}'], env: given });
  return stdout.trim() || stderr;
}

const engineOf = async ({ docker }: Pick<Reached, 'docker'>): Promise<string> => (await docker.info()).ID;

const someSocket = () => join(folder, 'some.sock');
const socketsAt = (...paths: string[]) =>
  paths.map((path) => ({ path, start: 'Start it.', forbidden: 'Join the group.' }));

async function listening(path: string, answer: string | null): Promise<Server & AsyncDisposable> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined).resume();
    if (answer !== null) socket.end(answer);
  });
  server.listen(path);
  await once(server, 'listening');
  const end = async () => {
    server.close();
    await once(server, 'close');
  };
  return Object.assign(server, { [Symbol.asyncDispose]: end });
}

/** What daemons answer to /info, as recorded; Podman 4.3 tells in a field of its own that it is rootless. */
const answers = [
  ['Docker', false, { SecurityOptions: ['name=apparmor', 'name=seccomp,profile=builtin', 'name=cgroupns'] }],
  ['rootless Docker', true, { SecurityOptions: ['name=seccomp,profile=builtin', 'name=rootless', 'name=cgroupns'] }],
  ['Podman', false, { Rootless: false, SecurityOptions: ['name=seccomp,profile=default'] }],
  ['rootless Podman', true, { Rootless: true, SecurityOptions: ['name=seccomp,profile=default'] }],
] as const;

it.for(answers)('the answer of %s says whether it is rootless: %s', async ([name, rootless, info]) => {
  const Components = [{ Name: name.includes('Podman') ? 'Podman Engine' : 'Engine', Version: '4.3.1' }];
  const server = createHttpServer(({ url = '' }, response) => {
    const body = { version: { ApiVersion: '1.41', Version: '4.3.1', Components }, info }[url.split('/').at(-1) ?? ''];
    response.statusCode = body ? 200 : 404;
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body ?? { message: 'not found' }));
  });
  server.listen(someSocket());
  await once(server, 'listening');
  using found = await reached({ DOCKER_HOST: `unix://${someSocket()}` });
  expect(found.rootless).toBe(rootless);
  found[Symbol.dispose]();
  server.close();
  await once(server, 'close');
});

describe.skipIf(socketPath === '')('an engine that answers (needs Docker)', () => {
  it('an engine is found by DOCKER_HOST, and says what it is', async () => {
    using found = await reached({ DOCKER_HOST: `unix://${socketPath}` });
    const docker = new Docker({ socketPath });
    const [version, info] = [await docker.version(), await docker.info()];
    expect(found).toMatchObject({
      from: 'DOCKER_HOST',
      where: socketPath,
      host: `unix://${socketPath}`,
      env: {},
      remote: false,
      daemonHost: '127.0.0.1',
      version: version.Version,
      apiVersion: version.ApiVersion,
      engine: 'docker',
      operatingSystem: info.OperatingSystem,
      rootless: false,
      tried: [],
    });
    expect(await engineOf(found)).toBe(info.ID);
  });

  it('an engine is found at a usual socket, after those that do not exist', async () => {
    const colima = join(folder, '.colima/default/docker.sock');
    mkdirSync(dirname(colima), { recursive: true });
    symlinkSync(socketPath, colima);
    const ofHome = usualSockets({}, { home: folder, uid: 1, platform: 'linux' }).filter(({ path }) =>
      path.startsWith(folder),
    );
    using found = await reached({}, { sockets: ofHome });
    expect(found).toMatchObject({ from: `socket ${colima}`, where: colima, env: { DOCKER_HOST: `unix://${colima}` } });
    expect(found.tried).toEqual(
      ['.docker/run/docker.sock', '.docker/desktop/docker.sock'].map((path) => ({
        from: `socket ${join(folder, path)}`,
        where: join(folder, path),
        why: 'is not there',
      })),
    );
    expect(await engineOfProgram(found.env)).toBe(await engineOf(found));
  });

  it('an engine is found behind a dead socket that exists', async () => {
    leaveDeadSocket(someSocket());
    using found = await reached({}, { sockets: socketsAt(someSocket(), socketPath) });
    expect(found.where).toBe(socketPath);
    expect(found.tried.map(({ why }) => why)).toEqual(['is there, and no engine listens on it']);
  });

  it('an engine is found over plain TCP', async () => {
    await using proxy = await startProxy(socketPath, null);
    using found = await reached({ DOCKER_HOST: `tcp://localhost:${proxy.port}` });
    expect(found).toMatchObject({ where: `tcp://localhost:${proxy.port}`, remote: false, daemonHost: '127.0.0.1' });
  });

  it('an engine at an address of this machine is not remote', async ({ skip }) => {
    const own = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .find(({ internal, family }) => !internal && family === 'IPv4');
    if (!own) return skip('an address of this machine: it has no network');
    await using proxy = await startProxy(socketPath, null, own.address);
    using found = await reached({ DOCKER_HOST: `tcp://${own.address}:${proxy.port}` });
    expect(found).toMatchObject({ remote: false, daemonHost: '127.0.0.1' });
  });
});

describe.skipIf(socketPath === '')('over TLS (needs Docker)', () => {
  let made: string;
  let authority: Certificates;
  let proxy: TlsProxy;
  let ours: string;
  beforeAll(async () => {
    made = mkdtempSync(join(tmpdir(), 'rw-tls-'));
    authority = makeAuthority(join(made, 'authority'));
    ours = authority.sign('client', 'DNS:client');
    proxy = await startProxy(socketPath, authority.sign('engine', 'IP:127.0.0.1,DNS:localhost'));
  });
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]();
    rmSync(made, { recursive: true });
  });
  const tls = (certificates: string) => ({
    DOCKER_HOST: `tcp://127.0.0.1:${proxy.port}`,
    DOCKER_TLS_VERIFY: '1',
    DOCKER_CERT_PATH: certificates,
  });

  it('an engine over TLS is reached with the certificates of DOCKER_CERT_PATH, as by the docker program', async () => {
    using found = await reached(tls(ours));
    expect(found).toMatchObject({ from: 'DOCKER_HOST', host: `tcp://127.0.0.1:${proxy.port}`, env: {} });
    expect(await engineOf(found)).toBe(await engineOfProgram(tls(ours)));
  });

  it.skipIf(!image)(
    'exec, followed logs and events work over TLS, and disposing ends all connections (needs an image)',
    async () => {
      const found = await reached(tls(ours));
      {
        await using container = await idleContainer(found.docker, image ?? '');
        expect(await echoed(container, 'hello\n'.repeat(50_000))).toBe(`${'hello\n'.repeat(50_000)}end\n`);
        expect(await followed(container)).toBe(true);
        expect(await told(found.docker, container)).toBe(true);
      }
      found[Symbol.dispose]();
      await expect.poll(() => proxy.connections()).toBe(0);
    },
  );

  it('an engine over TLS whose certificate has another name is refused', async () => {
    await using other = await startProxy(socketPath, authority.sign('elsewhere', 'DNS:elsewhere.example'));
    const { problem } = await notReached({ ...tls(ours), DOCKER_HOST: `tcp://127.0.0.1:${other.port}` });
    expect(problem.what).toContain('shows a certificate that was made for another name');
    const { DOCKER_TLS_VERIFY: _verify, ...unchecked } = tls(ours);
    using found = await reached({ ...unchecked, DOCKER_TLS: '1', DOCKER_HOST: `tcp://127.0.0.1:${other.port}` });
    expect(found.from).toBe('DOCKER_HOST');
  });

  it('each fault of TLS has its own sentence', async () => {
    const stranger = makeAuthority(join(folder, 'stranger')).sign('client', 'DNS:client');
    const nobody = join(folder, 'nobody');
    mkdirSync(nobody);
    writeFileSync(join(nobody, 'ca.pem'), readFileSync(join(ours, 'ca.pem')));
    const foreign = join(folder, 'foreign');
    mkdirSync(foreign);
    for (const [file, from] of [
      ['ca.pem', ours],
      ['cert.pem', stranger],
      ['key.pem', stranger],
    ] as const)
      writeFileSync(join(foreign, file), readFileSync(join(from, file)));
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const half = join(folder, 'half');
    mkdirSync(half);
    for (const file of ['ca.pem', 'cert.pem']) writeFileSync(join(half, file), readFileSync(join(ours, file)));
    const says = async (env: NodeJS.ProcessEnv) => (await notReached(env)).tried.map(({ why }) => why);
    expect(await says(tls(stranger))).toEqual(['shows a certificate that ca.pem has not signed']);
    expect(await says(tls(nobody))).toEqual(['does not accept our certificate, or got none']);
    expect(await says(tls(foreign))).toEqual(['does not accept our certificate, or got none']);
    expect(await says(tls(empty))).toEqual([`needs TLS files, and ${empty}/ca.pem cannot be read (ENOENT)`]);
    expect(await says(tls(half))).toEqual([`needs TLS files, and ${half}/key.pem cannot be read (ENOENT)`]);
    const plain = await notReached({ ...tls(ours), DOCKER_TLS_VERIFY: '' });
    expect(plain.tried.map(({ why }) => why)).toEqual(['closed the connection without an answer']);
    expect(plain.problem.fix).toContain('DOCKER_TLS_VERIFY=1');
    await using withoutTls = await startProxy(socketPath, null);
    expect(await says({ ...tls(ours), DOCKER_HOST: `tcp://127.0.0.1:${withoutTls.port}` })).toEqual([
      'does not speak TLS',
    ]);
  });

  it('a context of the docker program is used with its certificates', async () => {
    const config = { DOCKER_CONFIG: join(folder, 'config') };
    const endpoint = (dir: string, port: number) =>
      `host=tcp://127.0.0.1:${port},ca=${dir}/ca.pem,cert=${dir}/cert.pem,key=${dir}/key.pem`;
    await context(config, 'create', 'class', '--docker', endpoint(ours, proxy.port));
    await context(config, 'use', 'class');
    using found = await reached(config);
    expect(found).toMatchObject({ from: 'context class', where: `tcp://127.0.0.1:${proxy.port}`, env: {} });
    expect(await engineOf(found)).toBe(await engineOfProgram(config));

    await using other = await startProxy(socketPath, authority.sign('another', 'DNS:another.example'));
    await context(config, 'create', 'unchecked', '--docker', `${endpoint(ours, other.port)},skip-tls-verify=true`);
    using unchecked = await reached({ ...config, DOCKER_CONTEXT: 'unchecked' });
    expect(unchecked.from).toBe('context unchecked');
  });
});

async function context(config: { DOCKER_CONFIG: string }, ...args: string[]): Promise<void> {
  const env = { PATH: process.env.PATH ?? '', ...config };
  const { status, stderr } = await run({ command: 'docker', args: ['context', ...args], env });
  if (status !== 0) throw new Error(stderr);
}

describe.skipIf(socketPath === '')('a docker context (needs Docker)', () => {
  let config: { DOCKER_CONFIG: string };
  beforeEach(async () => {
    config = { DOCKER_CONFIG: join(folder, 'config') };
    await context(config, 'create', 'mine', '--docker', `host=unix://${socketPath}`);
    await context(config, 'create', 'away', '--docker', `host=unix://${someSocket()}`);
  });

  it('a docker context that was made and not chosen is not used', async () => {
    using found = await reached(config, { sockets: socketsAt(socketPath) });
    expect(found.from).toBe(`socket ${socketPath}`);
  });

  it('a docker context is chosen by "docker context use", and used by the docker program itself', async () => {
    await context(config, 'use', 'mine');
    using found = await reached(config, { sockets: [] });
    expect(found).toMatchObject({ from: 'context mine', where: socketPath, env: {} });
    expect(await engineOfProgram({ ...config, ...found.env })).toBe(await engineOf(found));
  });

  it('DOCKER_CONTEXT is used before the current context, and DOCKER_HOST before both', async () => {
    await context(config, 'use', 'away');
    const env = { ...config, DOCKER_CONTEXT: 'mine' };
    using chosen = await reached(env);
    expect(chosen.from).toBe('context mine');
    using host = await reached({ ...env, DOCKER_CONTEXT: 'away', DOCKER_HOST: `unix://${socketPath}` });
    expect(host.from).toBe('DOCKER_HOST');
    expect(await engineOfProgram({ ...env, DOCKER_CONTEXT: 'away', DOCKER_HOST: `unix://${socketPath}` })).toBe(
      await engineOf(host),
    );
  });

  it('a docker context that fails is not replaced by another engine', async () => {
    await context(config, 'use', 'away');
    const failed = await notReached(config, { sockets: socketsAt(socketPath) });
    expect(failed.tried).toEqual([{ from: 'context away', where: someSocket(), why: 'is not there' }]);
    expect(failed.problem).toEqual({
      what: `The engine of the docker context "away" (${someSocket()}) is not there.`,
      fix: 'Start that engine. Or choose another (docker context use default).',
    });
  });

  it('the docker context "default" means the usual sockets', async () => {
    await context(config, 'use', 'away');
    using found = await reached({ ...config, DOCKER_CONTEXT: 'default' }, { sockets: socketsAt(socketPath) });
    expect(found.from).toBe(`socket ${socketPath}`);
  });

  it('a docker context that was removed while it was chosen is named', async () => {
    const { problem } = await notReached({ ...config, DOCKER_CONTEXT: 'gone' });
    expect(problem).toEqual({
      what: 'The docker context "gone" cannot be used: there is no context of that name.',
      fix: 'See "docker context ls", or unset DOCKER_CONTEXT.',
    });
  });
});

describe('no engine', () => {
  const over = (path: string) => ({ DOCKER_HOST: `unix://${path}` });

  it('no engine at DOCKER_HOST is an error, and nothing else is tried', async () => {
    const { problem, tried } = await notReached(over(someSocket()), { sockets: socketsAt(socketPath) });
    expect(tried).toEqual([{ from: 'DOCKER_HOST', where: someSocket(), why: 'is not there' }]);
    expect(problem).toEqual({
      what: `The engine that DOCKER_HOST names (${someSocket()}) is not there.`,
      fix: 'Start that engine. Or unset DOCKER_HOST, to use an engine of this machine.',
    });
  });

  it('no engine behind a dead socket is reported', async () => {
    leaveDeadSocket(someSocket());
    const { problem } = await notReached({}, { sockets: socketsAt(join(folder, 'none'), someSocket()) });
    expect(problem).toEqual({
      what: `The socket ${someSocket()} is there, and no engine listens on it.`,
      fix: 'Start it.',
    });
  });

  it('no engine behind a socket without permission is reported', async () => {
    await using _server = await listening(someSocket(), null);
    chmodSync(folder, 0o755);
    chmodSync(someSocket(), 0o600);
    const another = process.getuid?.() === 0 ? asAnotherUser : asOneself;
    if (another === asOneself) chmodSync(someSocket(), 0);
    const { problem } = await another(() => notReached({}, { sockets: socketsAt(someSocket()) }));
    expect(problem).toEqual({
      what: `The socket ${someSocket()} may not be used by this user.`,
      fix: 'Join the group.',
    });
  });

  it('an engine that does not answer in time is given up, and the connection ends', async () => {
    await using server = await listening(someSocket(), null);
    const { problem } = await notReached({}, { sockets: socketsAt(someSocket()), deadlineMs: 200 });
    expect(problem.what).toBe(`The socket ${someSocket()} did not answer within 0.2 s.`);
    await expect.poll(() => connectionsOf(server)).toBe(0);
  });

  it('reaching an engine that does not answer ends at once when it is aborted', async () => {
    await using server = await listening(someSocket(), null);
    const ending = new AbortController();
    const reason = new Error('enough');
    const trying = notReached(over(someSocket()), { signal: ending.signal, deadlineMs: 60_000 });
    await once(server, 'connection');
    ending.abort(reason);
    await expect(trying).rejects.toBe(reason);
    await expect.poll(() => connectionsOf(server)).toBe(0);
  });

  it('another program behind the socket is not taken for an engine', async () => {
    const page = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi';
    const refusal = 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';
    for (const [answer, why] of [
      [page, 'answers, but not as Docker does'],
      [refusal, 'answers with HTTP status 403'],
      ['220 mail ready\r\n', 'answers, but not as Docker does'],
      ['', 'could not be asked: socket hang up'],
    ] as const) {
      await using _server = await listening(someSocket(), answer);
      expect((await notReached(over(someSocket()))).tried).toMatchObject([{ why }]);
    }
  });

  it('no engine at a port without a listener, or at an unknown host, is reported', async () => {
    const { tried } = await notReached({ DOCKER_HOST: `tcp://127.0.0.1:${await freePort()}` });
    expect(tried).toMatchObject([{ why: 'is not listening: the connection was refused' }]);
    const nobody = await notReached({ DOCKER_HOST: 'tcp://nobody.invalid:2375' }, { deadlineMs: 10_000 });
    expect(nobody.tried[0]?.why).toMatch(/^has a host name that (cannot be found|could not be looked up)$/);
  });

  it('no engine anywhere asks whether Docker is installed', async () => {
    const missing = await notReached({ PATH: folder }, { sockets: socketsAt(someSocket()), platform: 'linux' });
    expect(missing.problem).toEqual({
      what: 'There is no Docker on this machine.',
      fix: 'Install Docker Engine or Docker Desktop, or go on without Docker: --engine native',
    });
    writeFileSync(join(folder, 'docker'), '#!/bin/sh\n', { mode: 0o755 });
    const stopped = await notReached({ PATH: folder }, { sockets: socketsAt(someSocket()), platform: 'darwin' });
    expect(stopped.problem.what).toBe('Docker is installed, and no engine runs.');
    expect(stopped.problem.fix).toContain('Start Docker Desktop');
  });
});

/** Leaves the socket file of a killed program. */
function leaveDeadSocket(path: string): void {
  const program =
    'require("node:net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))';
  expect(spawnSync(process.execPath, ['-e', program, path]).signal).toBe('SIGKILL');
}

/** Sets the effective user, which the system checks when a socket is opened. Each test file has its own process. */
async function asAnotherUser<T>(work: () => Promise<T>): Promise<T> {
  process.seteuid?.(65534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}
const asOneself = <T>(work: () => Promise<T>): Promise<T> => work();

const connectionsOf = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => server.getConnections((error, count) => (error ? reject(error) : resolve(count))));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
