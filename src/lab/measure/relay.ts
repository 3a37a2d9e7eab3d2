/** A TCP relay that puts distance between two servers: every byte arrives, in order, `delayMs` later. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export type RelayPlan = {
  readonly host: string;
  readonly port: number; // 0: any free one
  readonly to: { readonly host: string; readonly port: number };
  readonly delayMs: number; // one way
};
export type Relay = AsyncDisposable & { readonly port: number };

/** Listens until it is disposed; then every connection through it ends. Throws where the port is taken (EADDRINUSE). */
export async function startRelay({ host, port, to, delayMs }: RelayPlan): Promise<Relay> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const far = connect({ ...to, allowHalfOpen: true, noDelay: true });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    }
    // What ends one way badly (reset, refused) ends both; the two clients see it themselves, so there is nobody to tell here.
    const both = [pipeline(near, delay(delayMs), far), pipeline(far, delay(delayMs), near)];
    Promise.all(both).catch(() => {
      near.destroy();
      far.destroy();
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
 * Takes the next chunk at once and lets each go when its own time has come, so the distance costs time but no bandwidth. Timers of one
 * length fire in the order in which they were set. Back-pressure holds: a Transform takes nothing while its readable side is full.
 */
function delay(ms: number): Transform {
  return new Transform({
    transform(chunk, _encoding, taken) {
      setTimeout(() => this.destroyed || this.push(chunk), ms);
      taken();
    },
    flush(ended) {
      setTimeout(ended, ms);
    },
  });
}
