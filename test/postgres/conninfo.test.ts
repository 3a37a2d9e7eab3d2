import { describe, expect, test } from 'vitest';
import { formatConninfo, parseConninfo } from '../../src/postgres/conninfo.ts';

describe('a connection string is read as libpq reads it', () => {
  test.each(recorded())('a connection string is read as libpq reads it: %s', (text, expected) => {
    const read = parseConninfo(text);
    const refused =
      typeof expected === 'string' && /^invalid (?:connection option|URI query parameter)[:]? "(.*)"$/.exec(expected);
    if (refused) expect(read).toHaveProperty('unknown.0', refused[1]);
    else if (typeof expected === 'string') expect(read).toEqual({ message: expected });
    else expect(read).toEqual({ params: expected, unknown: [] });
  });
});

test('parseConninfo names all keys that libpq does not know, with their values', () => {
  expect(parseConninfo('app_name=s1 host=h passwd=x app_name=s2')).toEqual({
    params: { app_name: 's2', host: 'h', passwd: 'x' },
    unknown: ['app_name', 'passwd'],
  });
});

test('parseConninfo stops at the first unknown key, as libpq does', () => {
  expect(parseConninfo('host=h prot=1 user')).toEqual({ params: { host: 'h', prot: '1' }, unknown: ['prot'] });
  expect(parseConninfo('host=h user')).toEqual({ message: 'missing "=" after "user" in connection info string' });
});

test.each([
  ['tty', [13]],
  ['authtype', [13]],
  ['sslcrldir', [14, 15, 16, 17, 18]],
  ['sslsni', [14, 15, 16, 17, 18]],
  ['require_auth', [16, 17, 18]],
  ['sslcertmode', [16, 17, 18]],
  ['load_balance_hosts', [16, 17, 18]],
  ['gssdelegation', [16, 17, 18]],
  ['sslnegotiation', [17, 18]],
  ['min_protocol_version', [18]],
  ['scram_client_key', [18]],
  ['oauth_scope', [18]],
  ['sslkeylogfile', [18]],
  ['sslpassword', [13, 14, 15, 16, 17, 18]],
])('libpq has the key %s in these majors: %j', (key, majors) => {
  const having = [13, 14, 15, 16, 17, 18].filter((major) => {
    const read = parseConninfo(`host=h ${key}=1`, major);
    return 'unknown' in read && read.unknown.length === 0;
  });
  expect(having).toEqual(majors);
});

test('requiressl is an older spelling of sslmode, in a URI too', () => {
  expect(parseConninfo('requiressl=1')).toEqual({ params: { sslmode: 'require' }, unknown: [] });
  expect(parseConninfo('sslmode=require requiressl=0', 13)).toEqual({ params: { sslmode: 'prefer' }, unknown: [] });
  expect(parseConninfo('postgres://h?requiressl=1')).toMatchObject({ params: { sslmode: 'require' }, unknown: [] });
});

test('spaces in a URI are kept before PostgreSQL 18', () => {
  expect(parseConninfo('postgres://h/a b ', 17)).toEqual({ params: { host: 'h', dbname: 'a b ' }, unknown: [] });
});

test('a connection string that pg_basebackup -R of 18 writes has no unknown key', () => {
  const written =
    "user=slave password=slave_pass channel_binding=prefer host=''rt-master'' port=5432 application_name=slave1 sslmode=prefer " +
    'sslnegotiation=postgres sslcompression=0 sslcertmode=allow sslsni=1 ssl_min_protocol_version=TLSv1.2 gssencmode=prefer ' +
    'krbsrvname=postgres gssdelegation=0 target_session_attrs=any load_balance_hosts=disable';
  expect(parseConninfo(written.replaceAll("''", "'"))).toMatchObject({ params: { host: 'rt-master' }, unknown: [] });
});

test.each([
  [{ host: '127.0.0.1', port: '5432', user: 'slave' }, 'host=127.0.0.1 port=5432 user=slave'],
  [{ password: "it's \\ me", user: '' }, "password='it\\'s \\\\ me' user=''"],
])('formatConninfo quotes what needs it, and is read back: %j', (params, expected) => {
  expect(formatConninfo(params)).toBe(expected);
  expect(parseConninfo(formatConninfo(params))).toEqual({ params, unknown: [] });
});

/** Recorded from PQconninfoParse of libpq 18.4. 15.18 gave the same, but kept the spaces in URIs. */
function recorded(): readonly (readonly [string, string | Record<string, string>])[] {
  return [
    [
      'host=127.0.0.1 port=5432 user=slave password=slave_pass application_name=slave1',
      { user: 'slave', password: 'slave_pass', host: '127.0.0.1', port: '5432', application_name: 'slave1' },
    ],
    ["host = 'localhost'   port = 5432", { host: 'localhost', port: '5432' }],
    ['host=a, port=5432, user=slave, password=x', { user: 'slave,', password: 'x', host: 'a,', port: '5432,' }],
    ['host=127.0.0.1 port 5432', 'missing "=" after "port" in connection info string'],
    ['host=127.0.0.1 port', 'missing "=" after "port" in connection info string'],
    ['port= ', { port: '' }],
    ['port=', { port: '' }],
    ['=x', 'invalid connection option ""'],
    ['host=h app_name=s1', 'invalid connection option "app_name"'],
    ['Host=h', 'invalid connection option "Host"'],
    ["password='it\\'s \\\\ me' user=s", { user: 's', password: "it's \\ me" }],
    ['password=a\\ b user=s', { user: 's', password: 'a b' }],
    ["password='open user=s", 'unterminated quoted string in connection info string'],
    ["password=it's user=s", { user: 's', password: "it's" }],
    ["password='a'user=s", { user: 's', password: 'a' }],
    ["user=s password=''", { user: 's', password: '' }],
    ['host=h host=i', { host: 'i' }],
    ['host=h\tport=1\n user=u ', { user: 'u', host: 'h', port: '1' }],
    ['foo', 'missing "=" after "foo" in connection info string'],
    ['', {}],
    ['  ', {}],
    ['password=x\\', { password: 'x' }],
    ['user=a b', { user: 'a b' }],
    ['host=h  passsword = x', 'invalid connection option "passsword"'],
    ["user='s' ' password=x", 'missing "=" after "\'" in connection info string'],
    [
      'postgres://slave:slave_pass@127.0.0.1:5432/master?application_name=slave1',
      {
        user: 'slave',
        password: 'slave_pass',
        dbname: 'master',
        host: '127.0.0.1',
        port: '5432',
        application_name: 'slave1',
      },
    ],
    ['postgresql://', {}],
    ['postgres://h1:1,h2:2/db', { dbname: 'db', host: 'h1,h2', port: '1,2' }],
    ['postgres://h1,h2:2/db', { dbname: 'db', host: 'h1,h2', port: ',2' }],
    ['postgres://u@/db', { user: 'u', dbname: 'db' }],
    ['postgresql://[::1]:5433/x', { dbname: 'x', host: '::1', port: '5433' }],
    [
      'postgres://[::1/x',
      'end of string reached when looking for matching "]" in IPv6 host address in URI: "postgres://[::1/x"',
    ],
    ['postgres://[]/x', 'IPv6 host address may not be empty in URI: "postgres://[]/x"'],
    ['postgres://[::1]x', 'unexpected character "x" at position 17 in URI (expected ":" or "/"): "postgres://[::1]x"'],
    ['postgres://u:p%40ss@h/', { user: 'u', password: 'p@ss', host: 'h' }],
    ['postgres://u:p%4@h', 'invalid percent-encoded token: "p%4"'],
    ['postgres://u%00@h', 'forbidden value %00 in percent-encoded value: "u%00"'],
    ['postgres://h?host=i', { host: 'i' }],
    ['postgres://h/db?a', 'missing key/value separator "=" in URI query parameter: "a"'],
    ['postgres://h/db?a=1=2', 'extra key/value separator "=" in URI query parameter: "a"'],
    ['postgres://h/db?foo=1', 'invalid URI query parameter: "foo"'],
    ['postgres://h?ssl=true', { host: 'h', sslmode: 'require' }],
    ['postgres://h?sslmode=prefer&', { host: 'h', sslmode: 'prefer' }],
    ['postgres://u:@h', { user: 'u', host: 'h' }],
    ['postgres://:p@h', { password: 'p', host: 'h' }],
    ['postgres://u:a:b@h', { user: 'u', password: 'a:b', host: 'h' }],
    ['postgres://u@v@h', { user: 'u', host: 'v@h' }],
    ['postgres://h:5432', { host: 'h', port: '5432' }],
    ['postgres://h:5432 ', { host: 'h', port: '5432' }],
    ['postgres:// h', { host: 'h' }],
    ['postgres://h/a b', 'unexpected spaces found in "a b", use percent-encoded spaces (%20) instead'],
    [
      'postgres://h/?application_name=a b',
      'unexpected spaces found in "a b", use percent-encoded spaces (%20) instead',
    ],
    ['postgres://h/d b c', 'unexpected spaces found in "d b c", use percent-encoded spaces (%20) instead'],
    ['postgres:///db?host=/tmp', { dbname: 'db', host: '/tmp' }],
    ['postgres://%2Ftmp/db', { dbname: 'db', host: '/tmp' }],
    ['postgres://u:caf%C3%A9@h', { user: 'u', password: 'café', host: 'h' }],
    ['POSTGRES://h', 'missing "=" after "POSTGRES://h" in connection info string'],
    ['postgres://h:a:b/db', { dbname: 'db', host: 'h', port: 'a:b' }],
    ['postgres://h/a/b', { dbname: 'a/b', host: 'h' }],
    ['postgres://h?', { host: 'h' }],
    ['postgres://h/?=1', 'invalid URI query parameter: ""'],
    [
      'postgres://127.0.0.1:5432/?user=slave, password=x',
      'extra key/value separator "=" in URI query parameter: "user"',
    ],
  ];
}
