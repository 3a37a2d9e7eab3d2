/** A socket in front of the engine's own that a test can close and open; every user may use it. */
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type SocketProxy = AsyncDisposable & {
  readonly socketPath: string;
  /** Removes the socket and cuts all connections. */
  close(): Promise<void>;
  open(): Promise<void>;
  /** While held, connections stay open and no byte of the engine arrives. */
  hold(held: boolean): void;
  /** Cuts all connections when the engine has sent this many more bytes. */
  cutAfter(bytes: number): void;
};

export async function socketProxy(engine: string): Promise<SocketProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'rw-socket-'));
  chmodSync(folder, 0o755);
  const socketPath = join(folder, 'docker.sock');
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let held = false;
  let left = Number.POSITIVE_INFINITY;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const take = (near: Socket) => {
    const far = connect({ path: engine, allowHalfOpen: true });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined); // the close event ends the other side
      socket.once('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far);
    if (held) far.pause();
    far.on('data', (bytes: Buffer) => {
      left -= bytes.length;
      near.write(bytes);
      if (left <= 0) cut();
    });
    if (held) far.pause();
    far.on('end', () => near.end());
  };
  const proxy: SocketProxy = {
    socketPath,
    async open() {
      left = Number.POSITIVE_INFINITY;
      server = createServer({ allowHalfOpen: true }, take).listen(socketPath);
      await once(server, 'listening');
      chmodSync(socketPath, 0o777);
    },
    async close() {
      if (!server) return;
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
      server = undefined;
    },
    hold(wanted) {
      held = wanted;
      for (const socket of sockets) wanted ? socket.pause() : socket.resume();
    },
    cutAfter(bytes) {
      left = bytes;
    },
    async [Symbol.asyncDispose]() {
      await proxy.close();
      rmSync(folder, { recursive: true });
    },
  };
  await proxy.open();
  return proxy;
}
