/** Compares our reading of synchronous_standby_names with the server's, which ALTER SYSTEM checks at once. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseError } from 'pg';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { quoteConf } from '../../../src/postgres/conf/conf.ts';
import { parseSyncNames } from '../../../src/postgres/sync/names.ts';
import { campaign, oneByOne, simplerText } from './agree.ts';
import { anyBytes, bytesOf, mutate, newRandom, type Random } from './random.ts';
import { builds, startServer, type TestServer } from './server.ts';

for (const build of await builds()) {
  describe(`synchronous_standby_names, PostgreSQL ${build.major}`, () => {
    let server: TestServer;
    beforeAll(async () => {
      server = await startServer(build);
    });
    afterAll(() => server?.[Symbol.asyncDispose]());

    test(`PostgreSQL ${build.major} refuses the same synchronous_standby_names, for the same reason`, async () => {
      const random = newRandom('names');
      await campaign({
        reader: `synchronous_standby_names | ${build.major}`,
        next: () => random.until(() => anyNames(random), canBeSet),
        ours,
        theirs: (texts) => oneByOne(texts, (text) => refusal(server, text)),
        simpler: (text) => simplerText(text).filter(canBeSet),
      });
    });

    test(`PostgreSQL ${build.major} refuses the same names in a file, with line ends and any bytes`, async () => {
      const random = newRandom('names in a file');
      await server.client.query('ALTER SYSTEM RESET synchronous_standby_names');
      appendFileSync(join(server.data, 'postgresql.conf'), "include_if_exists 'names.conf'\n");
      await campaign({
        reader: `synchronous_standby_names, any bytes | ${build.major}`,
        next: () =>
          random.until(
            () => anyBytes(random, anyNames(random)),
            (bytes) => !bytes.includes('\0'),
          ),
        ours: (bytes) => (ours(bytesOf(bytes).toString()) === 'taken' ? 'taken' : 'refused'),
        theirs: (some) => oneByOne(some, (bytes) => takenInFile(server, bytes)),
        simpler: simplerText,
      });
    });
  });
}

async function takenInFile(server: TestServer, bytes: string): Promise<string> {
  const line = `synchronous_standby_names = ${quoteConf(bytes)}\n`;
  writeFileSync(join(server.data, 'names.conf'), line, 'latin1');
  const rows = await server.rows<{ error: string | null }>(
    "SELECT error FROM pg_file_settings WHERE name = 'synchronous_standby_names'",
  );
  if (rows.length !== 1) throw new Error(`${rows.length} lines: ${line}`);
  return rows[0]?.error ? 'refused' : 'taken';
}

/** ALTER SYSTEM accepts no newline. */
const canBeSet = (text: string): boolean => !text.includes('\n');

function ours(text: string): string {
  const names = parseSyncNames(text);
  return names && 'message' in names ? names.message : 'taken';
}

async function refusal({ client }: TestServer, text: string): Promise<string> {
  try {
    await client.query(`ALTER SYSTEM SET synchronous_standby_names = ${client.escapeLiteral(text)}`);
    return 'taken';
  } catch (error) {
    if (error instanceof DatabaseError && error.position === undefined) return error.detail ?? error.message;
    // An error with a position is about the syntax of our own statement.
    throw error;
  }
}

const words = [
  'first',
  'FIRST',
  'any',
  'Any',
  'all',
  's1',
  'S2',
  '"a-b"',
  '"any"',
  '"a""b"',
  '*',
  '1',
  '2',
  '0',
  '007',
  '99999999999',
  'é',
  's1$',
  'anyone',
  '_x',
  '""',
  '"*"',
];
const marks = ['(', ')', ',', ' ', '  ', '\t', '', '"', '-', ';', '\r', '\f'];
const strange = [...marks, ...words, ...`'\\.$é😀\u00a0\v`, '4294967297', '2147483648'];

function anyNames(random: Random): string {
  const name = () => random.pick(words);
  const list = () => random.some(1, 4, name).join(random.pick([',', ', ', ' , ', ' ']));
  const form = random.pick([
    () =>
      `${random.pick(['FIRST', 'first', 'ANY', 'any', ''])} ${random.pick(['1', '2', '3', '0', '10', 'x'])} (${list()})`,
    list,
    () => random.some(0, 8, () => random.pick([...words, ...marks])).join(random.pick(['', ' '])),
  ])();
  return random.chance(0.5) ? mutate(random, form, strange) : form;
}
