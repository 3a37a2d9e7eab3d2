import { describe, expect, test } from 'vitest';
import { cidrMask, parseAddress } from '../../src/postgres/hba/address.ts';
import {
  firstMatch,
  firstUnknown,
  type HbaConnection,
  type HbaRule,
  matchRule,
  parseHba,
} from '../../src/postgres/hba/hba.ts';

type Row = readonly [
  type: string,
  databases: string[],
  users: string[],
  address: string | null,
  mask: string | null,
  method: string,
];

describe('a line is read as PostgreSQL reads it', () => {
  test.each(recordedLines())('an hba line is read as PostgreSQL reads it: %s', (line, expected) => {
    const { rules, errors } = parseHba(`# first\n${line}\n`);
    if (typeof expected === 'string')
      expect({ rules, errors }).toEqual({ rules: [], errors: [{ line: 2, text: line, message: expected }] });
    else expect({ rules: rules.map(asInView), errors }).toEqual({ rules: [withNumbers(expected)], errors: [] });
  });
});

describe('a rule by itself lets in whom PostgreSQL lets in', () => {
  const crew = { kind: 'host', user: 'slave', memberOf: ['crew'], address: '127.0.0.1' } as const;
  test.each(recordedMatches())(
    'an hba rule by itself matches the connections that PostgreSQL lets in: %s',
    (rule, expected) => {
      const { rules } = parseHba(`${rule} trust`);
      const databases = ['master', 'slave', 'crew'].filter((database) =>
        firstMatch(rules, { ...crew, replication: false, database }),
      );
      const replication = firstMatch(rules, { ...crew, replication: true, database: '' }) ? ['replication'] : [];
      expect([...databases, ...replication]).toEqual(expected);
    },
  );
});

const knock: HbaConnection = { kind: 'host', database: '', replication: true, user: 'slave', address: '127.0.0.1' };

describe('the column that does not match', () => {
  test.each([
    ['local replication slave trust', 'type'],
    ['hostssl replication slave all trust', 'type'],
    ['host all other 10.0.0.0/8 trust', 'address'],
    ['host all other all trust', 'database'],
    ['host replication other all trust', 'user'],
    ['host replication slave all trust', 'match'],
  ])('matchRule of “%s” is: %s', (line, expected) => {
    expect(parseHba(line).rules.map((rule) => matchRule(rule, knock))).toEqual([expected]);
  });
});

describe('connections', () => {
  const matches = (line: string, connection: Partial<HbaConnection>) =>
    firstMatch(parseHba(line).rules, { ...knock, ...connection }) !== undefined;

  test('a connection by the socket matches local lines only', () => {
    expect(matches('local replication slave trust', { kind: 'local' })).toBe(true);
    expect(matches('host replication slave all trust', { kind: 'local' })).toBe(false);
  });

  test('a connection with SSL matches hostssl, and not hostnossl', () => {
    expect(matches('hostssl replication all all trust', { ssl: true })).toBe(true);
    expect(matches('hostnossl replication all all trust', { ssl: true })).toBe(false);
  });

  test('a connection over IPv6 matches localhost, samehost and ::1, but no IPv4 line', () => {
    const lines = ['localhost', 'samehost', 'samenet', '::1/128', '::/0', '0:0::1/128', '127.0.0.1/32', '0.0.0.0/0'];
    const fits = lines.filter((address) => matches(`host replication all ${address} trust`, { address: '::1' }));
    expect(fits).toEqual(['localhost', 'samehost', 'samenet', '::1/128', '::/0', '0:0::1/128']);
  });

  test("a connection from an interface's network matches samenet, and from its own address samehost", () => {
    const interfaces = [{ address: '172.19.0.2', netmask: '255.255.0.0' }];
    const from = (address: string) =>
      ['samenet', 'samehost'].filter((word) => matches(`host replication all ${word} trust`, { address, interfaces }));
    expect(from('172.19.0.3')).toEqual(['samenet']);
    expect(from('172.19.0.2')).toEqual(['samenet', 'samehost']);
    expect(from('172.20.0.3')).toEqual([]);
  });

  test('no connection matches a regular expression that cannot be read', () => {
    expect(matches('host replication /( all trust', {})).toBe(false);
  });
});

test('the first hba line that matches decides, also if it rejects', () => {
  const { rules } = parseHba(
    'host all all all trust\nhost replication all samehost reject\nhost replication slave all md5\n',
  );
  expect(firstMatch(rules, knock)).toMatchObject({ line: 2, method: 'reject' });
});

test('a rule is unknown where a regular expression decides that only PostgreSQL reads', () => {
  const kinds = (text: string) => parseHba(text).rules.map((rule) => matchRule(rule, knock));
  expect(kinds('host replication /(a)\\1 all md5')).toEqual(['unknown']);
  expect(kinds('host replication slave,/(a)\\1 all md5\nhost all /(a)\\1 all md5')).toEqual(['match', 'database']);
  const unknownOf = (text: string) => firstUnknown(parseHba(text).rules, knock)?.line;
  expect(unknownOf('host replication /(a)\\1 all md5\nhost replication slave all md5')).toBe(1);
  expect(unknownOf('host replication slave all md5\nhost replication /(a)\\1 all md5')).toBeUndefined();
});

test('a quoted word in an hba line is not a keyword', () => {
  const [rule] = parseHba('host "replication",replication slave all md5').rules;
  expect(rule?.databases).toEqual([
    { word: 'replication', quoted: true },
    { word: 'replication', quoted: false },
  ]);
});

test('the options of an hba line are kept', () => {
  expect(parseHba('local all all peer map=x').rules[0]?.options).toEqual(['map=x']);
});

test('hba rules in comments are listed, and prose is not', () => {
  const text =
    '# host  DATABASE  USER  ADDRESS  METHOD  [OPTIONS]\n#host replication slave all md5 # old\n# this host is fine\n';
  expect(parseHba(text)).toMatchObject({ rules: [], errors: [], commented: [{ line: 2, method: 'md5' }] });
});

test('a backslash continues an hba line, which has the number of its first line', () => {
  const { rules, errors } = parseHba('# one\r\nhost replication \\\r\n  slave \\\nall md5\nhost all\n');
  expect(rules).toMatchObject([{ line: 2, text: 'host replication   slave all md5', method: 'md5' }]);
  expect(errors).toMatchObject([{ line: 5 }]);
});

test.each([
  ['radius radiusservers=127.0.0.1', 18, 'authentication method "radius" requires argument "radiussecrets" to be set'],
  [
    'radius radiusservers= radiussecrets=x',
    18,
    'authentication method "radius" requires argument "radiusservers" to be set',
  ],
  [
    'radius radiusservers=127.0.0.1 "radiussecrets=x,y"',
    18,
    'the number of RADIUS secrets (2) must be 1 or the same as the number of RADIUS servers (1)',
  ],
  ['radius radiusservers=127.0.0.1 radiussecrets=x radiusports=x', 18, ''],
  ['radius radiusservers=127.0.0.1 radiussecrets=x', 18, undefined],
  ['ldap ldapport=0', 15, 'invalid LDAP port number: "0"'],
  [
    'ldap ldapprefix=p ldapbasedn=d',
    15,
    'cannot use ldapbasedn, ldapbinddn, ldapbindpasswd, ldapsearchattribute, ldapsearchfilter, or ldapurl together with ldapprefix',
  ],
  [
    'ldap ldapbasedn=d ldapsearchattribute=a ldapsearchfilter=f',
    15,
    'cannot use ldapsearchattribute together with ldapsearchfilter',
  ],
  ['ldap ldapsuffix=', 15, undefined],
])('options in an hba line are read as PostgreSQL reads them: %s (%i)', (method, major, message) => {
  expect(parseHba(`host all all all ${method}`, { major }).errors[0]?.message).toBe(message);
});

test('a zero byte hides the rest of its line, since 14 with the end of that line', () => {
  const text = 'local all all\0 x\n trust\nlocal';
  const seen = (major: number) => parseHba(text, { major }).errors.map(({ line, message }) => [line, message]);
  expect(seen(13)).toEqual([
    [1, 'end-of-line before authentication method'],
    [2, 'invalid connection type "trust"'],
    [3, 'end-of-line before database specification'],
  ]);
  expect(seen(14)).toEqual([[2, 'end-of-line before database specification']]);
});

test('include lines are skipped without their files, and an @file is a word that matches no user', () => {
  const { rules, errors } = parseHba('include more.conf\ninclude_dir "a b"\nhost replication @users all md5\n');
  expect(errors).toEqual([]);
  expect(rules.map((rule) => matchRule(rule, knock))).toEqual(['user']);
});

describe('what changed between majors', () => {
  const seen = (text: string, major: number) => {
    const { rules, errors } = parseHba(text, { major });
    return [
      ...rules.map(({ line, method }) => `${line} ${method}`),
      ...errors.map(({ line, message }) => `${line} ${message}`),
    ];
  };

  test.each([
    ['host all all \\\nall md5', 14, ['1 md5']],
    ['host all all \\\nall md5', 13, ['1 end-of-line before authentication method', '2 invalid connection type "all"']],
    ['local all all oauth scope=a issuer=b', 18, ['1 oauth']],
    ['local all all oauth scope=a issuer=b', 17, ['1 invalid authentication method "oauth"']],
    ['include more.conf', 15, ['1 invalid connection type "include"']],
    ['hostssl all all all cert clientcert=1', 13, ['1 cert']],
    ['hostssl all all all cert clientcert=1', 14, ['1 invalid value for clientcert: "1"']],
    ['local /( all trust', 15, ['1 trust']],
    ['local /( all trust', 16, ['1 invalid regular expression "(": parentheses () not balanced']],
  ])('the hba line %j is read as PostgreSQL %i reads it', (text, major, expected) => {
    expect(seen(text, major)).toEqual(expected);
  });

  test('a slash begins a regular expression since 16, and is a letter before', () => {
    const fits = (major: number, user: string) =>
      firstMatch(parseHba('host replication /^sl all trust', { major }).rules, { ...knock, user }) !== undefined;
    expect([fits(16, 'slave'), fits(15, 'slave'), fits(15, '/^sl')]).toEqual([true, false, true]);
  });
});

test('the method ident on a local line is peer', () => {
  expect(parseHba('local all all ident map=x').rules).toMatchObject([{ method: 'peer', options: ['map=x'] }]);
});

test('a role that does not exist is not a member, not even of itself', () => {
  const { rules } = parseHba('host replication +slave all trust');
  expect(firstMatch(rules, knock)).toBeDefined();
  expect(firstMatch(rules, { ...knock, roleExists: false })).toBeUndefined();
});

describe('other files', () => {
  const files: Readonly<Record<string, string>> = {
    '/data/users': 'slave, "my user" # two\n@more\n',
    '/data/more': 'crew',
    '/data/hba.d/b.conf': 'local all @../users peer\n',
    '/data/hba.d/a.conf': 'local all a reject\nnonsense\n',
  };
  const place = {
    path: '/data/pg_hba.conf',
    text: (path: string) => files[path],
    names: (folder: string) => (folder === '/data/hba.d' ? ['b.conf', 'a.conf', '.c.conf', 'd.txt'] : undefined),
  };
  const read = (text: string, major = 18) => parseHba(text, { major, place });

  test('an @file is replaced by the words in it, and in quotes it is a name', () => {
    const [rule] = read('host replication @users,x,"@users" all md5').rules;
    expect(rule?.users.map(({ word }) => word)).toEqual(['slave', 'my user', 'crew', 'x', '@users']);
  });

  test('an included folder is read by file name, and its rules and errors have their file and line', () => {
    const { rules, errors } = read('local all first trust\ninclude_dir hba.d\nlocal all last trust\n');
    expect(rules.map(({ file, line, users }) => [file, line, users[0]?.word])).toEqual([
      [undefined, 1, 'first'],
      ['/data/hba.d/a.conf', 1, 'a'],
      ['/data/hba.d/b.conf', 1, 'slave'],
      [undefined, 3, 'last'],
    ]);
    expect(errors).toMatchObject([
      { file: '/data/hba.d/a.conf', line: 2, message: 'invalid connection type "nonsense"' },
    ]);
  });

  test('a folder in the place of a file has no lines and no words; only 13 complains', () => {
    expect(read('include hba.d\nlocal x,@hba.d all trust\n')).toMatchObject({
      rules: [{ line: 2, databases: [{ word: 'x' }] }],
      errors: [],
    });
    expect(read('local x,@hba.d all trust\n', 13).errors).toMatchObject([
      { line: 1, message: 'could not read file "/data/hba.d": Is a directory' },
    ]);
  });

  test('a missing included file is an error of the line that names it', () => {
    const message = 'could not open file "/data/gone": No such file or directory';
    expect(read('include gone\nlocal @gone all trust\ninclude_if_exists gone').errors).toMatchObject([
      { line: 1, message },
      { line: 2, message },
    ]);
    expect(read('local @gone all trust', 15).errors[0]?.message).toMatch(
      /^could not open secondary authentication file/,
    );
  });
});

function asInView(rule: HbaRule): unknown[] {
  const { databases, users, address, mask } = rule;
  return withNumbers([
    rule.type,
    databases.map(({ word }) => word),
    users.map(({ word }) => word),
    address,
    mask,
    rule.method,
  ]);
}

/** The view prints full addresses, and a mask instead of a CIDR length, so numbers are compared. */
function withNumbers([type, databases, users, address, mask, method]: Row): unknown[] {
  const [host = '', length] = (address ?? '').split('/');
  const parsed = parseAddress(host);
  if (!parsed) return [type, databases, users, address, mask, method];
  const bits = length === undefined ? parseAddress(mask ?? '') : cidrMask(length, parsed.family);
  return [type, databases, users, parsed, bits, method];
}

/** Recorded rows of pg_hba_file_rules of PostgreSQL 15.18 and 18.4 (for `map=x` the message of 18). */
function recordedLines(): readonly (readonly [string, string | Row])[] {
  return [
    [
      'host replication slave 127.0.0.1/32 scram-sha-256',
      ['host', ['replication'], ['slave'], '127.0.0.1', '255.255.255.255', 'scram-sha-256'],
    ],
    ['host replication slave all md5', ['host', ['replication'], ['slave'], 'all', null, 'md5']],
    ['host replication slave 127.0.0.1 scram-sha-256', 'invalid IP mask "scram-sha-256": Name or service not known'],
    ['host replication slave 127.0.0.1/33 scram-sha-256', 'invalid CIDR mask in address "127.0.0.1/33"'],
    ['host replication slave 127.0.0.1/32 scram', 'invalid authentication method "scram"'],
    ['host replication slave 127.0.0.1/32', 'end-of-line before authentication method'],
    ['hosts replication slave 127.0.0.1/32 md5', 'invalid connection type "hosts"'],
    [
      'hostssl replication slave 127.0.0.1/32 md5',
      ['hostssl', ['replication'], ['slave'], '127.0.0.1', '255.255.255.255', 'md5'],
    ],
    [
      'host "replication" slave 127.0.0.1/32 md5',
      ['host', ['replication'], ['slave'], '127.0.0.1', '255.255.255.255', 'md5'],
    ],
    [
      'host replication slave 127.0.0.1 255.255.255.255 md5',
      ['host', ['replication'], ['slave'], '127.0.0.1', '255.255.255.255', 'md5'],
    ],
    [
      'host replication slave ::1/128 md5',
      ['host', ['replication'], ['slave'], '::1', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'md5'],
    ],
    ['host replication slave ::1 md5', 'invalid IP mask "md5": Name or service not known'],
    ['host replication slave localhost md5', ['host', ['replication'], ['slave'], 'localhost', null, 'md5']],
    ['host replication slave localhost/32 md5', 'specifying both host name and CIDR mask is invalid: "localhost/32"'],
    [
      'host replication slave samenet scram-sha-256',
      ['host', ['replication'], ['slave'], 'samenet', null, 'scram-sha-256'],
    ],
    ['host replication slave samehost', 'end-of-line before authentication method'],
    ['host replication slave .example.com trust', ['host', ['replication'], ['slave'], '.example.com', null, 'trust']],
    [
      'host replication,all slave,"my user" all trust # comment',
      ['host', ['replication', 'all'], ['slave', 'my user'], 'all', null, 'trust'],
    ],
    ['host replication , all slave all trust', 'invalid authentication method "all"'],
    ['host all all all md5#x', ['host', ['all'], ['all'], 'all', null, 'md5']],
    ['host all', 'end-of-line before role specification'],
    ['host', 'end-of-line before database specification'],
    ['host all all', 'end-of-line before IP address specification'],
    ['local all all peer', ['local', ['all'], ['all'], null, null, 'peer']],
    ['local all all 127.0.0.1/32 md5', 'invalid authentication method "127.0.0.1/32"'],
    ['local all all', 'end-of-line before authentication method'],
    ['host all all 127.0.0.1/32 peer', 'peer authentication is only supported on local sockets'],
    ['host all all all cert', 'cert authentication is only supported on hostssl connections'],
    ['host all all 127.0.0.1 ::1 md5', 'IP address and mask do not match'],
    [
      'host all all 10.0.0.0/8 md5 map=x',
      'authentication option "map" is only valid for authentication methods ident, peer, gssapi, sspi, cert, and oauth',
    ],
    ['host all all all md5 mapx', 'authentication option not in name=value format: mapx'],
    ['host all all all md5 mapx=y', 'unrecognized authentication option name: "mapx"'],
    ['host all all 256.0.0.1/32 md5', 'specifying both host name and CIDR mask is invalid: "256.0.0.1/32"'],
    ['host all all 127.1/16 md5', ['host', ['all'], ['all'], '127.0.0.1', '255.255.0.0', 'md5']],
    ['host all all 10/8 md5', ['host', ['all'], ['all'], '0.0.0.10', '255.0.0.0', 'md5']],
    ['host all all 0/0 md5', ['host', ['all'], ['all'], '0.0.0.0', '0.0.0.0', 'md5']],
    ['host all all 127.0.0.1/ md5', 'invalid CIDR mask in address "127.0.0.1/"'],
    ['host all all 127.0.0.1/32,::1/128 md5', 'multiple values specified for host address'],
    ['host,local all all all md5', 'multiple values specified for connection type'],
    ['host all all all md5,trust', 'multiple values specified for authentication type'],
    ['host all +admins all md5', ['host', ['all'], ['+admins'], 'all', null, 'md5']],
    ['host all /^re all md5', ['host', ['all'], ['/^re'], 'all', null, 'md5']],
    ['host all all 127.0.0.1 255.255.255.0,255 md5', 'multiple values specified for netmask'],
    ['host all all 127.0.0.1/32 MD5', 'invalid authentication method "MD5"'],
    ['HOST all all 127.0.0.1/32 md5', 'invalid connection type "HOST"'],
    ['host all all ALL md5', ['host', ['all'], ['all'], 'ALL', null, 'md5']],
    ['host replication slave 127.0.0.1/32 trust extra', 'authentication option not in name=value format: extra'],
    ["host replication slave 127.0.0.1/32 'md5'", 'invalid authentication method "\'md5\'"'],
    ['host "replication slave 127.0.0.1/32 md5', 'end-of-line before role specification'],
    ['host "say ""hi""" slave all md5', ['host', ['say "hi"'], ['slave'], 'all', null, 'md5']],
    [
      'host replication slave fe80::1%lo/64 md5',
      ['host', ['replication'], ['slave'], 'fe80::1', 'ffff:ffff:ffff:ffff::', 'md5'],
    ],
    [
      'host replication slave 1:2::3:4/64 md5',
      ['host', ['replication'], ['slave'], '1:2::3:4', 'ffff:ffff:ffff:ffff::', 'md5'],
    ],
    [
      'host replication slave ::ffff:10.0.0.1/128 md5',
      ['host', ['replication'], ['slave'], '::ffff:10.0.0.1', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'md5'],
    ],
    ['host all all 127.0.0.1::\t+x', 'invalid authentication method "+x"'],
    ['host replication slave 1:2:3/64 md5', 'specifying both host name and CIDR mask is invalid: "1:2:3/64"'],
    ['host replication slave 127.0.0.1/32 = md5', 'invalid authentication method "="'],
    ['host replication slave 127.0.0.1 / 32 md5', 'invalid IP mask "/": Name or service not known'],
    ['host replication slave 0x7f.1/8 md5', ['host', ['replication'], ['slave'], '127.0.0.1', '255.0.0.0', 'md5']],
    [
      'host replication slave 127.0.0.01/32 md5',
      ['host', ['replication'], ['slave'], '127.0.0.1', '255.255.255.255', 'md5'],
    ],
    ['host replication slave 127.0.0.08/32 md5', 'specifying both host name and CIDR mask is invalid: "127.0.0.08/32"'],
    ['hostnossl replication slave all trust', ['hostnossl', ['replication'], ['slave'], 'all', null, 'trust']],
    [
      'host replication slave 127.0.0.1/32 reject',
      ['host', ['replication'], ['slave'], '127.0.0.1', '255.255.255.255', 'reject'],
    ],
    ['host "" slave all md5', ['host', [''], ['slave'], 'all', null, 'md5']],
    ['host\treplication\tslave\tall\tmd5', ['host', ['replication'], ['slave'], 'all', null, 'md5']],
    ['host,replication slave all md5', 'multiple values specified for connection type'],
    ['host all, slave all md5', 'end-of-line before authentication method'],
    ['host all all 127.0.0.1/032 md5', ['host', ['all'], ['all'], '127.0.0.1', '255.255.255.255', 'md5']],
    ['host all all 127.0.0.1/-1 md5', 'invalid CIDR mask in address "127.0.0.1/-1"'],
    ['host all all 127.0.0.1/+8 md5', ['host', ['all'], ['all'], '127.0.0.1', '255.0.0.0', 'md5']],
    ['host all all ::01.2.3.4/96 md5', 'specifying both host name and CIDR mask is invalid: "::01.2.3.4/96"'],
    ['host all all ::1%lo/128 md5', 'specifying both host name and CIDR mask is invalid: "::1%lo/128"'],
  ];
}

/**
 * Recorded with PostgreSQL 18.4: each rule alone in the file with the method trust, and the databases that slave (a
 * member of crew) could connect to from 127.0.0.1.
 */
function recordedMatches(): readonly (readonly [string, string[]])[] {
  return [
    ['host all all 127.0.0.1/32', ['master', 'slave', 'crew']],
    ['host all slave all', ['master', 'slave', 'crew']],
    ['host replication slave 127.0.0.1/32', ['replication']],
    ['host "replication" slave 127.0.0.1/32', []],
    ['host "all" all all', []],
    ['host all "all" all', []],
    ['host sameuser slave all', ['slave']],
    ['host samerole slave all', ['slave', 'crew']],
    ['host all +crew all', ['master', 'slave', 'crew']],
    ['host all "+crew" all', []],
    ['host all +slave all', ['master', 'slave', 'crew']],
    ['host all /^sl all', ['master', 'slave', 'crew']],
    ['host all "/^sl" all', ['master', 'slave', 'crew']],
    ['host /^ma,replication slave all', ['master', 'replication']],
    ['host all slave samehost', ['master', 'slave', 'crew']],
    ['host all slave samenet', ['master', 'slave', 'crew']],
    ['host all slave localhost', ['master', 'slave', 'crew']],
    ['host all slave 127.0.0.1 255.0.0.0', ['master', 'slave', 'crew']],
    ['host all slave 127.1/16', ['master', 'slave', 'crew']],
    ['host all slave 10/8', []],
    ['host all slave ::1/128', []],
    ['host replication,all slave 127.0.0.2/32', []],
    ['hostnossl all slave all', ['master', 'slave', 'crew']],
    ['hostssl all slave all', []],
    ['hostnogssenc all slave all', ['master', 'slave', 'crew']],
    ['hostgssenc all slave all', []],
    ['local all all', []],
    ['host master,all slave,postgres 0.0.0.0/0', ['master', 'slave', 'crew']],
    ['host all slave 127.0.0.0/31', ['master', 'slave', 'crew']],
    ['host all slave 127.0.0.2/31', []],
    ['host all slave 0.0.0.1 0.0.0.255', ['master', 'slave', 'crew']],
    ['host all SLAVE all', []],
    ['host MASTER slave all', []],
    ['host replication slave samenet', ['replication']],
    ['host slave slave all', ['slave']],
    ['host crew slave all', ['crew']],
    ['host all slave ALL', []],
    ['host all slave "all"', []],
  ];
}
