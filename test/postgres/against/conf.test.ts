/** Compares our reading of postgresql.conf with pg_file_settings and with the errors of a start. */
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseConf, setConf } from '../../../src/postgres/conf/conf.ts';
import { agree, campaign, simplerText } from './agree.ts';
import { anyBytes, bytesOf, casesOr, mutate, newRandom, type Random } from './random.ts';
import { builds, startServer, type TestServer } from './server.ts';

for (const build of await builds()) {
  describe(`postgresql.conf, PostgreSQL ${build.major}`, () => {
    let server: TestServer;
    beforeAll(async () => {
      server = await startServer(build);
      const cases = join(server.dir, 'cases/all.conf');
      // The view reads the file again at each query.
      appendFileSync(join(server.data, 'postgresql.conf'), `include_if_exists '${cases}'\n`);
    });
    afterAll(() => server?.[Symbol.asyncDispose]());

    test(`postgresql.conf is read as PostgreSQL ${build.major} reads it, and the same lines are refused`, async () => {
      const random = newRandom('conf');
      await campaign({
        reader: `postgresql.conf | ${build.major}`,
        next: () => random.until(() => fileText(random), hasNoInclude),
        ours,
        theirs: (texts) => readByServer(server, texts),
        simpler: (text) => simplerText(text).filter(hasNoInclude),
      });
    });

    test(`any bytes in postgresql.conf are read as PostgreSQL ${build.major} reads them`, async () => {
      const random = newRandom('conf bytes');
      await campaign({
        reader: `postgresql.conf, any bytes | ${build.major}`,
        next: () => random.until(() => anyBytes(random, fileText(random)), isMeant),
        ours: (bytes) => ours(bytesOf(bytes).toString()),
        theirs: (some) => readByServer(server, some.map(bytesOf)),
        simpler: (bytes) => simplerText(bytes).filter(isMeant),
      });
    });

    test(`what setConf writes is read back by PostgreSQL ${build.major}, and other settings stay unchanged`, async () => {
      const random = newRandom('set');
      const change = (): Change => [fileText(random), random.pick(setNames), anyValue(random)];
      const inputs = random.some(casesOr(300), casesOr(300), change).filter((input) => hasNoInclude(input.join('\n')));
      const theirs = async (changes: readonly Change[]) => {
        const texts = changes.map((change) => setConf(...change));
        const readings = await readByServer(server, texts);
        return changes.map(([, name], at) => seenAfter(readings[at], name));
      };
      expect(await agree({ inputs, ours: wantedAfter, theirs })).toBe(inputs.length);
    });

    test(`PostgreSQL ${build.major} reads a last line without newline, and names the line before for “end of line”`, async () => {
      const path = join(server.dir, 'open.conf');
      for (const [text, line] of [['a.b = 1\nport =', 1] as const, ['port', 0] as const]) {
        writeFileSync(path, text);
        const said = await server.postgres([`--config-file=${path}`, '-C', 'port']);
        expect(said).toContain(`open.conf" line ${line}, near end of line`);
        expect(parseConf(text, 'f').errors).toMatchObject([{ line: line + 1, near: '' }]);
      }
      const whole = 'port = 5999\na.b = end';
      writeFileSync(path, whole);
      expect(await server.postgres([`--config-file=${path}`, '-C', 'a.b'])).toBe('end\n');
      expect(parseConf(whole, 'f').settings.at(-1)).toMatchObject({ name: 'a.b', value: 'end', line: 2 });
    });
  });
}

type Reading = {
  readonly settings: readonly (readonly [name: string, value: string, line: number])[];
  readonly errors: readonly (readonly [line: number, near: string])[];
};

/** Includes are tested in conf-order.test.ts. */
const hasNoInclude = (text: string): boolean => !/include/i.test(text);

/**
 * Left out are a zero byte in quotes, behind which the server reads memory that is not its own, and a character of
 * which one byte is written as an escape and another as itself.
 */
const isMeant = (bytes: string): boolean => hasNoInclude(bytes) && !/'[^\n]*\0|\\[23][0-7]{2}/.test(bytes);

/** Only up to the first refused line, where the view ends too. */
function ours(text: string): Reading {
  const { settings, errors } = parseConf(text, 'f');
  const end = errors[0]?.line ?? Number.POSITIVE_INFINITY;
  return {
    settings: settings.filter(({ line }) => line < end).map(({ name, value, line }) => [name, value, line]),
    errors: errors.map(({ line, near }) => [line, near.replace(/\0.*/s, '')]), // the server's text ends there
  };
}

type Row = {
  readonly at: number;
  readonly line: number;
  readonly name: string;
  readonly setting: string;
  readonly error: string | null;
};

async function readByServer(server: TestServer, texts: readonly (string | Buffer)[]): Promise<Reading[]> {
  const folder = join(server.dir, 'cases');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [at, text] of texts.entries()) writeFileSync(join(folder, `${at}.conf`), closed(text));
  // include_dir would end at the first bad file, include lines do not. The last line is wrong on purpose, so that the
  // server only reads the settings and applies none.
  writeFileSync(join(folder, 'all.conf'), `${texts.map((_, at) => `include '${at}.conf'\n`).join('')}=\n`);
  const readings = texts.map(() => ({ settings: [] as [string, string, number][], errors: [] as [number, string][] }));
  for (const { at, line, name, setting, error } of await server.rows<Row>(fileSettings))
    if (error !== 'syntax error') readings[at]?.settings.push([folded(name), setting, line]);
  const said = await server.postgres(['-C', 'port']);
  for (const [, at, line, near] of said.matchAll(complaint))
    readings[Number(at)]?.errors.push([Number(line), near ?? '']);
  return readings;
}

const fileSettings = `SELECT substring(sourcefile from '(\\d+)\\.conf$')::int AS at, sourceline AS line, name, setting, error
  FROM pg_file_settings WHERE sourcefile ~ '/cases/\\d+\\.conf$' ORDER BY seqno`;
const complaint =
  /syntax error in file "[^\n]*\/cases\/(\d+)\.conf" line (\d+), near (?:end of line|token "([^\n]*)")$/gm;

/** Without a newline at the end, PostgreSQL's line number in "near end of line" is one too small (tested above). */
const closed = (text: string | Buffer): Buffer =>
  Buffer.concat([Buffer.from(text), Buffer.from(text.at(-1) === '\n' || text.at(-1) === 10 ? '' : '\n')]);

/** The view shows a name as it is written, but the server compares names without case. */
const folded = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

type Change = readonly [text: string, name: string, value: string];

/** The expected reading after setConf; undefined when a refused line of another name hides it. */
function wantedAfter([text, name, value]: Change) {
  if (parseConf(setConf(text, name, 'x'), 'f').errors.length > 0) return 'refused';
  const others = parseConf(text, 'f').settings.filter((setting) => setting.name !== name);
  return { value, others: others.map((setting) => [setting.name, setting.value]) };
}

function seenAfter(reading: Reading | undefined, name: string) {
  if (!reading || reading.errors.length > 0) return 'refused';
  const others = reading.settings.filter((setting) => setting[0] !== name);
  const value = reading.settings.findLast((setting) => setting[0] === name)?.[1];
  return { value, others: others.map(([other, kept]) => [other, kept]) };
}

// ---- Random files ----

const setNames = ['port', 'wal_level', 'primary_conninfo', 'synchronous_standby_names', 'a.b', 'x.y_1'];
const names = [...setNames, 'Primary_ConnInfo', 'PORT', 'Ärger', 'a.b.c', '5x', 'wal-level', ''];
const values =
  `on|replica|5433|-1|0x1F|+7kB|64MB|64 MB|1.5|.5|1e3|1.5GB|10ms|'64 MB'|''|'it''s'|'it\\'s'|'a#b'|'\\101\\n\\\\'|'host=h port=5433'
'first 1 ("a-b")'|“x”|a-b/c:d.e|127.0.0.1|*|$libdir|"x"|'open|x'y'|# none||'tab\there'|'\\8\\400\\7z'|first 1 (s)|'\\303\\251'|'\\0x'|'é😀'`.split(
    /[|\n]/,
  );
const strange = [...`='\\#\t\r ".-;,\u00a0é“😀\f\v\u007f\u0001\n\ufeff1`, "''", '\r\n', "\\'", '0x', 'e5'];
const ends = ['\n', '\n', '\n', '\r\n', ' \n', ' # c\n', '#\n', '\n\n'];
const equals = [' = ', '=', ' ', '\t', ' =', '= ', ' == ', ': ', ' : '];
const pieces = [...names, ...values, ...strange, 'a', '1', ' '];

function fileText(random: Random): string {
  const soup = () => random.some(0, 5, () => random.pick(pieces)).join(random.chance(0.5) ? ' ' : '');
  const setting = () => random.pick(names) + random.pick(equals) + random.pick(values);
  const line = () => (random.chance(0.2) ? soup() : random.pick(['', '', ' ', '#', '\ufeff']) + setting());
  const text = random.some(1, random.chance(0.9) ? 5 : 20, () => line() + random.pick(ends)).join('');
  return random.chance(0.5) ? mutate(random, text, strange) : text;
}

const anyValue = (random: Random): string =>
  random.chance(0.3) ? random.pick(values) : random.some(0, 6, () => random.pick([...strange, 'a', 'Z', '7'])).join('');
