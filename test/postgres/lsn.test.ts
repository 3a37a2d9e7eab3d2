import { expect, test } from 'vitest';
import { formatLsn, lsnDistance, parseLsn, walFileName } from '../../src/postgres/lsn.ts';

test.each([
  ['0/0', 0n],
  ['0/3000060', 0x3000060n],
  ['1/0', 0x100000000n],
  ['FFFFFFFF/ffffffff', 0xffffffffffffffffn],
])('%s is a log sequence number', (text, expected) => {
  expect(parseLsn(text)).toBe(expected);
  expect(formatLsn(expected)).toBe(text.toUpperCase());
});

test.each(['', '0', '0/', '/0', '0/g', '0/123456789', '0/0 ', '-1/0'])('%j is not a log sequence number', (text) => {
  expect(parseLsn(text)).toBeUndefined();
});

test('lsnDistance counts bytes, with sign', () => {
  expect(lsnDistance('1/10', '0/FFFFFFF0')).toBe(32n);
  expect(lsnDistance('0/1', '0/2')).toBe(-1n);
  expect(() => lsnDistance('0/1', 'x')).toThrow('"x" is not a log sequence number');
});

// Recorded from pg_walfile_name() of PostgreSQL 18.4, except for the timeline.
test.each([
  [1, '0/3000060', '000000010000000000000003'],
  [1, '0/3000000', '000000010000000000000003'],
  [18, 'A/FF000001', '000000120000000A000000FF'],
])('walFileName names the WAL file on timeline %i at %s', (timeline, lsn, expected) => {
  expect(walFileName(timeline, lsn)).toBe(expected);
});

test('walFileName accepts other segment sizes', () => {
  expect(walFileName(1, '2/40000001', 1024 ** 3)).toBe('000000010000000200000001');
});
