/**
 * Finds free ports of this machine. A port that was found is claimed until this program ends: labs that are made at the
 * same time get different ones, also before their servers listen. The claim is a Unix socket with an abstract name,
 * which one program of a network namespace can have (unix(7)), and which only Linux has; elsewhere no port is claimed.
 */
import { randomInt } from 'node:crypto';
import { connect, createServer, type Server } from 'node:net';
import { ProblemError } from '../problem.ts';
import { refusedBy } from '../refused.ts';

const step = 5; // so that neighbours stay neighbours, and the last digit identifies the server

/** The usual port, else the first free one in steps of `step`. Throws a ProblemError when there is none. */
export async function freePort(usual: number, taken: ReadonlySet<number>): Promise<number> {
  for (let port = usual; port < 65_536; port += step) {
    if (!taken.has(port) && (await claimFree(port))) return port;
  }
  throw noneFree(usual);
}

/** All of the usual ports, or all moved by one number. `anywhere`: starts at a random one, as others search too. */
export async function freePorts(usual: readonly number[], anywhere: boolean): Promise<readonly number[]> {
  const begin = anywhere ? step * randomInt(1, 200) : 0;
  for (let by = begin; Math.max(...usual) + by < 65_536; by += step) {
    const ports = usual.map((port) => port + by);
    const free = await Promise.all(ports.map(claimFree));
    if (free.every(Boolean)) return ports;
  }
  throw noneFree(usual[0] ?? 0);
}

const noneFree = (usual: number): ProblemError =>
  new ProblemError({
    what: `No port from ${usual} on is free on this machine.`,
    fix: 'Stop a program that listens there.',
  });

/** A random port below the range of outgoing connections, so that a port that is free now stays free. */
export async function anyFreePort(taken: ReadonlySet<number>): Promise<number> {
  for (;;) {
    const port = randomInt(15_000, 31_000);
    if (!taken.has(port) && (await claimFree(port))) return port;
  }
}

const claims = new Map<number, Server>();

/** True when this program has the port now, and no program listens on it. */
async function claimFree(port: number): Promise<boolean> {
  if (!(await claim(port))) return false;
  if (await isPortFree(port)) return true;
  claims.get(port)?.close();
  claims.delete(port);
  return false;
}

/** Resolves with false when another workshop has it. */
const claim = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    if (claims.has(port) || process.platform !== 'linux') return resolve(true);
    const server = createServer((stranger) => stranger.destroy());
    // A machine that does not allow such sockets only has no claims.
    server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'EADDRINUSE'));
    server.listen(`\0repl-workshop port ${port}`, () => {
      claims.set(port, server.unref());
      resolve(true);
    });
  });

/**
 * True when no program listens on this port of 127.0.0.1. Rejects with a ProblemError when 127.0.0.1 cannot be reached.
 */
export const isPortFree = (port: number): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    const unreachable = (error: NodeJS.ErrnoException) =>
      reject(noNetwork.includes(error.code ?? '') ? noLoopback(error) : (refusedBy(error) ?? error));
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else unreachable(error);
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      // Some systems let a program listen on an address that nothing can reach.
      const probe = connect({ port, host: '127.0.0.1' }, () => {
        probe.destroy();
        server.close(() => resolve(true));
      });
      probe.once('error', (error) => server.close(() => unreachable(error)));
    });
  });

const noNetwork: readonly string[] = ['EADDRNOTAVAIL', 'ENETDOWN', 'ENETUNREACH', 'EHOSTUNREACH'];

const noLoopback = (cause: Error): ProblemError =>
  new ProblemError(
    {
      what: 'This machine has no 127.0.0.1: its loopback network is down, and the servers of a lab listen there.',
      fix: 'As root: ip link set lo up',
    },
    3,
    { cause },
  );
