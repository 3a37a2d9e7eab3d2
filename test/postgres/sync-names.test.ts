import { expect, test } from 'vitest';
import { parseSyncNames, type SyncNames, syncPriority } from '../../src/postgres/sync/names.ts';

// Accepted by PostgreSQL 15.18 and 18.4.
test.each([
  ['1', { method: 'first', count: 1, names: ['1'] }],
  ['*', { method: 'first', count: 1, names: ['*'] }],
  ['s2, s1', { method: 'first', count: 1, names: ['s2', 's1'] }],
  ['2 (s1, s2)', { method: 'first', count: 2, names: ['s1', 's2'] }],
  ['FIRST 1 (S2)', { method: 'first', count: 1, names: ['S2'] }],
  ['any 1 (*)', { method: 'any', count: 1, names: ['*'] }],
  ['FIRST 1 ("standby-1")', { method: 'first', count: 1, names: ['standby-1'] }],
  ['"a""b"', { method: 'first', count: 1, names: ['a"b'] }],
  ['2(s1,2,"x y")', { method: 'first', count: 2, names: ['s1', '2', 'x y'] }],
  ['ANY 2 (s1, s2, s3)', { method: 'any', count: 2, names: ['s1', 's2', 's3'] }],
  ['"any"', { method: 'first', count: 1, names: ['any'] }],
  ['é', { method: 'first', count: 1, names: ['é'] }],
  ['s1$', { method: 'first', count: 1, names: ['s1$'] }],
  ['first 2 (1, 2)', { method: 'first', count: 2, names: ['1', '2'] }],
  ['anyone', { method: 'first', count: 1, names: ['anyone'] }],
])('the synchronous_standby_names %s are read', (text, expected) => {
  expect(parseSyncNames(text)).toEqual(expected);
});

// The DETAIL of the error; PostgreSQL 15.18 and 18.4 gave the same.
test.each([
  ['first 1 s1', 'syntax error at or near "s1"'],
  ['FIRST (s1)', 'syntax error at or near "("'],
  ['ANY (s1)', 'syntax error at or near "("'],
  ['FIRST s1', 'syntax error at or near "s1"'],
  ['ALL (s1)', 'syntax error at or near "("'],
  ['any', 'syntax error at end of input'],
  ['first', 'syntax error at end of input'],
  ['FIRST 1 (s1', 'syntax error at end of input'],
  ['FIRST 1 (standby-1)', 'syntax error at or near "-"'],
  ['FIRST 0 (s1)', 'number of synchronous standbys (0) must be greater than zero'],
  ['FIRST 1 (s1) x', 'syntax error at or near "x"'],
  ['FIRST 1 (s1,)', 'syntax error at or near ")"'],
  ['s1 s2', 'syntax error at or near "s2"'],
  ['s1,', 'syntax error at end of input'],
  ['"s1', 'unterminated quoted identifier at end of input'],
  ['FIRST 1 (first)', 'syntax error at or near "first"'],
  ['any, s1', 'syntax error at or near ","'],
  ['  ', 'syntax error at end of input'],
  ['1 s1', 'syntax error at or near "s1"'],
  ['first1 (s1)', 'syntax error at or near "("'],
  ['FIRST 1 s1)', 'syntax error at or near "s1"'],
  ['(s1)', 'syntax error at or near "("'],
  ['s1;s2', 'syntax error at or near ";"'],
  ['first 1 ()', 'syntax error at or near ")"'],
  ['FIRST -1 (s1)', 'syntax error at or near "-"'],
  ['FIRST 1 ("s1" s2)', 'syntax error at or near "s2"'],
  ['1s', 'syntax error at or near "s"'],
  ['FIRST 1 (s1))', 'syntax error at or near ")"'],
  ['ANY 1, (s1)', 'syntax error at or near ","'],
  ['"a"b', 'syntax error at or near "b"'],
  ['FIRST 00 (s1)', 'number of synchronous standbys (0) must be greater than zero'],
  ['FIRST 1 (s1 s2)', 'syntax error at or near "s2"'],
  ['"first" 1 (s1)', 'syntax error at or near "1"'],
  ['first 1 (slave1', 'syntax error at end of input'],
  ['s1 "x y"', 'syntax error at or near """'],
  ['s1 "s2', 'unterminated quoted identifier at end of input'],
  ['FIRST 4294967295 (s1)', 'number of synchronous standbys (-1) must be greater than zero'],
])('the synchronous_standby_names %s are refused: %s', (text, message) => {
  expect(parseSyncNames(text)).toMatchObject({ message });
});

test('a syntax error names the word, and at the end of the input none', () => {
  expect(parseSyncNames('any')).toEqual({ message: 'syntax error at end of input' });
  expect(parseSyncNames('first 1 s1')).toEqual({ message: 'syntax error at or near "s1"', near: 's1' });
});

test('empty synchronous_standby_names are null', () => {
  expect(parseSyncNames('')).toBeNull();
});

// Recorded sync_priority of pg_stat_replication, with the standbys s1, s2 and s3 connected.
test.each([
  ['FIRST 1 (s1, s2, s3)', [1, 2, 3]],
  ['FIRST 2 (s3, s1)', [2, 0, 1]],
  ['ANY 1 (s1, s2)', [1, 1, 0]],
  ['any 1 (*)', [1, 1, 1]],
  ['*', [1, 1, 1]],
  ['s2, s1', [2, 1, 0]],
  ['2 (s1, s2, s3)', [1, 2, 3]],
  ['FIRST 1 (S2)', [0, 1, 0]],
  ['ANY 1 (s9)', [0, 0, 0]],
])('the sync_priority of three standbys is foreseen for %s', (text, expected) => {
  const names = parseSyncNames(text) as SyncNames;
  expect(['s1', 's2', 's3'].map((name) => syncPriority(names, name))).toEqual(expected);
});

test('standby names are compared without case only for the letters A to Z', () => {
  expect(syncPriority(parseSyncNames('FIRST 1 (É, S1)') as SyncNames, 'é')).toBe(0);
  expect(syncPriority(parseSyncNames('FIRST 1 (É, S1)') as SyncNames, 's1')).toBe(2);
});

test('a star in double quotes matches every standby too', () => {
  expect(syncPriority(parseSyncNames('FIRST 1 (s2, "*")') as SyncNames, 's1')).toBe(2);
});
