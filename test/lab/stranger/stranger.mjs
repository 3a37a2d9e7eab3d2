/**
 * The attempts of a second user, run as that user: reads a list of attempts from stdin, and prints the result of each.
 * The result of an attempt that fails is null.
 */
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';

const deeds = {
  read: ({ path }) => readFileSync(path).subarray(0, 4096).toString('latin1'),
  memory({ path }) {
    const handle = openSync(path, 'r');
    try {
      return String(readSync(handle, Buffer.alloc(16), 0, 16, 0x400000));
    } finally {
      closeSync(handle);
    }
  },
  list: ({ path }) => readdirSync(path).join(' ') || 'an empty folder',
  link: ({ path }) => readlinkSync(path),
  append({ path }) {
    closeSync(openSync(path, 'r+'));
    return 'could be written';
  },
  make({ path }) {
    const file = join(path, `stranger-${process.pid}`);
    writeFileSync(file, 'x', { flag: 'wx' });
    rmSync(file);
    return 'could make a file';
  },
  signal({ pid }) {
    process.kill(pid, 'SIGCONT');
    return 'could be signalled';
  },
  socket: ({ path }) =>
    new Promise((resolve) => {
      const socket = connect(path);
      socket.on('connect', () => resolve('connected') || socket.destroy());
      socket.on('error', () => resolve(null));
    }),
  listen: ({ path }) =>
    new Promise((resolve) => {
      const server = createServer();
      server.on('error', () => resolve(null));
      server.listen(path, () => server.close(() => resolve('listens there')));
    }),
  async login({ kind: _, ...where }) {
    const client = new pg.Client({ ...where, ssl: false, connectionTimeoutMillis: 5000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return 'let in';
    } finally {
      await client.end().catch(() => undefined);
    }
  },
};

const attempts = JSON.parse(readFileSync(0, 'utf8'));
const got = [];
for (const attempt of attempts) {
  try {
    got.push(await deeds[attempt.kind](attempt));
  } catch {
    got.push(null);
  }
}
process.stdout.write(JSON.stringify({ uid: process.getuid(), got }));
