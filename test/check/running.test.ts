import { expect, test } from 'vitest';
import { runs, separateClusters } from '../../src/check/running.ts';
import { downs } from './down.ts';
import { at, cannotAsk, cloned, diskOf, running, sqlOf, stopped } from './lab.ts';
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
