/** Compares our reading of synchronous_standby_names with the server's, which ALTER SYSTEM checks at once. */
import { DatabaseError } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseSyncNames } from '../../../src/postgres/sync/names.ts';
import { agree, oneByOne, simplerText } from './agree.ts';
import { casesOr, mutate, newRandom, type Random } from './random.ts';
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
      const inputs = random.some(casesOr(2000), casesOr(2000), () => anyNames(random)).filter(canBeSet);
      const theirs = (texts: readonly string[]) => oneByOne(texts, (text) => refusal(server, text));
      const simpler = (text: string) => simplerText(text).filter(canBeSet);
      expect(await agree({ inputs, ours, theirs, simpler })).toBe(inputs.length);
    });
  });
}

/** ALTER SYSTEM accepts no newline. A vertical tab is a blank since 16, but not before. */
const canBeSet = (text: string): boolean => !/[\n\v]/.test(text);

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
