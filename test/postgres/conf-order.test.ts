import { expect, test } from 'vitest';
import { parseConf } from '../../src/postgres/conf/conf.ts';
import { readingOrder } from '../../src/postgres/conf/order.ts';

const files: Readonly<Record<string, string>> = {
  '/data/postgresql.conf': "a = 1\ninclude_dir 'conf.d'\na = 2\ninclude '/etc/more.conf'\n",
  '/data/conf.d/z.conf': 'a = z\n',
  '/data/conf.d/b.conf': 'a = b\n',
  '/data/conf.d/.hidden.conf': 'a = hidden\n',
  '/etc/more.conf': "a = 3\ninclude_if_exists 'gone'\ninclude 'gone'\ninclude 'more.conf'\n",
};
const place = {
  parsed: (path: string) => {
    const text = files[path];
    return text === undefined ? undefined : parseConf(text, path);
  },
  names: (folder: string) => (folder === '/data/conf.d' ? ['z.conf', '.hidden.conf', 'b.conf', 'c.txt'] : undefined),
};

test("an included file is read at the include's line, and a folder in the order of its file names", () => {
  const { pieces } = readingOrder('/data/postgresql.conf', place);
  expect(pieces.flatMap(({ settings }) => settings).map(({ file, line, value }) => `${file} ${line} ${value}`)).toEqual(
    [
      '/data/postgresql.conf 1 1',
      '/data/conf.d/b.conf 1 b',
      '/data/conf.d/z.conf 1 z',
      '/data/postgresql.conf 3 2',
      '/etc/more.conf 1 3',
    ],
  );
});

test('an include that cannot be read is a fault with its line', () => {
  expect(readingOrder('/data/postgresql.conf', place).faults).toEqual([
    { file: '/etc/more.conf', line: 3, what: 'could not open file "/etc/gone"' },
    { file: '/etc/more.conf', line: 4, what: 'configuration file recursion' },
  ]);
});
