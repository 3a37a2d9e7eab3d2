/** How Docker is found, without Docker: addresses, contexts, usual sockets. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chosenContext, configFolder } from '../../src/lab/docker/connect/context.ts';
import {
  hostValue,
  parseEngineAddress,
  shownAddress,
  withoutPassword,
} from '../../src/lab/docker/connect/engine-address.ts';
import { isThisMachine } from '../../src/lab/docker/connect/locality.ts';
import { sshArguments } from '../../src/lab/docker/connect/ssh.ts';
import { usualSockets } from '../../src/lab/docker/connect/well-known-sockets.ts';

const tls = { folder: '/certs', verify: true, needsCa: true };

describe('an address', () => {
  it.each([
    ['unix:///var/run/docker.sock', { kind: 'unix', path: '/var/run/docker.sock' }],
    ['unix://', { kind: 'unix', path: '/var/run/docker.sock' }],
    [' unix:///a b/docker.sock\n', { kind: 'unix', path: '/a b/docker.sock' }],
    ['tcp://box:2376', { kind: 'tcp', host: 'box', port: 2376, tls: null }],
    ['tcp://box', { kind: 'tcp', host: 'box', port: 2375, tls: null }],
    ['tcp://box/', { kind: 'tcp', host: 'box', port: 2375, tls: null }],
    ['tcp://[::1]:2375', { kind: 'tcp', host: '::1', port: 2375, tls: null }],
    ['10.0.0.7:4000', { kind: 'tcp', host: '10.0.0.7', port: 4000, tls: null }],
    ['ssh://box', { kind: 'ssh', user: null, host: 'box', port: null, socket: null }],
    ['ssh://me@box:2222', { kind: 'ssh', user: 'me', host: 'box', port: 2222, socket: null }],
    ['ssh://me@[fe80::1]', { kind: 'ssh', user: 'me', host: 'fe80::1', port: null, socket: null }],
    [
      'ssh://box/run/user/1000/docker.sock',
      { kind: 'ssh', user: null, host: 'box', port: null, socket: '/run/user/1000/docker.sock' },
    ],
  ])('the engine address %j is read', (value, address) => {
    expect(parseEngineAddress(value, null)).toEqual(address);
  });

  it('an engine address with TLS has another default port', () => {
    expect(parseEngineAddress('tcp://box', tls)).toEqual({ kind: 'tcp', host: 'box', port: 2376, tls });
  });

  it.each([
    ['npipe:////./pipe/docker_engine', 'it is a named pipe of Windows', 'Run the workshop inside WSL 2.'],
    [
      'unix://run/docker.sock',
      'the path of its socket does not begin with "/"',
      'Write unix:///run/docker.sock, with three slashes.',
    ],
    ['http://box:2375', '"http://" is not an address the workshop knows', /^Write it as unix:/],
    ['tcp://box:99999', 'it is not an address', /^Write it as unix:/],
    ['tcp://box:2375/v1', 'it has a path after the port', 'Write tcp://host:port.'],
    ['ssh://me:secret@box', 'it has a password in it', /^Use an ssh key/],
    ['ssh://', 'it names no host for ssh', 'Write ssh://user@host.'],
    ['ssh://-oProxyCommand=x', 'it names no host for ssh', 'Write ssh://user@host.'],
    ['ssh://-l@box', 'it names no host for ssh', 'Write ssh://user@host.'],
    ['ssh://box/run/$(x).sock', 'the path of its socket has signs that a shell would read', 'Write ssh://user@host.'],
  ])('the engine address %j is refused in one sentence', (value, why, instead) => {
    expect(parseEngineAddress(value, null)).toEqual({
      why,
      instead: typeof instead === 'string' ? instead : expect.stringMatching(instead),
    });
  });

  it.each([
    'unix:///var/run/docker.sock',
    'tcp://box:2376',
    'tcp://[::1]:2375',
    'ssh://me@box:2222',
    'ssh://box/run/d.sock',
  ])('the engine address %j is written as it was read', (value) => {
    const address = parseEngineAddress(value, null);
    expect('kind' in address && hostValue(address)).toBe(value);
  });

  it("a socket's address is shown without its scheme, and a password in an address never", () => {
    expect(shownAddress({ kind: 'unix', path: '/a.sock' })).toBe('/a.sock');
    expect(withoutPassword('ssh://me:secret@box:22/x')).toBe('ssh://me:********@box:22/x');
    expect(withoutPassword('tcp://box:2375')).toBe('tcp://box:2375');
  });

  it('an ssh address becomes arguments of ssh that cannot be read as options', () => {
    const options = ['-T', '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=10', '-o', 'ServerAliveInterval=15'];
    const box = { kind: 'ssh', user: 'me', host: 'box', port: 2222, socket: '/run/d.sock' } as const;
    expect(sshArguments(box)).toEqual([
      ...options,
      ...['-p', '2222', '-l', 'me', '--', 'box', 'docker', '-H', 'unix:///run/d.sock', 'system', 'dial-stdio'],
    ]);
    expect(sshArguments({ ...box, user: null, port: null, socket: null })).toEqual([
      ...options,
      ...['--', 'box', 'docker', 'system', 'dial-stdio'],
    ]);
  });

  it('an engine address is of this machine, or not', () => {
    const hosts = ['localhost', '127.0.0.1', '127.1.2.3', '::1', 'box.example', '10.255.255.254'];
    expect(hosts.filter(isThisMachine)).toEqual(['localhost', '127.0.0.1', '127.1.2.3', '::1']);
  });
});

describe('the chosen context', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'rw-context-'));
    mkdirSync(join(home, '.docker'));
  });
  afterEach(() => rmSync(home, { recursive: true }));
  const idOf = (name: string) => createHash('sha256').update(name).digest('hex');
  const write = (path: string, text: string) => {
    mkdirSync(join(home, '.docker', path, '..'), { recursive: true });
    writeFileSync(join(home, '.docker', path), text);
  };
  const meta = (name: string, docker: unknown) =>
    write(`contexts/meta/${idOf(name)}/meta.json`, JSON.stringify({ Name: name, Endpoints: { docker } }));
  const config = (text: string) => write('config.json', text);
  const chosen = (env: NodeJS.ProcessEnv = {}) => chosenContext(env, home);

  it('no context is chosen without a configuration or a choice, or with the name “default”', () => {
    expect(chosen()).toBeNull();
    config('{"auths":{}}');
    expect(chosen()).toBeNull();
    config('{"currentContext":""}');
    expect(chosen()).toBeNull();
    config('{"currentContext":"default"}');
    expect(chosen()).toBeNull();
    config('{"currentContext":"mine"}');
    expect(chosen({ DOCKER_CONTEXT: 'default' })).toBeNull();
  });

  it("a context's address is in a folder of its own, with TLS if there are files or no verification", () => {
    config('{"currentContext":"mine"}');
    meta('mine', { Host: 'tcp://box:2376', SkipTLSVerify: false });
    expect(chosen()).toEqual({ name: 'mine', host: 'tcp://box:2376', tls: null });
    const folder = join(home, '.docker/contexts/tls', idOf('mine'), 'docker');
    meta('mine', { Host: 'tcp://box:2376', SkipTLSVerify: true });
    expect(chosen()).toMatchObject({ tls: { folder, verify: false, needsCa: false } });
    mkdirSync(folder, { recursive: true });
    meta('mine', { Host: 'tcp://box:2376' });
    expect(chosen()).toMatchObject({ tls: { folder, verify: true, needsCa: false } });
  });

  it('the context is read from the folder that DOCKER_CONFIG names', () => {
    const env = { DOCKER_CONFIG: join(home, '.docker'), DOCKER_CONTEXT: 'mine' };
    meta('mine', { Host: 'unix:///a.sock' });
    expect(chosenContext(env, '/nowhere')).toEqual({ name: 'mine', host: 'unix:///a.sock', tls: null });
    expect([configFolder(env, '/home/me'), configFolder({ DOCKER_CONFIG: '' }, '/home/me')]).toEqual([
      join(home, '.docker'),
      '/home/me/.docker',
    ]);
  });

  it('a broken context configuration says what is wrong', () => {
    const why = () => {
      const found = chosen();
      return found && 'why' in found ? found.why : found;
    };
    const path = (name: string) => join(home, '.docker', name);
    config('{"currentContext":');
    expect(why()).toBe(`${path('config.json')} cannot be used: it is not JSON, or only a part of it`);
    config('"mine"');
    expect(why()).toBe(`${path('config.json')} cannot be used: what it holds is a text instead of an object`);
    config('{"currentContext":"mine"}');
    expect(why()).toBe('there is no context of that name');
    write(`contexts/meta/${idOf('mine')}/meta.json`, '');
    expect(why()).toMatch(/meta.json cannot be used: it is not JSON/);
    write(`contexts/meta/${idOf('mine')}/meta.json`, '{"Endpoints":{"docker":{"Host":7}}}');
    expect(why()).toMatch(/meta.json cannot be used: "Endpoints.docker.Host" is a number instead of a text/);
    meta('mine', undefined);
    expect(why()).toBe('it does not say where its engine is');
    rmSync(path('config.json'));
    mkdirSync(path('config.json'));
    expect(why()).toBe(`${path('config.json')} cannot be read (EISDIR)`);
  });
});

describe('the usual sockets', () => {
  const paths = (env: NodeJS.ProcessEnv, platform: NodeJS.Platform) =>
    usualSockets(env, { home: '/home/me', uid: 1000, platform }).map(({ path }) => path);

  it('the usual sockets of Linux are tried in order', () => {
    expect(paths({}, 'linux')).toEqual([
      '/var/run/docker.sock',
      '/home/me/.docker/run/docker.sock',
      '/home/me/.docker/desktop/docker.sock',
      '/home/me/.colima/default/docker.sock',
      '/home/me/.config/colima/default/docker.sock',
      '/home/me/.orbstack/run/docker.sock',
      '/home/me/.rd/docker.sock',
      '/run/user/1000/docker.sock',
      '/run/user/1000/podman/podman.sock',
      '/run/podman/podman.sock',
    ]);
  });

  it('the usual sockets of macOS are tried in order', () => {
    expect(paths({ TMPDIR: '/var/folders/x/T/' }, 'darwin')).toEqual([
      '/var/run/docker.sock',
      '/home/me/.docker/run/docker.sock',
      '/home/me/.docker/desktop/docker.sock',
      '/home/me/.colima/default/docker.sock',
      '/home/me/.config/colima/default/docker.sock',
      '/home/me/.orbstack/run/docker.sock',
      '/home/me/.rd/docker.sock',
      '/home/me/.local/share/containers/podman/machine/podman.sock',
      '/var/folders/x/T/podman/podman-machine-default-api.sock',
    ]);
  });

  it('the usual sockets follow XDG_RUNTIME_DIR, XDG_CONFIG_HOME and COLIMA_HOME', () => {
    const env = { XDG_RUNTIME_DIR: '/run/me', XDG_CONFIG_HOME: '/conf', COLIMA_HOME: '/colima' };
    expect(paths(env, 'linux')).toEqual(
      expect.arrayContaining([
        '/colima/default/docker.sock',
        '/conf/colima/default/docker.sock',
        '/run/me/docker.sock',
        '/run/me/podman/podman.sock',
      ]),
    );
  });
});
