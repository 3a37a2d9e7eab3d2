/**
 * A name server that knows no name. Containers ask it for names that Docker's own does not know, and get "Name or
 * service not known" at once. On a machine without a network they would wait, and then get another error.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

const headerBytes = 12;
const noSuchName = 0x8183; // flags of RFC 1035: an answer, recursion desired and available, NXDOMAIN

export async function answerNoNames(address: string): Promise<AsyncDisposable> {
  const socket = createSocket('udp4');
  socket.on('message', (question, { port, address: asker }) => {
    if (question.length < headerBytes) return;
    const answer = Buffer.from(question);
    answer.writeUInt16BE(noSuchName, 2);
    socket.send(answer, port, asker);
  });
  socket.bind(53, address);
  await once(socket, 'listening');
  return {
    [Symbol.asyncDispose]: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
}
