import { expect, test } from 'vitest';
import { parseConninfo } from '../../src/postgres/conninfo.ts';
import { valueProblem } from '../../src/postgres/conninfo-values.ts';

/** Recorded from subscriptions of PostgreSQL 13 to 18, which connect as a standby does. */
test.each([
  ['host=127.0.0.1 port=5432 sslmode=prefer', 18, undefined],
  ['', 18, undefined],
  ['sslmode=on', 18, 'invalid sslmode value: "on"'],
  ['sslmode=Prefer', 13, 'invalid sslmode value: "Prefer"'],
  ["channel_binding=''", 18, 'invalid channel_binding value: ""'],
  ['target_session_attrs=master', 18, 'invalid target_session_attrs value: "master"'],
  ['target_session_attrs=primary', 13, 'invalid target_session_attrs value: "primary"'],
  ['target_session_attrs=primary', 14, undefined],
  ['ssl_min_protocol_version=4', 16, 'invalid ssl_min_protocol_version value: "4"'],
  ['ssl_min_protocol_version=4', 17, 'invalid "ssl_min_protocol_version" value: "4"'],
  ['ssl_min_protocol_version=tlsv1.3', 18, undefined],
  ['ssl_max_protocol_version=TLSv1.1', 18, 'invalid SSL protocol version range'],
  ['min_protocol_version=latest', 18, undefined],
  [
    'min_protocol_version=3.2 max_protocol_version=3.0',
    18,
    '"min_protocol_version" is greater than "max_protocol_version"',
  ],
  ['port=x', 18, 'invalid integer value "x" for connection option "port"'],
  ['port=65536', 18, 'invalid port number: "65536"'],
  ["port=' 5432 '", 18, undefined],
  ['host=a,b port=0,5432', 18, undefined],
  ['host=a,b port=0,x', 18, 'invalid port number: "0"'],
  ['host=a port=1,2', 18, 'could not match 2 port numbers to 1 hosts'],
  ['host=a,b hostaddr=127.0.0.1', 18, 'could not match 2 host names to 1 hostaddr values'],
  ['hostaddr=localhost', 18, 'could not parse network address "localhost": Name or service not known'],
  ['hostaddr=127.1', 18, undefined],
  ['host=h keepalives=maybe', 18, 'invalid integer value "maybe" for connection option "keepalives"'],
  ['host=h keepalives=0 keepalives_idle=x', 18, undefined],
  ['host=/tmp keepalives=maybe', 18, undefined],
  ['connect_timeout=soon', 18, undefined],
  ['require_auth=md5,!none', 16, 'negative require_auth method "!none" cannot be mixed with non-negative methods'],
  ['require_auth=!md5,none', 16, 'require_auth method "none" cannot be mixed with negative methods'],
  ['require_auth=md5,md5', 16, 'require_auth method "md5" is specified more than once'],
  ['require_auth=oauth', 17, 'invalid require_auth value: "oauth"'],
])('a receiver that connects with %j on PostgreSQL %i is told: %s', (text, major, message) => {
  const read = parseConninfo(text, major);
  expect('params' in read && valueProblem(read.params, major)).toBe(message);
});
