import { expect, test } from 'vitest';
import { runs, separateClusters } from '../../src/check/running.ts';
import { downs } from './down.ts';
import { at, cannotAsk, cloned, confOnly, diskOf, failed, running, sqlOf, stopped } from './lab.ts';
import { prove } from './prove.ts';

prove('runs', runs('master'), {
  right: {
    'both run': at(3),
    'the other one is stopped': at(3, stopped('slave')),
    'with a standby beside it': at(10),
    'the lab folder is reached by a link': at(
      3,
      (room) => void Object.assign(sqlOf(room, 'master'), { dataDirectory: '/private/tmp/lab/rep/master_data' }),
    ),
  },
  wrong: [
    ...downs,
    [
      'runs-as-a-standby',
      'a signal in its folder',
      at(3, (room) => void Object.assign(sqlOf(room, 'master'), { inRecovery: true })),
    ],
  ],
  unknown: {
    'the folder cannot be read': at(
      3,
      (room) => void Object.assign(room.now.servers.master, { disk: { what: 'EACCES', fix: 'chmod' } }),
    ),
    'turned away, and the files do not say why': at(3, cannotAsk('master')),
  },
});

test('names the line of the file that kept the server from starting', () => {
  const [, , seen] = downs.find(([cause]) => cause === 'config-error') ?? downs[0] ?? ['', '', at(2)];
  expect(runs('master')(seen)).toMatchObject({
    seen: 'master did not start, because of its configuration: unrecognized configuration parameter "sync_standby_names" in file "rep/master_data/postgresql.conf" line 892',
    at: { server: 'master', file: 'rep/master_data/postgresql.conf', line: 892 },
    next: [
      { do: 'edit', on: 'master', file: 'rep/master_data/postgresql.conf', line: 892 },
      { do: 'start', on: 'master' },
    ],
  });
});

const bindFailed = (port: number) => [
  'LOG:  could not bind IPv4 address "127.0.0.1": Address already in use',
  `HINT:  Is another postmaster already running on port ${port}? If not, wait a few seconds and retry.`,
  'FATAL:  could not create any TCP/IP sockets',
];

test('a port that the files of a clone still have is to be changed, at its line', () => {
  const clone = at(6, confOnly('slave', 'port = 5432'), failed('slave', ...bindFailed(5432)));
  expect(runs('slave')(clone)).toMatchObject({
    cause: 'port-taken',
    seen: 'slave could not have port 5432: another program listens there',
    next: [{ do: 'edit', file: 'rep/slave_data/postgresql.conf', line: 1, text: 'port = 5433' }, { do: 'start' }],
  });
});

test('a port that only the start asked for is no fault of the files', () => {
  expect(runs('slave')(at(3, failed('slave', ...bindFailed(5432))))).toMatchObject({
    cause: 'port-taken',
    seen: 'slave could not have port 5432: another program listens there',
    next: [{ do: 'start', on: 'slave' }],
  });
});

test('the right port, and a stranger on it: nobody is sent to edit the file', () => {
  const verdict = runs('master')(at(3, failed('master', ...bindFailed(5432))));
  expect(verdict).toMatchObject({ cause: 'port-taken', next: [{ do: 'say' }, { do: 'start' }, { do: 'say' }] });
});

test('the last client that was turned away is not why a server ended', () => {
  const killed = at(3, failed('master', 'FATAL:  password authentication failed for user "postgres"'));
  const verdict = runs('master')(killed);
  expect(verdict).toMatchObject({ kind: 'fail', cause: 'crashed' });
  expect(verdict).not.toHaveProperty('at');
});

test('throws when a lesson names a server that the lab does not have', () => {
  expect(() => runs('slave9')(at(3))).toThrow('slave9');
});

prove('separateClusters', separateClusters('master', 'slave'), {
  right: { 'two initdb': at(3), 'one is stopped': at(3, stopped('slave')) },
  wrong: [
    ['no-cluster', 'nothing yet', at(2)],
    ['no-cluster', 'only the master', at(2, running('master'))],
    ['copied-too-early', 'a copy already', at(3, cloned())],
  ],
  unknown: {
    'the folder cannot be read': at(
      3,
      (room) => void Object.assign(room.now.servers.master, { disk: { what: 'EACCES', fix: 'chmod' } }),
    ),
  },
});

test("a control file that is missing leaves the server's own word", () => {
  expect(
    separateClusters('master', 'slave')(at(3, (room) => void Object.assign(diskOf(room, 'slave'), { control: null }))),
  ).toMatchObject({ kind: 'pass' });
});
