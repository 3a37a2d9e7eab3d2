/** A TCP relay that adds distance between two servers: every byte arrives, in order, `delayMs` later. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export type RelayPlan = {
  readonly host: string;
  readonly port: number; // 0: any free port
  readonly to: { readonly host: string; readonly port: number };
  readonly delayMs: number; // one way
};
export type Relay = AsyncDisposable & { readonly port: number };

/** Listens until it is disposed of, which ends all its connections. Rejects when the port is taken (EADDRINUSE). */
export async function startRelay({ host, port, to, delayMs }: RelayPlan): Promise<Relay> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (incoming) => {
    const outgoing = connect({ ...to, allowHalfOpen: true, noDelay: true });
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    }
    // An error in one direction (reset, refused) ends both. The two clients notice it themselves.
    const both = [pipeline(incoming, delay(delayMs), outgoing), pipeline(outgoing, delay(delayMs), incoming)];
    Promise.all(both).catch(() => {
      incoming.destroy();
      outgoing.destroy();
    });
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/**
 * Accepts each chunk at once and passes it on after `ms`, so that distance costs time but no bandwidth. Timers of equal
 * length fire in the order in which they were set. Back-pressure works: a full Transform accepts nothing.
 */
function delay(ms: number): Transform {
  return new Transform({
    transform(chunk, _encoding, done) {
      setTimeout(() => this.destroyed || this.push(chunk), ms);
      done();
    },
    flush(done) {
      setTimeout(done, ms);
    },
  });
}
