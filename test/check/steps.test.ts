/** Steps as verdicts give them: where in a file, without a wait, and without locking anybody out. */
import { expect, test } from 'vitest';
import { doableSteps } from '../../src/check/steps/doable.ts';
import type { Step } from '../../src/check/verdict.ts';
import { at, autoConf, type Change, conf, confOnly, hba, hbaLine, sender, sqlOf, state, stopped } from './lab.ts';

const names =
  (value: string): Change =>
  (lab) => {
    const sql = sqlOf(lab, 'master');
    const setting = sql.settings.synchronous_standby_names;
    sql.settings = { ...sql.settings, synchronous_standby_names: { ...setting, value } as NonNullable<typeof setting> };
  };
const nobody: Change = (lab) => {
  sqlOf(lab, 'master').senders = [];
};
const alter: Step = { do: 'sql', on: 'master', text: 'ALTER ROLE slave REPLICATION' };
const steps = (seen: ReturnType<typeof at>, ...next: readonly Step[]) => doableSteps(next, seen.now);

test('a statement waits for no standby that is away, and asks one that is there', () => {
  const local = { ...alter, text: 'SET synchronous_commit = local; ALTER ROLE slave REPLICATION' };
  const away = at(10, names('first 1 (slave1)'), nobody);
  expect(steps(away, alter)).toEqual([local]);
  expect(steps(at(10, names(''), nobody), alter)).toEqual([alter]);
  expect(steps(at(10, names('first 1 (slave1)'), sender({ syncState: 'sync' })), alter)).toEqual([alter]);
  const restart: Step = { do: 'restart', on: 'master' };
  expect(steps(at(10, names('first 1 (slave1)'), sender({ syncState: 'sync' })), restart, alter)).toEqual([
    restart,
    local,
  ]);
});

test('a statement that is there to wait, and one that commits nothing, stay as they are', () => {
  const away = at(10, names('first 1 (slave1)'), nobody);
  const insert: Step = { do: 'sql', on: 'master', text: 'INSERT INTO visits DEFAULT VALUES', waits: true };
  const reset: Step = { do: 'sql', on: 'master', text: 'ALTER SYSTEM RESET synchronous_standby_names' };
  expect(steps(away, insert, reset)).toEqual([insert, reset]);
});

test('an edit names the line that counts, in whichever file, else a new one', () => {
  const port: Step = { do: 'edit', on: 'slave', file: 'postgresql.conf', text: 'port = 5433' };
  expect(steps(at(6, confOnly('slave', '', 'port = 1', 'port = 2')), port)).toEqual([
    { ...port, file: 'rep/slave_data/postgresql.conf', line: 3 },
  ]);
  expect(steps(at(6, conf('slave', 'port = 1'), autoConf('slave', "port = '2'")), port)).toEqual([
    { ...port, file: 'rep/slave_data/postgresql.auto.conf', line: 1 },
  ]);
  expect(steps(at(6, confOnly('slave', '#port = 1')), port)).toEqual([
    { ...port, file: 'rep/slave_data/postgresql.conf', line: 'new' },
  ]);
});

test('an edit that would change nothing is left out', () => {
  const port: Step = { do: 'edit', on: 'slave', file: 'postgresql.conf', text: 'port = 5433' };
  const start: Step = { do: 'start', on: 'slave' };
  expect(steps(at(6, confOnly('slave', 'port = 5433')), port, start)).toEqual([start]);
});

test('a way that begins with an idle step still begins with an "or"', () => {
  const next: readonly Step[] = [
    { do: 'say', text: 'one way' },
    { do: 'stop', on: 'slave', or: true },
    { do: 'start', on: 'slave' },
  ];
  expect(steps(at(9, stopped('slave')), ...next)).toEqual([next[0], { do: 'start', on: 'slave', or: true }]);
  expect(steps(at(9, state('slave', 'up')), ...next)).toEqual(next);
});

const line: Step = { do: 'edit', on: 'master', file: 'pg_hba.conf', text: hbaLine };
const inHba = (text: string) => ({ do: 'edit', on: 'master', file: 'rep/master_data/pg_hba.conf', line: 'new', text });

test('a line alone in an empty pg_hba.conf brings the lines of the superuser with it', () => {
  const own = [inHba('local all all trust'), inHba('host all all 127.0.0.1/32 scram-sha-256')];
  expect(steps(at(4, hba('master', '')), line)).toEqual([inHba(hbaLine), ...own]);
  expect(steps(at(4, hba('master', 'host all all 127.0.0.1/32 trust\n')), line)).toEqual([inHba(hbaLine)]);
});

test('a line that lets the superuser in is not changed without another one for him', () => {
  const only = at(4, hba('master', 'local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n'));
  expect(steps(only, { ...line, line: 2 })).toEqual([
    { ...inHba(hbaLine), line: 2 },
    inHba('host all all 127.0.0.1/32 scram-sha-256'),
  ]);
});
