/** Compares our translation of PostgreSQL's regular expressions with the server, on names. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { regexProblem, toRegExp } from '../../../src/postgres/hba/regex.ts';
import { agree, simplerText } from './agree.ts';
import { casesOr, newRandom, type Random } from './random.ts';
import { builds, startServer, type TestServer } from './server.ts';

for (const build of await builds()) {
  describe(`regular expressions, PostgreSQL ${build.major}`, () => {
    let server: TestServer;
    beforeAll(async () => {
      server = await startServer(build);
      await server.client.query(matching);
    });
    afterAll(() => server?.[Symbol.asyncDispose]());

    test(`PostgreSQL ${build.major} refuses the same regular expressions, and the others match the same names`, async () => {
      const random = newRandom('regex');
      const inputs = random.some(casesOr(1500), casesOr(1500), () => anyPattern(random)).filter(isMeant);
      const theirs = async (patterns: readonly string[]) =>
        (await server.rows<{ found: string }>(ask, [patterns, names])).map(({ found }, at) =>
          answer(found, patterns[at]),
        );
      const simpler = (pattern: string) => simplerText(pattern).filter(isMeant);
      expect(await agree({ inputs, ours, theirs, simpler })).toBe(inputs.length);
    });
  });
}

const matching = `
CREATE FUNCTION pg_temp.matches(pattern text, names text[]) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT string_agg(CASE WHEN name COLLATE "C" ~ pattern THEN '1' ELSE '0' END, '' ORDER BY at) FROM unnest(names) WITH ORDINALITY AS n(name, at));
EXCEPTION WHEN invalid_regular_expression THEN
  RETURN SQLERRM;
END $$`;
const ask =
  'SELECT pg_temp.matches(pattern, $2) AS found FROM unnest($1::text[]) WITH ORDINALITY AS p(pattern, at) ORDER BY at';

const names = [
  'slave',
  'slave1',
  'master',
  'a',
  '',
  'ab',
  'aab',
  'a-b',
  'a.b',
  's l',
  'A',
  'app_1',
  'b]',
  '[',
  'x{2}',
  '9',
  'a\\',
  '(a)',
  '^',
  'aaaa',
];

/** The server's answer; of two errors in brackets, either may be reported. */
const answer = (found: string, pattern = ''): string =>
  found.startsWith('invalid') && pattern.includes('[') ? 'refused' : found;

function ours(pattern: string): string {
  const problem = regexProblem(pattern);
  if (problem) return answer(`invalid regular expression: ${problem}`, pattern);
  return names.map((name) => (toRegExp(pattern).test(name) ? '1' : '0')).join('');
}

const pieces = [
  'a',
  'b',
  's',
  'slave',
  '.',
  '.*',
  '^',
  '$',
  '(',
  ')',
  '(a|b)',
  '|',
  '*',
  '+',
  '?',
  '[ab]',
  '[^a]',
  '[a-z]+',
  '[',
  ']',
  '[]a]',
  '[^]b]',
  '[[:digit:]]',
  '[[:alpha:]_]*',
  '\\d',
  '\\w+',
  '\\.',
  '\\m',
  '\\y',
  '{2}',
  '{255}',
  '{256}',
  '{1,}',
  '{2,1}',
  '{',
  '}',
  '{1',
  '\\',
  '-',
  '(?:a|s)',
  ' ',
  '/',
  '[z-a]',
  '\\(',
  '[.]',
  '1',
];

/** Without embedded options, back references and special classes in brackets, which we do not translate. */
const isMeant = (pattern: string): boolean => !/\(\?(?!:)|\[[.=]|\\\d|^\*\*\*/.test(pattern);

const anyPattern = (random: Random): string => random.some(0, 5, () => random.pick(pieces)).join('');
