/** A false server on the port of a server that is down: what it asks for, and what it gets. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { openPgSession } from '../../src/clients/session.ts';
import { target } from '../../src/clients/target.ts';
import { scramOrNone } from '../../src/lab/machine/own-environment.ts';

const message = (type: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};
const authentication = (kind: number, more = ''): Buffer => {
  const number = Buffer.alloc(4);
  number.writeInt32BE(kind);
  return message('R', Buffer.concat([number, Buffer.from(more, 'latin1')]));
};
const ready = message('Z', Buffer.from('I'));
const letIn = Buffer.concat([authentication(0), ready]);
const scram = authentication(10, 'SCRAM-SHA-256\0\0');
const salted = (first: string, iterations: number) =>
  authentication(11, `r=${/r=(.*)$/s.exec(first)?.[1]}AAAA,s=QUFBQUFBQUFBQUFBQUFBQQ==,i=${iterations}`);

/**
 * `answers` are the replies to the first, second … message of the client. `got` has the types of all messages after the
 * first.
 */
async function falseServer(answers: readonly ((message: string) => Buffer)[]) {
  const got: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    let turn = 0;
    socket.on('error', () => undefined); // the client may have closed the connection
    socket.on('data', (data) => {
      if (turn > 0) got.push(String.fromCharCode(data[0] ?? 0));
      const answer = answers[turn++];
      if (answer) socket.write(answer(data.toString('latin1')));
      else socket.end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    got,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

const known = { host: '127.0.0.1', user: 'postgres', dbname: 'postgres', password: 'secret' };

async function askAt(port: number, mayBeAnother: boolean): Promise<unknown> {
  const io = { env: scramOrNone, error: process.stderr, mayBeAnother: () => mayBeAnother };
  const asked = { ...known, port: String(port) };
  try {
    await using session = await openPgSession(target(io, asked), () => undefined);
    return session.target.port;
  } catch (error) {
    return (error as Error).message;
  }
}

it.each([
  ['a password in clear text', [() => authentication(3)], [], 'server requested a cleartext password'],
  ['an MD5 sum', [() => authentication(5, 'salt')], [], 'server requested a hashed password'],
  ['nothing', [() => letIn], [], 'server did not complete authentication'],
  ['half a proof', [() => scram, () => letIn], ['p'], 'server did not complete authentication'],
  [
    'a proof that is quickly guessed',
    [() => scram, (message: string) => salted(message, 1)],
    ['p'],
    'asked for 1 iterations',
  ],
])(
  'a false server on the port that asks for %s gets no password, proof or statement',
  async (_, answers, expectedTypes, why) => {
    await using stranger = await falseServer(answers);
    expect(await askAt(stranger.port, true)).toContain(why);
    expect(stranger.got).toEqual(expectedTypes); // SCRAM's first message has no proof
  },
);

it('a real server may accept without a password, as a line with "trust" says', async () => {
  await using server = await falseServer([() => letIn]);
  expect(await askAt(server.port, false)).toBe(server.port);
});
