/** The words of the interface are in one file, so that they can be translated. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** Strings of three words or more that are never shown, each with the reason. */
const excused: readonly (readonly [RegExp, string])[] = [[/^(contrast on|done with help)/, 'a value, never shown']];

/** The string literals of a file with three English words in a row, without comments, imports and keys of types. */
function prose(text: string): readonly string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
  const literals = [...code.matchAll(/'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`/g)];
  return literals
    .map(({ 1: quoted, 2: template }) => (quoted ?? template ?? '').replaceAll(/\$\{[^}]*\}/g, ' '))
    .filter((literal) => /\b[A-Za-z]{2,} +[a-z]{2,} +[a-z]{2,}\b/.test(literal))
    .filter((literal) => !excused.some(([pattern]) => pattern.test(literal)));
}

test('only messages.ts of the interface has English sentences', () => {
  const files = readdirSync('src/ui', { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.tsx?$/.test(file) && file !== 'messages.ts',
  );
  expect(files.length).toBeGreaterThan(10);
  expect(
    files.flatMap((file) => prose(readFileSync(`src/ui/${file}`, 'utf8')).map((text) => `${file}: ${text}`)),
  ).toEqual([]);
});

test('the search for English sentences in the source finds them', () => {
  expect(prose("const a = 'Press any key to go on';")).toEqual(['Press any key to go on']);
  expect(prose('/** Press any key to go on */\nconst a = `It was not found`; // nor is this one')).toHaveLength(1);
  expect(prose("import { a } from './a.ts'; const b = 'of five'.length;")).toEqual([]);
});
