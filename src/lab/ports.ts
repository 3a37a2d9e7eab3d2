/** Ports of this machine that nobody has. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { ProblemError } from './problem.ts';

const step = 5; // so that neighbours stay neighbours, and the last digit tells the server

/** The usual port, else the first free one that no other plan of this workshop uses by habit. */
export async function freePort(usual: number, taken: ReadonlySet<number>): Promise<number> {
  for (let port = usual; port < 65_536; port += step) {
    if (!taken.has(port) && (await isFree(port))) return port;
  }
  throw noneFree(usual);
}

/** All of the usual ports, else all of them moved by the same. `anywhere`: the search begins at a place that others do not choose as well. */
export async function freePorts(usual: readonly number[], anywhere: boolean): Promise<readonly number[]> {
  const begin = anywhere ? step * randomInt(1, 200) : 0;
  for (let by = begin; Math.max(...usual) + by < 65_536; by += step) {
    const ports = usual.map((port) => port + by);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return ports;
  }
  throw noneFree(usual[0] ?? 0);
}

const noneFree = (usual: number): ProblemError =>
  new ProblemError({
    what: `No port from ${usual} on is free on this machine.`,
    fix: 'Stop a program that listens there.',
  });

/** Below the range from which the system takes the ports of outgoing connections: what is free now stays free. */
export async function anyFreePort(taken: ReadonlySet<number>): Promise<number> {
  for (;;) {
    const port = randomInt(15_000, 31_000);
    if (!taken.has(port) && (await isFree(port))) return port;
  }
}

/** Nobody listens on this port of 127.0.0.1 now. */
export const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
