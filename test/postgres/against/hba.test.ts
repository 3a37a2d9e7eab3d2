/** Compares our reading of pg_hba.conf with pg_hba_file_rules, line by line and column by column. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Address, cidrMask, parseAddress } from '../../../src/postgres/hba/address.ts';
import { type HbaRule, parseHba } from '../../../src/postgres/hba/hba.ts';
import { readHbaLines } from '../../../src/postgres/hba/lines.ts';
import { regexFits, regexProblem } from '../../../src/postgres/hba/regex.ts';
import { agree, campaign, notKnown, simplerText } from './agree.ts';
import { anyBytes, bytesOf, mutate, newRandom, type Random } from './random.ts';
import { builds, startServer, type TestServer } from './server.ts';

for (const build of await builds()) {
  describe(`pg_hba.conf, PostgreSQL ${build.major}`, () => {
    let server: TestServer;
    let methods: readonly string[];
    let isMeant: (text: string) => boolean;
    beforeAll(async () => {
      server = await startServer(build);
      methods = await builtMethods(server);
      isMeant = isMeantWith(methods);
    });
    afterAll(() => server?.[Symbol.asyncDispose]());

    test(`PostgreSQL ${build.major} refuses the same lines of pg_hba.conf, and reads the others into the same columns`, async () => {
      const random = newRandom('hba');
      await campaign({
        reader: `pg_hba.conf | ${build.major}`,
        next: () => alone(random.until(() => anyText(random, methods), isMeant)),
        ...readings(server),
        simpler: ({ main }) => simplerText(main).filter(isMeant).map(alone),
      });
    });

    test(`any bytes in pg_hba.conf are read as PostgreSQL ${build.major} reads them`, async () => {
      const random = newRandom('hba bytes');
      // Without a continued line or quotes in a character, which messages show as one.
      const areMeant = (bytes: string) => isMeant(bytes) && !/[\x80-\xff](?:\\\r*\n|"+[\x80-\xff])/.test(bytes);
      await campaign({
        reader: `pg_hba.conf, any bytes | ${build.major}`,
        mostUnknown: 0.1, // no UTF-8 in a regular expression
        next: () => random.until(() => anyBytes(random, anyText(random, methods)), areMeant),
        ours: (bytes) => readByUs(alone(bytesOf(bytes).toString()), server),
        theirs: (some) =>
          readByServer(
            server,
            some.map((bytes) => alone(bytes)),
            'latin1',
          ),
        simpler: (bytes) => simplerText(bytes).filter(areMeant),
      });
    });

    test(`lists in files and included files give the same hba rules in PostgreSQL ${build.major}, in order`, async () => {
      const random = newRandom('hba files');
      const reader = `pg_hba.conf, includes and lists | ${build.major}`;
      await campaign({ reader, next: () => anyTree(random), ...readings(server), simpler: simplerTree });
    });

    test(`PostgreSQL ${build.major} refuses a very long word in pg_hba.conf before 16`, async () => {
      const words = [300, 9000, 10238, 10239, 10240, 11000].flatMap((length) => [
        'x'.repeat(length),
        'é'.padEnd(length - 1, 'x'),
      ]);
      const texts = words.flatMap((word) => [
        `local ${word} all trust`,
        `local ${word},b all trust`,
        `local "${word}" a b`,
      ]);
      expect(await agree({ inputs: texts.map(alone), ...readings(server) })).toBe(texts.length);
    });
  });
}

/** Files below the folder of the case; `main` is in pg_hba.conf itself. */
type Tree = { readonly main: string; readonly [path: string]: string };
const alone = (main: string): Tree => ({ main });

/**
 * Left out are @files elsewhere, names of network interfaces, names of RADIUS servers, which the server looks up, and
 * methods that it was built without.
 */
function isMeantWith(built: readonly string[]): (text: string) => boolean {
  const missing = allMethods.filter((method) => !built.includes(method)).join('|') || '$^';
  const notBuilt = new RegExp(`(?:^|[ \\t\\r\\n,])(?:${missing})(?=[ \\t\\r\\n,#\\0]|$)`);
  return (text) =>
    [/"/g, /"|\\\r*\n/g].every((gone) => {
      const plain = text.replace(gone, '');
      return !machines.test(plain.replace(loopbackZone, '')) && !hasServerName(plain) && !notBuilt.test(plain);
    });
}
const hasServerName = (text: string): boolean =>
  [...text.matchAll(/radiusservers=([^ \t\r\n]*)/g)].some(([, servers = '']) =>
    servers.split(',').some((one) => one !== '' && !parseAddress(one)),
  );
const machines = /@(?:[^\s,#]*\/|\.+(?=[\s,#\\]|$))|%(?!\d+(?=[/ \t\r\n,#]|$))/;
const loopback =
  Object.entries(networkInterfaces()).find(([, addresses]) => addresses?.some(({ internal }) => internal))?.[0] ?? 'lo';
const loopbackZone = new RegExp(`%${loopback}(?=[/ \\t\\r\\n,#]|$)`, 'g');

const readings = (server: TestServer) => ({
  ours: (tree: Tree) => readByUs(tree, server),
  theirs: (trees: readonly Tree[]) => readByServer(server, trees),
});

type Reading = {
  readonly rules: readonly (readonly [path: string, line: number, columns: Columns])[];
  readonly errors: readonly (readonly [path: string, line: number, message: string])[];
};
type Columns = {
  readonly type: string;
  readonly databases: readonly string[];
  readonly users: readonly string[];
  readonly address: string;
  readonly method: string;
  readonly options: readonly string[];
};

// ---- Our reading ----

const folderOf = ({ data }: TestServer, at: number): string => join(data, 'cases', String(at));

function readByUs(tree: Tree, server: TestServer): Reading | typeof notKnown {
  const folder = folderOf(server, 0);
  const path = join(folder, 'main');
  const names = (of: string) => {
    const start = `${relative(folder, of)}/`;
    const found = Object.keys(tree).filter((name) => name.startsWith(start));
    return found.length > 0 ? found.map((name) => name.slice(start.length)) : undefined;
  };
  const place = { path, text: (of: string) => tree[relative(folder, of)], names };
  const main = tree.main.replaceAll('<folder>/', '');
  const { rules, errors } = parseHba(main, { major: server.major, place });
  const words = readHbaLines(main, server.major, place).flatMap(({ fields }) => fields.flat());
  if (words.some(({ word, regex }) => regex && isUnknown(word.slice(1)))) return notKnown;
  const below = (file = path) => relative(folder, file);
  return {
    rules: rules.map((rule) => [below(rule.file), rule.line, columnsOf(rule)]),
    errors: errors.map(({ file, line, message }) => [below(file), line, said(message, folder)]),
  };
}

const isUnknown = (pattern: string) => regexProblem(pattern) === undefined && regexFits(pattern, '') === 'unknown';

const columnsOf = (rule: HbaRule): Columns => ({
  type: rule.type,
  databases: rule.databases.map(({ word }) => word),
  users: rule.users.map(({ word }) => word),
  address: rule.address === null ? '' : network(rule.address.replace(/^"(.*)"$/, '$1'), rule.mask),
  method: rule.method,
  options: shownOptions(rule),
});

/** The view prints full addresses, and a mask instead of a CIDR length, so numbers are compared. */
function network(address: string, mask: string | null): string {
  const [host = '', length] = address.split('/');
  const parsed = parseAddress(host);
  if (!parsed) return address;
  const bits = length === undefined ? parseAddress(mask ?? '') : cidrMask(length, parsed.family);
  const number = (one: Address | undefined) => `${one?.family}:${one?.bits.toString(16)}`;
  return `${number(parsed)}/${number(bits)}`;
}

/** The options as the view shows them: their effect, in its own order. */
function shownOptions({ method, options }: HbaRule): string[] {
  const given = new Map(
    options.map((option): [string, string] => [option.replace(/=.*/s, ''), option.replace(/^[^=]*=/s, '')]),
  );
  if (['gss', 'sspi'].includes(method)) given.set('include_realm', given.get('include_realm') ?? '1');
  if (method === 'cert') given.set('clientcert', 'verify-full');
  if (method === 'ldap') given.set('ldapscope', '2'); // of the whole tree
  const shown = [...given].map(([name, value]) => shownOption(name, value));
  return shown.filter((option) => option !== '').sort();
}

function shownOption(name: string, value: string): string {
  if (['include_realm', 'ldaptls', 'delegate_ident_mapping'].includes(name)) return value === '1' ? `${name}=true` : '';
  if (name === 'clientcert' && ['0', 'no-verify'].includes(value)) return '';
  if (name === 'clientcert' && value === '1') return 'clientcert=verify-ca';
  return ['clientname', 'compat_realm', 'upn_username', 'pam_use_hostname'].includes(name) ? '' : `${name}=${value}`;
}

/** The message to compare; for some errors the view has none, or that of another error. */
const said = (message: string, folder: string): string =>
  /^invalid value for client|^$|cannot match because/.test(message)
    ? 'refused without a word'
    : message
        .replaceAll(`${folder}/`, '')
        .replaceAll(`${dirname(dirname(folder))}/`, '')
        .replace(/@cases\/\d+\//g, '@');

// ---- The server's reading ----

type Row = {
  readonly file: string;
  readonly line: number;
  readonly type: string | null;
  readonly databases: readonly string[];
  readonly users: readonly string[];
  readonly address: string | null;
  readonly netmask: string | null;
  readonly method: string;
  readonly options: readonly string[] | null;
  readonly error: string | null;
};

/** In the order of the view: by rule, and refused lines in the order of reading. */
const rowsOf = (server: TestServer): Promise<Row[]> =>
  server.rows<Row>(`SELECT ${server.major >= 16 ? 'file_name' : "'/pg_hba.conf'"} AS file, line_number AS line, type, database AS databases,
    user_name AS users, address, netmask, auth_method AS method, options, error FROM pg_hba_file_rules`);

/** The methods that this server was built with; others are not compared. */
async function builtMethods(server: TestServer): Promise<readonly string[]> {
  const lines = allMethods.map((method) => `hostssl all all all ${method}`);
  writeFileSync(join(server.data, 'pg_hba.conf'), `${lines.join('\n')}\n`);
  const missing = (await rowsOf(server)).filter(({ error }) => error?.includes('not supported by this build'));
  return allMethods.filter((_, at) => missing.every(({ line }) => line !== at + 1));
}

/**
 * All cases are in one file; empty lines after each end a continued line, also behind a zero byte. The names of other
 * files begin with the number of the case.
 */
async function readByServer(
  server: TestServer,
  trees: readonly Tree[],
  encoding: BufferEncoding = 'utf8',
): Promise<Reading[]> {
  rmSync(join(server.data, 'cases'), { recursive: true, force: true });
  let starts = 0;
  const mains = trees.map(({ main, ...others }, at) => {
    for (const [name, text] of Object.entries(others)) {
      mkdirSync(dirname(join(folderOf(server, at), name)), { recursive: true });
      writeFileSync(join(folderOf(server, at), name), text);
    }
    const text = `${main.replaceAll('<folder>', `cases/${at}`)}\n\n\n`;
    const from = starts;
    starts += (server.major >= 14 ? text.replace(/\0[^\n]*\n/g, '') : text).split('\n').length - 1;
    return { text, from };
  });
  writeFileSync(join(server.data, 'pg_hba.conf'), mains.map(({ text }) => text).join(''), encoding);
  const readings = trees.map(() => ({
    rules: [] as Reading['rules'][number][],
    errors: [] as Reading['errors'][number][],
  }));
  for (const row of await rowsOf(server)) {
    const inCase = /\/cases\/(\d+)\/(.*)$/.exec(row.file);
    const at = inCase ? Number(inCase[1]) : mains.findLastIndex(({ from }) => from < row.line);
    const [path, line] = inCase?.[2] ? [inCase[2], row.line] : ['main', row.line - (mains[at]?.from ?? 0)];
    // "cannot match because SSL is disabled" is shown as an error, but the line is accepted.
    if (row.type === null) readings[at]?.errors.push([path, line, said(row.error ?? '', folderOf(server, at))]);
    else readings[at]?.rules.push([path, line, columnsIn(row, row.type)]);
  }
  return readings;
}

const columnsIn = ({ databases, users, address, netmask, method, options }: Row, type: string): Columns => ({
  type,
  databases,
  users,
  address: address === null ? '' : network(address, netmask),
  method,
  options: [...(options ?? [])].sort(),
});

// ---- Random files ----

const allMethods = 'trust reject scram-sha-256 md5 password ident peer cert gss ldap pam radius oauth'.split(' ');
const types = [
  'host',
  'host',
  'host',
  'local',
  'hostssl',
  'hostnossl',
  'hostgssenc',
  'hostnogssenc',
  'hosts',
  'HOST',
  '"host"',
  'host,local',
  '',
];
const databases = [
  'all',
  'replication',
  '"replication"',
  'master',
  'a,b',
  'a, b',
  '"my db"',
  'sameuser',
  'samerole',
  '/^m',
  '"/x"',
  '+a',
  '',
  '""',
  'a"b c"d',
  '"a""b"',
  'é',
  ',',
  'all,',
  '@',
];
const users = [
  'all',
  'slave',
  '+crew',
  '"+crew"',
  '"all"',
  'a,b',
  '/^s',
  'x',
  '',
  '"s l"',
  'слуга',
  '/',
  '/s(l|m)ave$',
  '/\\1',
  '/[[:]',
  '/(?i)S',
  '/[[.hyphen.]]',
  '/***=u',
  '/\\x75',
  '"/a b{2,1}"',
  '/^(?!x)',
  'ALL',
];
const addresses = [
  '127.0.0.1/32',
  'all',
  'samehost',
  'samenet',
  'localhost',
  '.example.com',
  '::1/128',
  '10.0.0.0/8',
  '127.0.0.1',
  '127.0.0.1 255.255.255.255',
  '10.1 255.0.0.0',
  '::1 ffff::',
  '127.0.0.1 ::1',
  '::ffff:10.0.0.1/128',
  `fe80::1%${loopback}/64`,
  'fe80::1%9/64',
  '1:2:3/64',
  '127.0.0.1/33',
  '127.0.0.1/',
  '127.0.0.1/+8',
  '"127.0.0.1/ 8"',
  '127.0.0.1/0x8',
  '0x7f.1/8',
  '010.0.0.1/8',
  '1.2.3.4.5/8',
  '256.1.1.1/8',
  '4294967295/1',
  '4294967296/1',
  '"all"',
  '"samehost"',
  '""',
  'ALL',
  'local_host',
  '::/0',
  ':::/0',
  '1::2::3/8',
  '1:2:3:4::5:6:7:8/64',
  '1:2:3:4::5:6:7/64',
  '::1.2.3.4/96',
  '::01.2.3.4/96',
  '127.0.0.1/32,::1/128',
  '0/0',
  `::1%${loopback}/128`,
  '::1%1/128',
  '127.0.0.1/99999999999999999999',
  '127.0.0.1 32',
];
const options = [
  'radiusservers=127.0.0.1',
  '"radiusservers=127.0.0.1,127.0.0.2"',
  'radiussecrets=x',
  '"radiussecrets=x,y,z"',
  'radiusports=1812',
  'radiusports=x',
  'radiusidentifiers=i',
  'radiusservers=',
  'ldapserver=l',
  'ldapport=389',
  'ldapport=0',
  'ldaptls=1',
  'ldaptls=yes',
  'ldapscheme=ldaps',
  'ldapscheme=http',
  'ldapbasedn=d',
  'ldapprefix=p',
  'ldapsuffix=s',
  'ldapsearchattribute=a',
  'ldapsearchfilter=f',
  'ldapbinddn=b',
  'pamservice=p',
  'pam_use_hostname=1',
  'scope=s',
  'scope=',
  'validator=v',
  'delegate_ident_mapping=1',
  'clientname=DN',
  'clientcert=0',
  'clientcert=no-verify',
  'upn_username=1',
  'compat_realm=0',
  'map=x',
  'map',
  'clientcert=verify-ca',
  'clientcert=verify-full',
  'clientcert=1',
  'clientcert=no',
  'clientname=CN',
  'clientname=x',
  'include_realm=0',
  'krb_realm=R',
  'foo=1',
  '"map=a b"',
  'map=a=b',
  '=',
  'map=',
  'include_realm=1,map=y',
  'issuer=x',
];
const strange = [...`",#\\@/+=\t\r .:1aé`, '""', '\\\n', '\n', '\u00a0', '“', '\f', '\v', '\ufeff', ' #', ',,', '/32'];
const ends = ['', '', '', ' # c', '\r', ' \\', '\\\n', '\t'];

function anyText(random: Random, methods: readonly string[]): string {
  const method = () =>
    random.chance(0.9) ? random.pick(methods) : random.pick(['scram', 'MD5', "'md5'", 'md5,trust', '"md5"', '']);
  const blank = () => random.pick([' ', ' ', '\t', '  ', ' \\\n ']);
  const line = () => {
    const type = random.pick(types);
    const where = type === 'local' ? '' : random.pick(addresses);
    const columns = [type, random.pick(databases), random.pick(users), where, method()];
    const own = options.filter((option) => option.includes(columns.at(-1)?.slice(0, 4) || ' '));
    const some = own.length > 0 && random.chance(0.7) ? own : options;
    if (random.chance(0.25)) columns.push(...random.some(1, 3, () => random.pick(some)));
    if (random.chance(0.1)) columns.splice(random.int(columns.length), 1);
    return (
      columns
        .filter((column) => column !== '')
        .map((column) => column + blank())
        .join('') + random.pick(ends)
    );
  };
  const soup = () =>
    random
      .some(0, 8, () => random.pick([...types, ...databases, ...users, ...addresses, ...methods, ...strange]))
      .join(random.pick(['', ' ']));
  const most = random.chance(0.9) ? 3 : 20;
  const text = random.some(1, most, () => (random.chance(0.15) ? soup() : line())).join('\n');
  return random.chance(0.4) ? mutate(random, text, strange) : text;
}

// ---- Several files ----

/** `<folder>` is replaced by the folder of the case, which only pg_hba.conf has to name. */
function anyTree(random: Random): Tree {
  const words = (others: readonly string[]) =>
    random.some(0, 3, () => random.pick([...listWords, ...others])).join(random.pick([' ', '\n', ',']));
  const column = (at: string) =>
    random
      .some(1, 2, () => random.pick(['all', 'u', `@${at}list`, `@${at}more`, '"@list"', `@${at}gone`, `@${at}inc`]))
      .join(',');
  const rule = (at: string) => `local ${column(at)} ${column(at)} ${random.pick(['trust', 'md5', 'scram'])}`;
  const lines = (at: string, includes: readonly string[]) =>
    random.some(1, 3, () => `${random.chance(0.6) ? rule(at) : random.pick(includes)}\n`).join('');
  const files = Object.entries(nested).filter(() => random.chance(0.6));
  return {
    main: lines('<folder>/', [
      'include <folder>/inc.conf',
      'include_if_exists <folder>/gone',
      'include <folder>/gone',
      'include_dir <folder>/inc',
      'include <folder>/inc',
      'include_if_exists <folder>/inc',
      'include_dir <folder>/inc.conf',
      'include_dir "<folder>/gone"',
      '"include" <folder>/inc.conf',
      'include <folder>/inc.conf more',
      'include <folder>/inc.conf,x',
    ]).trimEnd(),
    list: words(['@more', '@none']),
    more: words(['@gone', '@none']),
    none: '# nobody\n',
    ...Object.fromEntries(files.map(([name, [at, ...includes]]) => [name, lines(at, includes)])),
  };
}

const listWords = ['a', 'b,c', '"x y"', '"@list"', '# c', '+crew', ',', 'all', '"'];
/**
 * For each file, where its lists are and what it may include. There is no missing include_if_exists that is too deep:
 * PostgreSQL's message about one depends on the file before it.
 */
const nested: Readonly<Record<string, readonly [at: string, ...includes: string[]]>> = {
  'inc.conf': ['', 'include inc/a.conf', 'include_dir inc', 'include inc.conf'],
  'inc/a.conf': ['../', 'include gone', 'include b.conf'],
  'inc/b.conf': ['../', 'include ../gone', 'include_dir gone'],
  'inc/.hidden.conf': ['../', 'include gone'],
  'inc/c.txt': ['../', 'include gone'],
};

/** The tree without one file, or without one line. */
function simplerTree(tree: Tree): Tree[] {
  const { main, ...others } = tree;
  const without = Object.keys(others).map((gone) => ({
    main,
    ...Object.fromEntries(Object.entries(others).filter(([name]) => name !== gone)),
  }));
  const shorter = Object.entries(tree).flatMap(([name, text]) => {
    const lines = text.split('\n');
    return lines.length < 2 ? [] : lines.map((_, at) => ({ ...tree, [name]: lines.toSpliced(at, 1).join('\n') }));
  });
  return [...without, ...shorter];
}
