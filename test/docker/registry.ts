/** A registry of the tests, without a connection to other machines. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { until } from '../../src/lab/machine/until.ts';
import { missingPrograms } from './engine.ts';

/** `address` is like '127.0.0.1:40123'. */
export type Registry = AsyncDisposable & { readonly address: string };

/** Starts Debian's docker-registry at an address that the engine can reach. */
export async function startRegistry(folder: string, host: string): Promise<Registry | { readonly why: string }> {
  const why = missingPrograms([['docker-registry', 'docker-registry']]);
  if (why) return { why };
  const address = `${host}:${await freePort(host)}`;
  const config = {
    version: 0.1,
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: folder } },
    http: { addr: address },
  };
  writeFileSync(join(folder, 'config.yml'), JSON.stringify(config));
  const child = spawn('docker-registry', ['serve', join(folder, 'config.yml')], { stdio: 'ignore' });
  const ended = once(child, 'close');
  if (
    !(await until(() => child.exitCode !== null || answers(address), { deadlineMs: 20_000 })) ||
    child.exitCode !== null
  )
    throw new Error('docker-registry does not start');
  return {
    address,
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
    },
  };
}

export async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

function answers(address: string): Promise<boolean> {
  const [host, port] = address.split(':');
  return new Promise((resolve) => {
    const socket = connect(Number(port), host);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
