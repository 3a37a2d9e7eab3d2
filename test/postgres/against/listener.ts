/**
 * A listener that libpq takes for a server: it asks for the password in clear text, then refuses the connection with an
 * error message that contains all that libpq has sent.
 */
import { chmodSync, mkdirSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';

export type Told = {
  readonly via: 'socket' | 'tcp';
  readonly startup: Readonly<Record<string, string>>;
  readonly password: string;
};
export type Listener = AsyncDisposable & { readonly folder: string; readonly port: number };

/**
 * Listens on 127.0.0.1 and on a Unix socket in `folder`, both with the same port. The socket is open to all users,
 * because root's servers run as another user.
 */
export async function listen(folder: string): Promise<Listener> {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  const tcp = createServer((socket) => answer(socket, 'tcp'));
  await opened(tcp, 0);
  const address = tcp.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const local = createServer((socket) => answer(socket, 'socket'));
  const socket = join(folder, `.s.PGSQL.${port}`);
  await opened(local, socket);
  chmodSync(socket, 0o777);
  return {
    folder,
    port,
    async [Symbol.asyncDispose]() {
      await Promise.all([tcp, local].map((server) => new Promise((closed) => server.close(closed))));
    },
  };
}

function opened(server: Server, where: number | string): Promise<void> {
  return new Promise((done, failed) => {
    server.once('error', failed);
    if (typeof where === 'number') server.listen(where, '127.0.0.1', () => done());
    else server.listen(where, () => done());
  });
}

const encrypted = [80877103, 80877104]; // SSLRequest, GSSENCRequest

function answer(socket: Socket, via: Told['via']): void {
  let unread = Buffer.alloc(0);
  let startup: Told['startup'] | undefined;
  socket.on('error', () => socket.destroy()); // libpq has closed the connection, because it had no password
  socket.on('data', (data) => {
    unread = Buffer.concat([unread, data]);
    for (;;) {
      const kindLength = startup ? 1 : 0; // messages before the startup have no type byte
      if (unread.length < kindLength + 4) return;
      const length = kindLength + unread.readInt32BE(kindLength);
      if (unread.length < length) return;
      const message = unread.subarray(kindLength + 4, length);
      unread = unread.subarray(length);
      if (startup) return void socket.end(refusal({ via, startup, password: message.toString().replace(/\0$/, '') }));
      if (encrypted.includes(message.readInt32BE(0))) socket.write('N');
      else {
        startup = pairs(message.subarray(4));
        socket.write(Buffer.from([...Buffer.from('R'), 0, 0, 0, 8, 0, 0, 0, 3]));
      }
    }
  });
}

function pairs(list: Buffer): Readonly<Record<string, string>> {
  const words = list.toString().split('\0');
  const found: [string, string][] = [];
  for (let at = 0; words[at]; at += 2) found.push([words[at] ?? '', words[at + 1] ?? '']);
  return Object.fromEntries(found);
}

function refusal(told: Told): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C28000\0M${JSON.stringify(told)}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
