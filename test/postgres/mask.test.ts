import { describe, expect, test } from 'vitest';
import { maskedJson, maskText } from '../../src/postgres/mask.ts';

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
  ])('%s', (text, shown) => {
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
  ])('nothing to hide: %s', (text) => {
    expect(maskText(text)).toBe(text);
  });
});

test('in JSON, a secret takes nothing with it that follows its own string', () => {
  const value = { a: 'password=foo', b: "'host=x password=foo'", c: ['ALTER ROLE x PASSWORD', 'y'], d: null };
  expect(JSON.parse(maskedJson(value))).toEqual({
    ...value,
    a: `password=${hidden}`,
    b: `'host=x password=${hidden}'`,
  });
});
