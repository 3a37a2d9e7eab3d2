/**
 * An engine over ssh: the docker program's dial-stdio on a real engine, behind an imitated "ssh" that runs it on this
 * machine.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isReached, type ReachOptions, reachDocker } from '../../src/lab/docker/connect/reach.ts';
import { isAlive } from '../../src/lab/lock/alive.ts';
import { run } from '../../src/lab/machine/run.ts';
import { until } from '../../src/lab/machine/until.ts';
import { image, newFolderForEachTest, notReachedBy, reachedBy, socketPath } from './daemon.ts';
import { makeSsh, type SshProgram } from './ssh-program.ts';
import { echoed, followed, idleContainer, told } from './streams.ts';

let folder: string;
newFolderForEachTest('rw-ssh-', (path) => {
  folder = path;
});

const reached = ({ env }: SshProgram, host: string) => reachedBy({ ...env, DOCKER_HOST: host }, { home: folder });
const notReached = (env: NodeJS.ProcessEnv, options: ReachOptions = {}) =>
  notReachedBy({ ...env, DOCKER_HOST: 'ssh://me@class' }, { home: folder, ...options });

const ended = ({ pids }: SshProgram) => until(() => !pids().some(isAlive), { deadlineMs: 10_000 });

describe.skipIf(socketPath === '')('an engine over ssh (needs Docker)', () => {
  it("an engine over ssh is asked in ssh's own way, and its ports are at the host behind the alias", async () => {
    const ssh = makeSsh(folder, { socketPath, alias: 'class.example' });
    using found = await reached(ssh, 'ssh://me@class:2222');
    expect(found).toMatchObject({
      from: 'DOCKER_HOST',
      where: 'ssh://me@class:2222',
      host: 'ssh://me@class:2222',
      env: {},
      remote: true,
      daemonHost: 'class.example',
      engine: 'docker',
    });
    const options = '-T -o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=15';
    expect([...new Set(ssh.calls())]).toEqual([
      `${options} -p 2222 -l me -- class docker system dial-stdio`,
      '-G -p 2222 -l me -- class',
    ]);
  });

  it('an engine over ssh on this machine is not remote', async () => {
    using found = await reached(makeSsh(folder, { socketPath, alias: '127.0.0.1' }), 'ssh://vm');
    expect(found).toMatchObject({ remote: false, daemonHost: '127.0.0.1' });
  });

  it('an engine over ssh may listen on a socket that the address names', async () => {
    const ssh = makeSsh(folder, { socketPath: join(folder, 'not-this-one.sock') });
    using found = await reached(ssh, `ssh://class${socketPath}`);
    expect(found.where).toBe(`ssh://class${socketPath}`);
    expect(ssh.calls()[0]).toContain(`docker -H unix://${socketPath} system dial-stdio`);
  });

  it('an engine over ssh keeps its connection for the next request, and its programs end with it', async () => {
    const ssh = makeSsh(folder, { socketPath });
    const found = await reached(ssh, 'ssh://class');
    for (let i = 0; i < 5; i++) await found.docker.ping();
    expect(ssh.pids()).toHaveLength(1);
    expect(ssh.pids().every(isAlive)).toBe(true);
    found[Symbol.dispose]();
    expect(await ended(ssh)).toBe(true);
  });

  it('an engine over ssh is asked again when a kept connection was lost', async () => {
    const ssh = makeSsh(folder, { socketPath });
    using found = await reached(ssh, 'ssh://class');
    for (const pid of ssh.pids()) process.kill(pid, 'SIGKILL');
    expect(await ended(ssh)).toBe(true);
    await expect.poll(() => found.docker.ping().then(String)).toBe('OK');
    expect(ssh.pids()).toHaveLength(2);
  });

  it('an engine over ssh does not keep an idle program alive', async () => {
    const ssh = makeSsh(folder, { socketPath });
    const program = join(folder, 'program.mts');
    const reach = new URL('../../src/lab/docker/connect/reach.ts', import.meta.url).pathname;
    writeFileSync(
      program,
      `import { reachDocker } from '${reach}';\nconsole.log((await reachDocker(process.env)).from);\n`,
    );
    const tsx = new URL('../../node_modules/tsx/dist/cli.mjs', import.meta.url).pathname;
    const env = Object.fromEntries(Object.entries({ ...ssh.env, DOCKER_HOST: 'ssh://class' })) as Record<
      string,
      string
    >;
    const signal = AbortSignal.timeout(20_000);
    expect(await run({ command: process.execPath, args: [tsx, program], env }, { signal })).toMatchObject({
      status: 0,
      stdout: 'DOCKER_HOST\n',
    });
    expect(await ended(ssh)).toBe(true);
  });

  it.skipIf(!image)(
    'exec, followed logs and events over ssh have their own programs, which end with them (needs an image)',
    async () => {
      const ssh = makeSsh(folder, { socketPath });
      const found = await reached(ssh, 'ssh://class');
      {
        await using container = await idleContainer(found.docker, image ?? '');
        expect(await echoed(container, 'hello\n'.repeat(50_000))).toBe(`${'hello\n'.repeat(50_000)}end\n`);
        expect(await followed(container)).toBe(true);
        expect(await told(found.docker, container)).toBe(true);
      }
      found[Symbol.dispose]();
      expect(ssh.pids().length).toBeGreaterThan(3);
      expect(await ended(ssh)).toBe(true);
    },
  );

  it('an engine over ssh of a context of the docker program is used', async () => {
    const ssh = makeSsh(folder, { socketPath });
    const env = { ...ssh.env, DOCKER_CONFIG: join(folder, 'config'), DOCKER_CONTEXT: 'class' };
    mkdirSync(env.DOCKER_CONFIG);
    const given = Object.fromEntries(Object.entries({ ...env, DOCKER_CONTEXT: 'default' })) as Record<string, string>;
    const args = ['context', 'create', 'class', '--docker', 'host=ssh://me@class'];
    expect((await run({ command: 'docker', args, env: given })).status).toBe(0);
    const found = await reachDocker(env, { home: folder });
    expect(found).toMatchObject({ from: 'context class', where: 'ssh://me@class', env: {} });
    if (isReached(found)) found[Symbol.dispose]();
  });
});

describe('no engine over ssh', () => {
  const refusing = (instead: string) => makeSsh(folder, { socketPath: join(folder, 'none.sock'), instead });
  const otherwise = 'Or unset DOCKER_HOST, to use an engine of this machine.';

  it("an engine is not reached because ssh was refused, with ssh's last message", async () => {
    const { env } = refusing(
      'echo "Warning: new key" >&2; echo "me@class: Permission denied (publickey)." >&2; exit 255',
    );
    expect((await notReached(env)).problem).toEqual({
      what: 'The engine that DOCKER_HOST names (ssh://me@class) cannot be reached by ssh: me@class: Permission denied (publickey).',
      fix: `Make ssh to that host work in this terminal first, without a question: host key, then key or agent. ${otherwise}`,
    });
  });

  it('an engine is not reached because the host has no docker program', async () => {
    const { tried } = await notReached(refusing('exec docker-that-is-not-there "$@"').env);
    expect(tried).toMatchObject([{ why: 'is a host without a docker program' }]);
  });

  it.skipIf(socketPath === '')(
    'an engine is not reached because none runs on the host of ssh (needs Docker)',
    async () => {
      const { tried } = await notReached(refusing('').env);
      expect(tried[0]?.why).toMatch(/^did not let ssh through to its engine: .*none\.sock/);
    },
  );

  it('an engine is not reached because there is no ssh', async () => {
    const { problem } = await notReached({ PATH: folder });
    expect(problem).toEqual({
      what: 'The engine that DOCKER_HOST names (ssh://me@class) could not be called: there is no ssh program on PATH.',
      fix: `Install the OpenSSH client, so that "ssh" works in this terminal. ${otherwise}`,
    });
  });

  it('an engine over ssh that does not answer in time is given up, and its program ends', async () => {
    const ssh = refusing('exec sleep 3600');
    const { tried } = await notReached(ssh.env, { sshDeadlineMs: 500 });
    expect(tried).toMatchObject([{ why: 'did not answer within 0.5 s' }]);
    expect(await ended(ssh)).toBe(true);
  });
});
