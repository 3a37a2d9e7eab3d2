/**
 * Listens on a server's port, asks every client for its password (argv[3]: 3 in clear text, 5 as an MD5 hash), and
 * prints what it receives, in hex.
 */
import { createServer } from 'node:net';

const [port, how] = process.argv.slice(2).map(Number);
const salt = how === 5 ? Buffer.from('salt') : Buffer.alloc(0);
const question = Buffer.alloc(9 + salt.length);
question.write('R');
question.writeInt32BE(8 + salt.length, 1);
question.writeInt32BE(how, 5);
salt.copy(question, 9);

createServer((socket) => {
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => {
    process.stdout.write(`${bytes.toString('hex')}\n`);
    const isSslRequest = bytes.length === 8 && bytes.readInt32BE(4) === 80877103;
    socket.write(isSslRequest ? 'N' : question);
  });
}).listen(port, '127.0.0.1', () => process.stdout.write('listens\n'));
