/**
 * The line of postgresql.conf that is in effect, with includes and with names that are there twice: compared with
 * pg_file_settings and `postgres -C`.
 */
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseConf } from '../../../src/postgres/conf/conf.ts';
import { readingOrder } from '../../../src/postgres/conf/order.ts';
import { agree, campaign, oneByOne } from './agree.ts';
import { newRandom, type Random } from './random.ts';
import { builds, startServer, type TestServer } from './server.ts';

for (const build of await builds()) {
  describe(`the order of settings, PostgreSQL ${build.major}`, () => {
    let server: TestServer;
    beforeAll(async () => {
      server = await startServer(build);
      const cases = join(server.dir, 'cases/all.conf');
      // The view reads the file again at each query.
      appendFileSync(join(server.data, 'postgresql.conf'), `include_if_exists '${cases}'\n`);
    });
    afterAll(() => server?.[Symbol.asyncDispose]());

    test(`includes are read in the same order as PostgreSQL ${build.major} reads them, with the same faults`, async () => {
      const random = newRandom('includes');
      const readings = {
        ours: (files: Tree) => readTree(server, files),
        theirs: (trees: readonly Tree[]) => treesByServer(server, trees),
        simpler: simplerTree,
      };
      expect(await agree({ inputs: [ring], ...readings })).toBe(1);
      const reader = `postgresql.conf, includes | ${build.major}`;
      await campaign({ reader, next: () => anyTree(random, build.major), ...readings });
    });

    test(`the last line of a name counts in PostgreSQL ${build.major}, both running and at a start`, async () => {
      const random = newRandom('last');
      const cases = 20;
      const inputs = random.some(cases, cases, () => manyLines(random));
      const applied = (texts: readonly string[]) => oneByOne(texts, (text) => appliedLines(server, text));
      const atStart = (texts: readonly string[]) => oneByOne(texts, (text) => startValue(server, text));
      expect(await agree({ inputs, ours: lastLines, theirs: applied })).toBe(cases);
      expect(await agree({ inputs, ours: lastCustom, theirs: atStart })).toBe(cases);
    });
  });
}

// ---- Includes ----

/** Paths below the tree's folder → text; main.conf is read first. */
type Tree = Readonly<Record<string, string>>;
type Reading = {
  readonly settings: readonly (readonly [path: string, line: number, name: string, value: string])[];
  readonly faults: readonly (readonly [path: string, line: number, what: string])[];
};

const files = 'main.conf b.conf d/c.conf d/a.conf d/B.conf d/.hidden.conf d/no.txt d/é.conf e/deep/x.conf'.split(' ');
// A folder that includes itself as '../d' is left out: 14 and later report it at once, 13 only at the deepest level.
// 13 reads '.' in a file that it has reached by '..' in the same way, so such trees are no inputs for it.
const included = [...files, ...'../main.conf ./b.conf missing.conf d e . e/deep no/such'.split(' '), '', ' '];
const ways = ['include', 'include', 'include_if_exists', 'Include_Dir', 'include_dir'];

function anyTree(random: Random, major: number): Tree {
  const setting = () => `t.${random.pick(['a', 'b', 'c'])} = ${random.int(99)}\n`;
  const include = () => `${random.pick(ways)} '${random.pick(included)}'\n`;
  const text = () => random.some(0, 3, () => (random.chance(0.5) ? setting() : include())).join('');
  const names = ['main.conf', ...files.slice(1).filter(() => random.chance(0.6))];
  const tree = Object.fromEntries(names.map((name) => [name, text()]));
  const all = Object.values(tree).join('');
  return major < 14 && all.includes("'../") && all.includes("'.'") ? anyTree(random, major) : tree;
}

const ring: Tree = { 'main.conf': "t.a = 1\ninclude 'b.conf'\n", 'b.conf': "include 'main.conf'\nt.b = 2\n" };

/** The tree without one file, or without one line. */
function simplerTree(tree: Tree): Tree[] {
  const entries = Object.entries(tree);
  const without = entries.filter(([name]) => name !== 'main.conf').map((gone) => entries.filter((one) => one !== gone));
  const shorter = entries.flatMap(([name, text]) => {
    const lines = text.match(/.*\n/g) ?? [];
    return lines.map((_, at) => ({ ...tree, [name]: lines.toSpliced(at, 1).join('') }));
  });
  return [...without.map((left) => Object.fromEntries(left)), ...shorter];
}

const folderOf = (server: TestServer, at: number): string => join(server.dir, 'cases', String(at));

/** Before 14 the server's messages have paths with "..". */
const below = (what: string, folder: string): string =>
  what.replace(/"(\/.*)"/, (_, path: string) => `"${relative(folder, path)}"`);

const depthOfTree = 2; // the tree is included by all.conf, which postgresql.conf includes

function readTree(server: TestServer, tree: Tree): Reading {
  const folder = folderOf(server, 0);
  const names = (path: string) => {
    const start = relative(folder, path) === '' ? '' : `${relative(folder, path)}/`;
    const inside = Object.keys(tree).filter((name) => name.startsWith(start));
    const own = inside.map((name) => name.slice(start.length)).filter((name) => !name.includes('/'));
    return inside.length === 0 ? undefined : own;
  };
  const parsed = (path: string) => {
    const text = tree[relative(folder, path)];
    return text === undefined ? undefined : parseConf(text, path);
  };
  const { pieces, faults } = readingOrder(join(folder, 'main.conf'), { parsed, names }, depthOfTree);
  return {
    settings: pieces
      .flatMap(({ settings }) => settings)
      .map(({ name, value, line, file }) => [relative(folder, file), line, name, value]),
    faults: faults.map(({ file, line, what }) => [relative(folder, file), line, below(what, folder)]),
  };
}

type Row = {
  readonly at: number;
  readonly file: string;
  readonly line: number;
  readonly name: string | null;
  readonly setting: string;
  readonly error: string | null;
};

async function treesByServer(server: TestServer, trees: readonly Tree[]): Promise<Reading[]> {
  rmSync(join(server.dir, 'cases'), { recursive: true, force: true });
  for (const [at, tree] of trees.entries())
    for (const [name, text] of Object.entries(tree)) {
      mkdirSync(dirname(join(folderOf(server, at), name)), { recursive: true });
      writeFileSync(join(folderOf(server, at), name), text);
    }
  const lines = trees.map((_, at) => `include '${at}/main.conf'\n`);
  writeFileSync(join(server.dir, 'cases/all.conf'), `${lines.join('')}=\n`);
  const readings = trees.map(() => ({
    settings: [] as [string, number, string, string][],
    faults: [] as [string, number, string][],
  }));
  for (const { at, file, line, name, setting, error } of await server.rows<Row>(treeSettings)) {
    const path = relative(folderOf(server, at), file);
    if (name === null) readings[at]?.faults.push([path, line, below(error ?? '', folderOf(server, at))]);
    else readings[at]?.settings.push([path, line, name, setting]);
  }
  return readings;
}

const treeSettings = `SELECT substring(sourcefile from '/cases/(\\d+)(?:/|$)')::int AS at, sourcefile AS file, sourceline AS line, name, setting, error
  FROM pg_file_settings WHERE sourcefile ~ '/cases/\\d+(/|$)' ORDER BY seqno`;

// ---- The line in effect ----

const real: Readonly<Record<string, readonly string[]>> = {
  work_mem: ['64MB', '4096', "'1 GB'", '1234kB'],
  wal_retrieve_retry_interval: ['200ms', '5s', "'1 min'", '1000'],
  synchronous_standby_names: ["'s1'", "''", '\'first 1 (s1, "s-2")\''],
  log_connections: ['on', 'off', 'true', "'no'", '1'],
  primary_conninfo: ["'host=h port=1'", "'it\\'s'", "''"],
};
const custom = ['-1', '0x1F', '+7kB', '64MB', '.5', "'two words'", "'it''s'", '“x”', 'a-b/c:d.e', "''", "'\\303\\251'"];

function manyLines(random: Random): string {
  const known = () => {
    const name = random.pick(Object.keys(real));
    const written = random.chance(0.2) ? name.toUpperCase() : name;
    return `${written}${random.pick([' = ', ' '])}${random.pick(real[name] ?? [])}`;
  };
  const line = () => (random.chance(0.3) ? `t.a = ${random.pick(custom)}` : known());
  return random.some(1, 20, () => `${line()}${random.pick(['', ' # c', '\n'])}\n`).join('');
}

/** Only of names that the server knows, because it reports every line of a custom name as applied. */
const lastLines = (text: string): Readonly<Record<string, number>> =>
  Object.fromEntries(
    parseConf(text, 'f')
      .settings.filter(({ name }) => name in real)
      .map(({ name, line }) => [name, line]),
  );

async function appliedLines(server: TestServer, text: string): Promise<Readonly<Record<string, number>>> {
  mkdirSync(join(server.dir, 'cases'), { recursive: true });
  writeFileSync(join(server.dir, 'cases/all.conf'), text);
  const rows = await server.rows<{ name: string; line: number }>(
    "SELECT lower(name) AS name, sourceline AS line FROM pg_file_settings WHERE sourcefile ~ '/cases/all.conf$' AND applied ORDER BY seqno",
  );
  return Object.fromEntries(rows.filter(({ name }) => name in real).map(({ name, line }) => [name, line]));
}

const lastCustom = (text: string): string | null =>
  parseConf(text, 'f').settings.findLast(({ name }) => name === 't.a')?.value ?? null;

async function startValue(server: TestServer, text: string): Promise<string | null> {
  const path = join(server.dir, 'start.conf');
  writeFileSync(path, text);
  const said = await server.postgres([`--config-file=${path}`, '-C', 't.a']);
  return said.includes('unrecognized configuration parameter') ? null : said.replace(/\n$/, '');
}
