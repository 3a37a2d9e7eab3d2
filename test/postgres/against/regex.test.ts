/** Compares our translation of PostgreSQL's regular expressions with the server, on names. */
import { afterAll, beforeAll, describe, test } from 'vitest';
import { regexFits, regexProblem } from '../../../src/postgres/hba/regex.ts';
import { campaign, notKnown, simplerText } from './agree.ts';
import { mutate, newRandom, type Random } from './random.ts';
import { builds, startServer, type TestServer } from './server.ts';

// Names in pg_hba.conf may be regular expressions since 16.
for (const build of (await builds()).filter(({ major }) => major >= 16)) {
  describe(`regular expressions, PostgreSQL ${build.major}`, () => {
    let server: TestServer;
    beforeAll(async () => {
      server = await startServer(build);
      await server.client.query(matching);
    });
    afterAll(() => server?.[Symbol.asyncDispose]());

    test(`PostgreSQL ${build.major} refuses the same regular expressions, and the others match the same names`, async () => {
      const random = newRandom('regex');
      await campaign({
        reader: `regular expression | ${build.major}`,
        next: () => anyPattern(random),
        ours,
        theirs: async (patterns) =>
          (await server.rows<{ found: string }>(ask, [patterns, names])).map(({ found }) => found),
        simpler: simplerText,
      });
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
  'SLAVE',
  'Ärger',
  'é',
  'a\tb',
  'a\nb',
  '\u00a0x',
  '\x07',
  'ſ',
];

function ours(pattern: string): string {
  const problem = regexProblem(pattern);
  if (problem) return `invalid regular expression: ${problem}`;
  const fits = names.map((name) => regexFits(pattern, name));
  return fits.includes('unknown') ? notKnown : fits.map((one) => (one ? '1' : '0')).join('');
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

const rarer = [
  ...'(?=a)|(?!a)|(?<=s)|(?<!a)|(?=|(?<|(?|(?#x)|(?#|(?i)|[\\d_]|[^\\s]|[\\D]|[\\W-]|[a-\\d]|\\D|\\S|\\W|\\s'.split(
    '|',
  ),
  ...'\\x61|\\x|\\u0061|\\u61|\\U00000061|\\U7fffffff|\\101|\\0|\\00|\\08|\\cA|\\c|\\A|\\Z|\\M|\\Y|\\B|\\e|\\a'.split(
    '|',
  ),
  ...'[[:alnum:]]|[[:ascii:]]|[[:graph:]]|[[:print:]]|[[:cntrl:]]|[[:punct:]]|[[:space:]]|[[:blank:]]|[[:word:]]'.split(
    '|',
  ),
  ...'[[:upper:]]|[[:lower:]]|[[:xdigit:]]|[[:ALPHA:]]|[[::]]|[[:]|[[:<:]]|[[:>:]]|[[.a.]]|[[=b=]]|[[.-.]-z]|[[.comma.]-[.left-square-bracket.]]|[[=hyphen=]]|[[.foo.]]|[^[.space.][.tilde.]]|[[.A.]-[.z.]]|[[.|[a-[=b=]]|[a--]|[--a]'.split(
    '|',
  ),
  ...'[^\\n]|{0}|{,2}|{ 2 }|{1,2}?|*?|+?|??|{0255}|{00}|**|[A-Za-z]|[Z-a]|[é]|é|ä|S|LAVE|\n|#x|\\ |[\\x41-\\x5a]|\\s|[s-|a]|-]'.split(
    '|',
  ),
  ...'\\1|(a)\\1|(?:a)\\1|\\10|\\12'.split('|'),
];
const starts = [
  '***=',
  '***:',
  '***',
  '***?',
  '(?i)',
  '(?x)',
  '(?n)',
  '(?p)',
  '(?w)',
  '(?q)',
  '(?ic)',
  '(?ix)',
  '(?',
  '(?i',
  '(?z)',
  '***:(?i)',
  '(?s)',
];
const strange = [...`\\()[]{}*+?|^$.-:=#,<>!/ 1a\tÄé`];

const anyPattern = (random: Random): string => {
  const text = random.some(0, 6, () => random.pick(random.chance(0.8) ? pieces : rarer)).join('');
  const start = random.chance(0.25) ? random.pick(starts) : random.chance(0.002) ? random.pick(['(?e)', '(?b)']) : '';
  return start + (random.chance(0.3) ? mutate(random, text, strange) : text);
};
