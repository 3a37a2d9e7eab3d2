import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lineKindsTable } from './line-kinds.ts';

const file = join(import.meta.dirname, '../README.md');
const place = /(<!-- line kinds -->\n)[\s\S]*?(\n?<!-- end of line kinds -->)/;

test('test/README.md has the current table of line kinds', async () => {
  const readme = readFileSync(file, 'utf8');
  expect(readme).toMatch(place);
  await expect(
    readme.replace(place, (_, begin, end) => `${begin}${lineKindsTable()}\n${end.trimStart()}`),
  ).toMatchFileSnapshot(file);
});
