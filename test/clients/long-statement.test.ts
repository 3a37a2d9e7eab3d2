/** The small psql with long statements takes linear time, and ends at a signal. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { reportMessage } from '../../src/clients/message.ts';
import { type ScannedPiece, scanner } from '../../src/clients/psql/typing/scan.ts';

const cpu = (work: () => void): number => {
  const begun = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1000;
};
const scanned = (text: string): readonly ScannedPiece[] => [...scanner(() => undefined).line(text)];

test.each([
  ['a long literal', (n: number) => `SELECT '${'a'.repeat(n)}';`],
  ['many doubled quotes', (n: number) => `SELECT '${"''".repeat(n / 2)}';`],
  ['many words', (n: number) => `${'select '.repeat(n / 7)};`],
  ['many statements', (n: number) => 'a;'.repeat(n / 2)],
  ['backslashes', (n: number) => '\\a'.repeat(n / 2)],
  ['open comments', (n: number) => '/*'.repeat(n / 2)],
  ['dollars', (n: number) => '$a$b'.repeat(n / 4)],
  ['brackets', (n: number) => '('.repeat(n)],
])('the scan of four times as many %s takes about four times as long', (_, of) => {
  cpu(() => scanned(of(20_000)));
  const [short, long] = [cpu(() => scanned(of(200_000))), cpu(() => scanned(of(800_000)))];
  expect(long).toBeLessThan(10 * Math.max(short, 40)); // four times the text; quadratic time would be 16
});

test('an error in a statement of a megabyte is shown at once, with its position', () => {
  const query = `SELECT '${'é'.repeat(1_000_000)}' FROM nowhere, ${'x'.repeat(500_000)}`;
  const position = String([...query].indexOf('n', 1_000_000) + 1);
  let text = '';
  const spent = cpu(() => {
    text = reportMessage({ severity: 'ERROR', message: 'relation "nowhere" does not exist', position }, query);
  });
  expect(spent).toBeLessThan(3000);
  expect(text.split('\n')[1]).toMatch(/^LINE 1: \.\.\.é+' FROM nowhere, x+\.\.\.$/);
});

test.each(['psql', 'pg_basebackup'])('%s that waits for a server ends at SIGTERM and at SIGHUP', async (client) => {
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const asked = once(silent, 'connection');
    const child = spawn(
      process.execPath,
      [
        resolve('dist/repl-workshop.cjs'),
        'client',
        client,
        '-h',
        '127.0.0.1',
        '-p',
        String(port),
        ...(client === 'psql' ? ['-c', 'SELECT 1'] : ['-D', '/nowhere/at/all']),
      ],
      { stdio: 'ignore' },
    );
    const ended = once(child, 'exit');
    const [socket] = (await asked) as [Socket];
    child.kill(signal);
    await ended;
    socket.destroy();
    silent.close();
    expect(child.signalCode).toBe(signal);
  }
});
