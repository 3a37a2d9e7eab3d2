import { describe, expect, test } from 'vitest';
import { parseConf, quoteConf, setConf, unsetConf, withoutComment } from '../../src/postgres/conf/conf.ts';

describe('a line is read as PostgreSQL reads it', () => {
  test.each(recorded())('a conf line is read as PostgreSQL reads it: %s', (line, expected) => {
    const conf = parseConf(`# first\n${line}\n`, 'postgresql.conf');
    const where = { file: 'postgresql.conf', line: 2, text: line };
    const { settings, errors } = conf;
    expect({ settings, errors }).toEqual(
      'near' in expected
        ? { settings: [], errors: [{ ...where, ...expected }] }
        : { settings: [{ ...where, ...expected }], errors: [] },
    );
  });
});

describe('a conf file', () => {
  test('a conf file keeps every line of a setting that is there twice, in order', () => {
    const { settings } = parseConf('port = 1\nPORT = 2\n', 'f');
    expect(settings.map(({ name, value, line }) => [name, value, line])).toEqual([
      ['port', '1', 1],
      ['port', '2', 2],
    ]);
  });

  test('a conf file names its includes, and reads on after them', () => {
    const text = "include 'a.conf'\nInclude_If_Exists = 'b.conf'\ninclude_dir 'conf.d' # all\nport = 1";
    const { includes, settings } = parseConf(text, 'f');
    expect(includes).toEqual([
      { how: 'include', path: 'a.conf', line: 1 },
      { how: 'include_if_exists', path: 'b.conf', line: 2 },
      { how: 'include_dir', path: 'conf.d', line: 3 },
    ]);
    expect(settings).toEqual([{ name: 'port', value: '1', file: 'f', line: 4, text: 'port = 1' }]);
  });

  test('a conf file lists settings in comments, but not prose', () => {
    const text =
      '#port = 5432   # (change requires restart)\n  ## WAL_level = replica\n# Replication slots\n# a = b c\n#\n';
    expect(parseConf(text, 'f').commented.map(({ name, value, line }) => [name, value, line])).toEqual([
      ['port', '5432', 1],
      ['wal_level', 'replica', 2],
    ]);
  });

  test('a conf file with Windows line ends reads the same, without the carriage returns', () => {
    const { settings, errors } = parseConf("port = 5433\r\nwal_level = 'replica' # yes\r\nbad\r\n", 'f');
    expect(settings.map(({ value, text }) => [value, text])).toEqual([
      ['5433', 'port = 5433'],
      ['replica', "wal_level = 'replica' # yes"],
    ]);
    expect(errors).toEqual([{ file: 'f', line: 3, near: '', text: 'bad' }]);
  });

  test("an error on the last line of a conf file has that line's number, with and without newline", () => {
    expect(parseConf('port = 1\nport =', 'f').errors[0]?.line).toBe(2);
  });
});

describe('setConf', () => {
  test.each([
    ['changes the last active line', 'port = 1\nport = 2\n#port = 3\n', 'port', '9', 'port = 1\nport = 9\n#port = 3\n'],
    ['keeps blanks, quotes and the comment', " Port\t'1'  # one\nx = 1\n", 'port', '9', " Port\t'9'  # one\nx = 1\n"],
    ['keeps Windows line ends', 'port = 1 # one\r\nx = 1\r\n', 'port', '9', 'port = 9 # one\r\nx = 1\r\n'],
    ['quotes what needs it', 'port = 1', 'port', "it's", "port = 'it''s'"],
    [
      'uncomments the last commented line',
      '#a = 1\n# a = 2  # two\nb = 1\n',
      'a',
      '9',
      '#a = 1\na = 9  # two\nb = 1\n',
    ],
    ['appends where there is none', 'b = 1\n', 'a', 'x y', "b = 1\na = 'x y'\n"],
    ['appends after a last line without newline', 'b = 1', 'a', 'on', 'b = 1\na = on\n'],
    ['appends with the line end of the file', 'b = 1\r\n', 'a', 'on', 'b = 1\r\na = on\r\n'],
    ['writes the first line of an empty file', '', 'a', '', "a = ''\n"],
    ['mends a line that PostgreSQL refuses', "a = 'x # c\r\nb = 1\r\n", 'a', '1', 'a = 1\r\nb = 1\r\n'],
    ['comments out the other refused lines', 'a = x y\na = 1\n', 'a', '2', '#a = x y\na = 2\n'],
    ['leaves names that only begin alike alone', 'a_b = 1\n', 'a', '2', 'a_b = 1\na = 2\n'],
    ['does not read $ in a value as a pattern', 'a = 1\n', 'a', '$& $1', "a = '$& $1'\n"],
  ])('setConf: %s', (_, text, name, value, expected) => {
    expect(setConf(text, name, value)).toBe(expected);
  });

  test.each(["it's", 'a\\b', 'two\nlines', '', 'first 1 ("a-b")', '127.0.0.1', '# no', 'é', '“x”'])(
    'a value that setConf writes is read back: %j',
    (value) => {
      const read = (text: string) => parseConf(text, 'f').settings.map((setting) => setting.value);
      expect(read(setConf('', 'a', value))).toEqual([value]);
      expect(read(setConf('a = 1 # c', 'a', value))).toEqual([value]);
    },
  );
});

test('unsetConf comments out every active line, and nothing else', () => {
  const text = "A = 1\r\n a 'x'\r\n#a = 2\r\na = x y\r\nb = 1";
  expect(unsetConf(text, 'a')).toBe("#A = 1\r\n# a 'x'\r\n#a = 2\r\n#a = x y\r\nb = 1");
});

test('quoteConf doubles quotes and backslashes', () => {
  expect(quoteConf("it's a \\")).toBe("'it''s a \\\\'");
});

/** Recorded from `postgres -C` and pg_file_settings; PostgreSQL 15.18 and 18.4 gave the same. */
function recorded(): readonly (readonly [string, { near: string } | { name: string; value: string }])[] {
  return [
    ['port = 5433', { name: 'port', value: '5433' }],
    ['port=5433', { name: 'port', value: '5433' }],
    ['port 5433', { name: 'port', value: '5433' }],
    ['  Port  =  5433   # the port', { name: 'port', value: '5433' }],
    ["listen_addresses = '*'", { name: 'listen_addresses', value: '*' }],
    ['listen_addresses = localhost', { name: 'listen_addresses', value: 'localhost' }],
    ['listen_addresses = *', { near: '*' }],
    ["primary_conninfo = 'host=127.0.0.1 port=5432 user=slave", { near: "'" }],
    ['primary_conninfo = host=127.0.0.1 port=5432', { near: '=' }],
    ['primary_conninfo = "host=127.0.0.1 port=5432"', { near: '"' }],
    ['synchronous_standby_names = “first 1 (slave1)”', { near: '1' }],
    ['synchronous_standby_names = ‘slave1’', { name: 'synchronous_standby_names', value: '‘slave1’' }],
    ['synchronous_standby_names = first 1 (slave1)', { near: '1' }],
    ["synchronous_standby_names = 'first 1 (slave1)", { near: "'" }],
    ["primary_conninfo = 'host='127.0.0.1' port=5432'", { near: '127.0' }],
    [
      "primary_conninfo = 'host=''127.0.0.1'' port=5432'",
      { name: 'primary_conninfo', value: "host='127.0.0.1' port=5432" },
    ],
    ["t.a = 'it''s'", { name: 't.a', value: "it's" }],
    ["t.b = 'it\\'s a \\\\ and \\101 \\n x'", { name: 't.b', value: "it's a \\ and A \n x" }],
    ["t.c = ''", { name: 't.c', value: '' }],
    ['t.d =', { near: '' }],
    ['t.e', { near: '' }],
    ['=', { near: '=' }],
    ['wal_level: replica', { near: 'wal_level:' }],
    ['wal_level == replica', { near: '=' }],
    ['wal-level = replica', { near: 'wal-level' }],
    ['wal_level = replica; max_wal_senders = 5', { near: ';' }],
    ['wal_keep_size = 64MB', { name: 'wal_keep_size', value: '64MB' }],
    ['wal_keep_size = 64 MB', { near: 'MB' }],
    ["wal_keep_size = '64 MB'", { name: 'wal_keep_size', value: '64 MB' }],
    ['t.f = -1.5e3', { name: 't.f', value: '-1.5e3' }],
    ['t.g = 0x1F', { name: 't.g', value: '0x1F' }],
    ['t.h = +7kB', { name: 't.h', value: '+7kB' }],
    ['t.i = .5', { name: 't.i', value: '.5' }],
    ['t.j = pg_catalog.english-x/y:z', { name: 't.j', value: 'pg_catalog.english-x/y:z' }],
    ['a.b.c = 1', { near: 'a.b.c' }],
    ['5432 = port', { near: '5432' }],
    ["'port' = 5432", { near: "'port'" }],
    ["t.k = 'a#b' # c", { name: 't.k', value: 'a#b' }],
    ['t.l = a#b', { name: 't.l', value: 'a' }],
    ['t.m = x y', { near: 'y' }],
    ['// comment', { near: '/' }],
    ['-- comment', { near: '-' }],
    ['primary_slot_name = slot-1', { name: 'primary_slot_name', value: 'slot-1' }],
    ['t.n = 1.2.3', { near: '.3' }],
    ['t.o = 127.0.0.1', { near: '.0' }],
    ['t.p = 10%', { near: '%' }],
    ['t.q = $libdir', { near: '$' }],
    ["t.r = 'a' 'b'", { near: "'b'" }],
    ['ＰORT = 1', { name: 'Ｐort', value: '1' }],
    ["t.s = 'x\\", { near: "'" }],
    ["log_line_prefix = '%m [%p] '", { name: 'log_line_prefix', value: '%m [%p] ' }],
    ['t.t = 1-2', { near: '-2' }],
    ["t.u = 'tab\tinside'", { name: 't.u', value: 'tab\tinside' }],
    ["t.v = on'x'", { near: "'x'" }],
    ["t.w = '\\x\\q\\8'", { name: 't.w', value: 'xq8' }],
    ["t.y = '\\303\\251\\😀'", { name: 't.y', value: 'é😀' }],
    ["t.z = 'a\\0b'", { name: 't.z', value: 'a' }],
    ['Ärger = 1', { name: 'Ärger', value: '1' }],
    ['t.x = é', { name: 't.x', value: 'é' }],
    ['host all all all md5', { near: 'all' }],
  ];
}

test.each([
  ['port = 5437                # (change requires restart)', 'port = 5437'],
  ["search_path = '\"#1\", it''s # no comment'\t# one", "search_path = '\"#1\", it''s # no comment'"],
  ["broken = 'never closed # still in it", "broken = 'never closed # still in it"],
  ['#port = 5432', ''],
])('withoutComment of %j is %j', (text, told) => {
  expect(withoutComment(text)).toBe(told);
});
