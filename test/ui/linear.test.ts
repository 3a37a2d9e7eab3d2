/** Readers of foreign text take linear time: four times the text takes about four times the time. */
import { expect, test } from 'vitest';
import { parseConf, setConf } from '../../src/postgres/conf/conf.ts';
import { parseConninfo } from '../../src/postgres/conninfo.ts';
import { parseHba } from '../../src/postgres/hba/hba.ts';
import { parseLog } from '../../src/postgres/log/log.ts';
import { maskText } from '../../src/postgres/mask/mask.ts';
import { parseSyncNames } from '../../src/postgres/sync/names.ts';
import { visible } from '../../src/postgres/visible.ts';
import { piece, wrap } from '../../src/ui/layout/wrap.ts';

const readers: Readonly<Record<string, (text: string) => unknown>> = {
  parseConf: (text) => parseConf(text, 'a'),
  setConf: (text) => setConf(text, 'port', '1'),
  parseConninfo: (text) => parseConninfo(text),
  parseHba: (text) => parseHba(text),
  parseLog,
  parseSyncNames,
  maskText,
  visible,
  wrap: (text) => wrap([piece(text)], 80),
};

const pieces = [
  'a',
  'a ',
  'a=',
  "'",
  '"',
  '\\',
  '#',
  ',',
  '=',
  ' ',
  '\t',
  '\n',
  '{',
  '(',
  '[',
  '@',
  '%41',
  '%',
  ':',
  '/',
  '&a=b',
  'a,',
  "a='b' ",
  'host all all all trust\n',
  'a = b\n',
  '\u001b',
  '\u001b[',
  'é',
  '2026-11-30 07:32:55.279 UTC [1] LOG:  a\n',
  '2026-11-30 07:32:55.279 UTC [1] STATEMENT:  a\n',
  '\ta\n',
  '"a",',
  '{"a":',
];
const starts = ['', 'postgres://', '2026-11-30 07:32:55.279 UTC [1] LOG:  ', "primary_conninfo = '"];

const cpu = (work: () => void): number => {
  const begun = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1000;
};

test.each(Object.entries(readers))('%s takes linear time', (_, read) => {
  for (const start of starts)
    for (const one of pieces) {
      const of = (length: number) => start + one.repeat(Math.ceil(length / one.length));
      const [short, long] = [cpu(() => read(of(5_000))), cpu(() => read(of(20_000)))];
      if (long < 60) continue; // too short a time to compare
      // Quadratic time would be sixteen times as long.
      expect(long, `${JSON.stringify(start + one)}: ${short} ms, then ${long} ms`).toBeLessThan(9 * Math.max(short, 5));
    }
});
