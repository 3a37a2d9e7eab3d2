import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import lessons from '../../lessons/index.ts';
import { isFor, type Reader } from '../../src/lesson/format/fill.ts';

const file = join(import.meta.dirname, '../README.md');
const place = /(<!-- mistakes -->\n)[\s\S]*?(\n?<!-- end of mistakes -->)/;
const reader = (engine: Reader['engine']): Reader => ({
  engine,
  ...(engine === 'docker' ? { storage: 'folder' } : {}),
  major: 18,
  root: false,
});

function mistakesTable(): string {
  const rows = lessons.map(({ number, words, mistakes, alternatives = [] }) => {
    const shown = (engine: Reader['engine']) => mistakes.filter(({ only }) => isFor(only, reader(engine)));
    const causes = new Set(mistakes.map(({ caught }) => `${caught.task} ${caught.cause}`));
    return [number, words.title, shown('native').length, shown('docker').length, causes.size, alternatives.length];
  });
  const sum = (column: number) => rows.reduce((all, row) => all + Number(row[column]), 0);
  return [
    '| lesson | | mistakes, native | mistakes, Docker | causes that catch them | other right answers |',
    '|---|---|---|---|---|---|',
    ...[...rows, ['', 'all', sum(2), sum(3), sum(4), sum(5)]].map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');
}

test('test/README.md has the current table of mistakes', async () => {
  const readme = readFileSync(file, 'utf8');
  expect(readme).toMatch(place);
  await expect(
    readme.replace(place, (_, begin, end) => `${begin}${mistakesTable()}\n${end.trimStart()}`),
  ).toMatchFileSnapshot(file);
});
