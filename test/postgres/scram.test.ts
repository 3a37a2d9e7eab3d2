import { expect, test } from 'vitest';
import { passwordFits, scramSecret } from '../../src/postgres/scram.ts';

// Recorded from pg_authid of PostgreSQL 15.18 and 18.4 for the role slave.
const md5 = 'md5feed3098d4a8afff5fce90a10d576a49';
const scram =
  'SCRAM-SHA-256$4096:HXLrElKD4rDBQiNFhwqFkA==$vfrF0lF7b2e4QgGwtMs415vzxFnO4SC/A9SbDc3oA94=:6Gj40yCPEmsk7ue2wjWlcRQDdcA8tb8pV+JXo0ew4/s=';
const scramOfLetters =
  'SCRAM-SHA-256$4096:s/LROOsPezAaVbeX06SBmw==$wJZq2JwQoNSQAuIcinlcVZQ8DtlQsqlQqiv3hkEOsXI=:54j8uvpPP9EXME44FKCaA3bkWoLNgOFYdzRFGazUoVo=';

test.each([
  ['a SCRAM secret', scram, 'slave_pass'],
  ['an md5 hash', md5, 'slave_pass'],
  ['a SCRAM secret of letters that SASLprep changes', scramOfLetters, 'päss Ⅰ'],
])('the stored %s fits its password and no other', (_, stored, password) => {
  expect(passwordFits(stored, 'slave', password)).toBe(true);
  expect(passwordFits(stored, 'slave', `${password}x`)).toBe(false);
  expect(passwordFits(stored, 'slave', '')).toBe(false);
});

test('scramSecret makes the same secret as the server', () => {
  expect(scramSecret('slave_pass', Buffer.from('HXLrElKD4rDBQiNFhwqFkA==', 'base64'))).toBe(scram);
  expect(scramSecret('päss Ⅰ', Buffer.from('s/LROOsPezAaVbeX06SBmw==', 'base64'))).toBe(scramOfLetters);
});

test('an md5 hash depends on the role name, and a SCRAM secret does not', () => {
  expect(passwordFits(md5, 'replicator', 'slave_pass')).toBe(false);
  expect(passwordFits(scram, 'replicator', 'slave_pass')).toBe(true);
});

test.each(['', 'slave_pass', 'md5', 'SCRAM-SHA-256$4096:x', 'SCRAM-SHA-256$0:aa==$bb==:cc=='])(
  'the stored value %j fits no password',
  (stored) => {
    expect(passwordFits(stored, 'slave', 'slave_pass')).toBe(false);
  },
);
