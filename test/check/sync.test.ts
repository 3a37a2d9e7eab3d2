import { expect, test } from 'vitest';
import { syncNames } from '../../src/check/sync/names.ts';
import { isSync } from '../../src/check/sync/sync.ts';
import {
  at,
  autoConf,
  cannotAsk,
  conf,
  disk,
  failed,
  inEffect,
  type LabState,
  loads,
  names,
  noSender,
  sender,
  sqlOf,
  stopped,
} from './lab.ts';
import { prove } from './prove.ts';

const line = (value: string) => `synchronous_standby_names = '${value}'`;
const value = (text: string) => at(10, names(text));
const unreadable = {
  'the folder cannot be read': at(
    10,
    (lab: LabState) => void Object.assign(lab.now.servers.master, { disk: { what: 'EACCES', fix: 'chmod' } }),
  ),
};

prove('syncNames', syncNames('master', 'slave1'), {
  right: {
    "the lesson's line": at(11),
    'FIRST in capitals': value('FIRST 1 (slave1)'),
    'the name alone': value('slave1'),
    'a number and the name': value('1 (slave1)'),
    'a star': value('*'),
    'another case': value('first 1 (Slave1)'),
    'in double quotes': value('first 1 ("slave1")'),
    'more names': value('first 1 (slave1, slave2)'),
    'ALTER SYSTEM': at(10, autoConf('master', line('first 1 (slave1)')), loads('master')),
    'a wrong line that does not count': at(10, conf('master', line('first 1 (slave9)')), names('first 1 (slave1)')),
    'the slave is down': at(11, stopped('slave'), noSender),
  },
  warned: { 'a quorum': value('ANY 1 (slave1)') },
  wrong: [
    ['no-answer', 'the master is stopped', at(11, stopped('master'))],
    ['not-set', 'nothing done', at(10)],
    ['not-set', 'an empty value', value('')],
    ['names-commented', 'with a # before it', at(10, conf('master', `#${line('first 1 (slave1)')}`))],
    ['set-on-the-slave', 'the other server', at(10, conf('slave', line('first 1 (slave1)')))],
    ['unknown-parameter', "the tutorial's name", at(10, conf('master', "sync_standby_names = 'first 1 (slave1)'"))],
    [
      'unknown-parameter',
      'and the master did not start',
      at(
        10,
        conf('master', "sync_standby_names = 'first 1 (slave1)'"),
        failed('master', 'FATAL:  configuration file "x" contains errors'),
      ),
    ],
    ['unknown-parameter', 'beside the right one', at(11, conf('master', "sync_standby_names = 'first 1 (slave1)'"))],
    ['conf-error', 'no end quote', at(10, conf('master', "synchronous_standby_names = 'first 1 (slave1)"))],
    ['names-syntax-error', 'no brackets', value('first 1 slave1')],
    ['names-syntax-error', 'no number', value('first (slave1)')],
    ['names-syntax-error', 'zero', value('first 0 (slave1)')],
    ['hyphen', 'not quoted', value('first 1 (slave-1)')],
    ['number-as-name', 'one', value('1')],
    ['name-differs', 'another name', value('first 1 (slave2)')],
    ['more-than-there-are', 'two of one', value('first 2 (slave1)')],
    ['more-than-there-are', 'two, and one is connected', value('first 2 (slave1, slave2)')],
    ['not-loaded', 'no reload', at(10, conf('master', line('first 1 (slave1)')))],
    [
      'reload-refused',
      'another line is wrong',
      at(
        10,
        conf('master', line('first 1 (slave1)')),
        (lab) =>
          void sqlOf(lab, 'master').confErrors.push({
            file: 'rep/master_data/postgresql.conf',
            line: 3,
            name: 'foo',
            error: 'unrecognized configuration parameter',
          }),
      ),
    ],
    [
      'command-line-wins',
      '-c at the start',
      at(11, inEffect('master', 'synchronous_standby_names', '', 'command line')),
    ],
    ['shadowed-by-auto-conf', 'emptied by ALTER SYSTEM', at(11, autoConf('master', line('')), loads('master'))],
    ['shadowed-by-a-later-line', 'twice in the file', at(11, names('first 1 (slave9)'))],
  ],
  unknown: { ...unreadable, 'written, but the master cannot be asked': at(11, cannotAsk('master')) },
});

test('syncNames says when the file was saved and when the master last read it', () => {
  expect(syncNames('master', 'slave1')(at(10, conf('master', line('first 1 (slave1)'))))).toMatchObject({
    seen: expect.stringMatching(
      /^rep\/master_data\/postgresql.conf saved \d\d:02:11, but master last read its files at \d\d:02:12: it still uses an empty value$/,
    ),
    at: { server: 'master', file: 'rep/master_data/postgresql.conf', line: 2 },
    next: [{ do: 'reload', on: 'master' }],
  });
});

test('syncNames ignores the names that the clone has from the master', () => {
  expect(syncNames('master', 'slave1')(at(11, conf('slave', line('first 1 (slave1)'))))).toMatchObject({
    kind: 'pass',
  });
});

prove('isSync', isSync('master', 'slave1'), {
  right: { 'sync with priority 1': at(11) },
  warned: { quorum: at(11, sender({ syncState: 'quorum' })) },
  wrong: [
    ['no-answer', 'the master is stopped', at(11, stopped('master'))],
    ['sender-missing', 'the slave is down, no names', at(10, stopped('slave'), noSender)],
    ['deadlock', 'names set, no standby connected', at(11, stopped('slave'), noSender)],
    ['deadlock', 'connected under another name', at(11, sender({ applicationName: 'walreceiver' }))],
    ['async', 'no names', at(10)],
    ['async', 'another name', at(10, names('first 1 (slave9)'))],
    ['catching-up', 'potential as yet', at(11, sender({ state: 'catchup', syncState: 'potential' }))],
    ['potential', 'another is before it', at(11, sender({ syncState: 'potential', syncPriority: 2 }))],
    ['priority', 'second of two', at(11, sender({ syncPriority: 2 }))],
  ],
});

test('syncNames ignores unreadable files of the slave', () => {
  expect(
    syncNames(
      'master',
      'slave1',
    )(at(11, disk('slave', { conf: [{ path: 'rep/slave_data/postgresql.conf', unreadable: 'x' }] }))),
  ).toMatchObject({ kind: 'pass' });
});
