import { describe, expect, test } from 'vitest';
import { maskedJson, maskText } from '../../src/postgres/mask/mask.ts';
import { allRecorded } from './recorded.ts';
import { carriers, marks, secrets } from './secret-carriers.ts';

const hidden = '********';

describe('masking secrets', () => {
  test.each([
    ['host=a password=slave_pass user=b', `host=a password=${hidden} user=b`],
    ['host=a password=slave_pass', `host=a password=${hidden}`],
    ["host=a password = 'it\\'s secret' user=b", `host=a password = ${hidden} user=b`],
    [
      `changed to "host=a password=x'y"z application_name=s1"`,
      `changed to "host=a password=${hidden} application_name=s1"`,
    ],
    [`changed to "host=a password=slave_pass"`, `changed to "host=a password=${hidden}"`],
    [`primary_conninfo = 'user=a password=slave_pass'`, `primary_conninfo = 'user=a password=${hidden}'`],
    [`primary_conninfo = 'password=''my secret'' host=''a'''`, `primary_conninfo = 'password=${hidden} host=''a'''`],
    ['password="double secret" host=a', `password=${hidden} host=a`],
    ['PGPASSWORD=master_pass psql -h a', `PGPASSWORD=${hidden} psql -h a`],
    ['docker run -e POSTGRES_PASSWORD=master_pass postgres', `docker run -e POSTGRES_PASSWORD=${hidden} postgres`],
    ['postgresql://slave:slave_pass@127.0.0.1:5432/x', `postgresql://slave:${hidden}@127.0.0.1:5432/x`],
    ['postgres://h/x?password=slave_pass&user=b', `postgres://h/x?password=${hidden}&user=b`],
    [
      "CREATE ROLE slave LOGIN PASSWORD 'it''s' REPLICATION",
      `CREATE ROLE slave LOGIN PASSWORD '${hidden}' REPLICATION`,
    ],
    ["alter role slave encrypted password E'a\\'b';", `alter role slave encrypted password '${hidden}';`],
    ['ALTER ROLE slave PASSWORD $x$secret$x$;', `ALTER ROLE slave PASSWORD '${hidden}';`],
    ['ALTER ROLE slave PASSWORD "slave_pass"', `ALTER ROLE slave PASSWORD '${hidden}'`],
    ["ALTER ROLE slave PASSWORD 'never closed;\nmore", `ALTER ROLE slave PASSWORD '${hidden}'`],
    ['SCRAM-SHA-256$4096:c2FsdHNhbHQ=$c3RvcmVk+/=:c2VydmVy=', `SCRAM-SHA-256$${hidden}`],
    ['md50123456789abcdef0123456789abcdef', `md5${hidden}`],
    [
      'host all all all ldap ldapserver=a ldapbindpasswd=slave_pass ldapport=1',
      `host all all all ldap ldapserver=a ldapbindpasswd=${hidden} ldapport=1`,
    ],
    ['ldapbindpasswd="slave_pass" b=c', `ldapbindpasswd=${hidden} b=c`],
    ['radius radiusservers=a radiussecrets=slave_pass', `radius radiusservers=a radiussecrets=${hidden}`],
    ['{"user": "a", "password": "it\\"s", "b": 1}', `{"user": "a", "password": "${hidden}", "b": 1}`],
  ])('maskText hides the secret: %s', (text, shown) => {
    expect(maskText(text)).toBe(shown);
    expect(maskText(shown)).toBe(shown);
  });

  test.each([
    'FATAL:  password authentication failed for user "slave"',
    'password_encryption = scram-sha-256',
    'User "slave" has no password assigned.',
    'ALTER ROLE slave PASSWORD NULL',
    'WARNING: password file "/srv/lab/pgpass" has group or world access; permissions should be u=rw (0600) or less',
    'host replication slave all md5',
    'postgresql://127.0.0.1:5432/master',
    'SCRAM-SHA-256$',
  ])('maskText changes nothing: %s', (text) => {
    expect(maskText(text)).toBe(text);
  });
});

describe('a secret, wherever it stands,', () => {
  test.each(carriers)('maskText leaves no part of a secret in this carrier: %s', (_, of, kinds) => {
    for (const text of kinds.map((kind) => of(secrets[kind]))) {
      const shown = maskText(text);
      expect(
        marks.filter((mark) => shown.includes(mark)),
        shown,
      ).toEqual([]);
      expect(maskText(shown)).toBe(shown);
      expect(marks.filter((mark) => maskedJson({ a: [text] }).includes(mark))).toEqual([]);
    }
  });
});

test('maskText changes no recorded log line without a secret', () => {
  const secret = /passw(?:or)?d=(?!\*)\S|SCRAM-SHA-256\$\d|password '/i;
  const lines = allRecorded().flatMap(({ text }) => text.split('\n'));
  const changed = lines.filter((line) => maskText(line) !== line);
  expect(lines.length).toBeGreaterThan(10_000);
  expect(changed.filter((line) => !secret.test(line))).toEqual([]);
  expect(lines.filter((line) => secret.test(line) && maskText(line) === line)).toEqual([]);
});

const million = 1_000_000;
const times = (piece: string, length = 4 * million): string => piece.repeat(Math.ceil(length / piece.length));

const nasty: readonly (readonly [about: string, text: string])[] = [
  ['a long word before it', `${times('a')} password=x`],
  ['closing brackets without opening ones', `password=a${times(')')}x`],
  ['a quote that is never closed', `password = '${times('\\')}`],
  ['a hexadecimal value', `INSERT INTO t VALUES ('\\x${times('ab')}', 'password')`],
  ...[
    'passwd',
    'passwd ',
    'password=',
    "password '",
    "password''",
    'password $$',
    'password $a$',
    'password/*',
    'password--',
    'password = ',
    '://',
    'postgres://a:',
    '://a:@',
    '://a:b',
    'primary_conninfo ',
    "primary_conninfo = '",
    'insert password) ',
    'passwor=',
    'pasword ',
    'password=a b c d ',
    '"ldapbindpasswd=a b c ',
    'md5',
    'SCRAM-SHA-256$',
    'unterminated quoted string at or near "',
    'missing "=" after "',
    ' -pa',
    ' -u a:',
    'crypt(',
    "crypt('a",
    '"password":"',
    'alter role password x',
    'identified by ',
    '%70',
    '&a',
    'connection (\t',
    '@',
  ].map((piece) => [`${JSON.stringify(piece)} again and again`, `password=x ${times(piece, million)}`] as const),
];

test.each(nasty)('maskText takes about a second for megabytes of %s', (_, text) => {
  const begun = process.cpuUsage();
  maskText(text);
  const { user, system } = process.cpuUsage(begun);
  expect((user + system) / million).toBeLessThan(3); // quadratic time would take hours
});

test('maskedJson hides a secret without changing what follows its string', () => {
  const value = { a: 'password=foo', b: "'host=x password=foo'", c: ['ALTER ROLE x PASSWORD', 'y'], d: null };
  expect(JSON.parse(maskedJson(value))).toEqual({
    ...value,
    a: `password=${hidden}`,
    b: `'host=x password=${hidden}'`,
  });
});
