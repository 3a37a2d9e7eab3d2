import { rowOnBoth, writeRefused } from '../../src/check/replication-works.ts';
import { at, disconnected, freshLog, type LabState, log, row, running, sqlOf, stopped, unread } from './lab.ts';
import { prove } from './prove.ts';

const paused = (lab: LabState) => void Object.assign(sqlOf(lab, 'slave').position, { paused: true });
const elsewhere = (lab: LabState) => void Object.assign(sqlOf(lab, 'master').newest ?? {}, { database: 'postgres' });
const anotherTable = (lab: LabState) => {
  for (const name of ['master', 'slave'] as const)
    Object.assign(sqlOf(lab, name).newest ?? {}, { table: 'guests', id: '(0,1)' });
};

prove('rowOnBoth', rowOnBoth('master', 'slave'), {
  right: {
    'one row': at(10),
    'the slave, looked at later, has one more': at(10, row('slave', '2')),
    'another table, without an id': at(10, anotherTable),
  },
  wrong: [
    ['no-answer', 'the master is down', at(10, stopped('master'))],
    ['slave-not-streaming', 'the slave is down', at(10, stopped('slave'))],
    ['no-table', 'nothing done', at(9)],
    ['table-in-the-wrong-database', 'in postgres', at(10, elsewhere)],
    ['no-row', 'only the table', at(10, row('master', null))],
    [
      'database-closed',
      'by its owner',
      at(9, (lab) => void Object.assign(sqlOf(lab, 'master'), { closed: ['master'] })),
    ],
    ['table-locked', 'by a session', at(10, unread('canceling statement due to lock timeout', 77))],
    ['table-locked', 'or not readable', at(10, unread('permission denied'))],
    ['not-on-slave-yet', 'not there', at(9, row('master', '1'))],
    ['not-on-slave-yet', 'an older one is there', at(10, row('master', '2'))],
    ['replay-paused', 'and forgotten', at(10, row('master', '2'), paused)],
    ['slave-not-streaming', 'cut off', at(10, disconnected())],
    ['slave-not-streaming', 'both wrote their own', at(3, row('master', '1'), row('slave', '1'))],
    [
      'slave-not-streaming',
      'a copy that runs as a primary',
      at(6, running('slave'), row('master', '1'), row('slave', '1')),
    ],
  ],
});

prove('writeRefused', writeRefused('slave', 'master'), {
  right: {
    'an INSERT': at(
      10,
      log(
        'slave',
        'ERROR:  cannot execute INSERT in a read-only transaction',
        'STATEMENT:  INSERT INTO visits (note) VALUES (1)',
      ),
    ),
    'a CREATE TABLE, and the slave stopped since': at(
      10,
      log('slave', 'ERROR:  cannot execute CREATE TABLE in a read-only transaction'),
      stopped('slave'),
    ),
  },
  wrong: [
    ['no-answer', 'the slave is down', at(10, stopped('slave'))],
    ['not-tried', 'nothing in the log', at(10)],
    ['wrote-on-the-master', 'the other port', at(10, row('master', '2'), row('slave', '2'))],
    ['slave-takes-writes', 'a primary', at(8, running('slave'), freshLog('slave'))],
  ],
});
