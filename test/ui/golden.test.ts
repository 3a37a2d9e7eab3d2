/**
 * Every screen of the workshop: as text at the two usual sizes, and at four sizes and in every theme by what must be
 * true of all. To update the files after a change: `npx vitest run --project pure test/ui/golden.test.ts -u`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../../src/ui/layout/frame.ts';
import { type Line, lineColumns } from '../../src/ui/layout/wrap.ts';
import { plainText } from '../../src/ui/page/prose.ts';
import type { Palette } from '../../src/ui/palette.ts';
import { createPainter, inAscii, type PaintOptions } from '../../src/ui/theme.ts';
import { draw, openStage, type SceneName, sceneNames } from '../screens/scenes.ts';

const stage = await openStage();
const drawn = new Map<string, Frame>();
function framed(name: SceneName, columns: number, rows: number): Frame {
  const key = `${name} ${columns}x${rows}`;
  const frame = drawn.get(key) ?? draw()(stage(name, columns, rows));
  drawn.set(key, frame);
  return frame;
}
const sizes = [[40, 12], [80, 24], [120, 40], [200, 50]] as const; // biome-ignore format: pairs
const keptAsText = [[80, 24], [120, 40]] as const; // biome-ignore format: pairs

const palettes: readonly Palette[] = ['dark', 'light', 'contrast on dark', 'contrast on light'];
const themes: readonly PaintOptions[] = palettes.flatMap((palette) =>
  ([0, 1, 2, 3] as const).flatMap((level) => [false, true].map((ascii) => ({ palette, level, ascii }))),
);

/** Without the spaces at the ends of lines. */
const trimmed = (text: string): string => text.replaceAll(/[ \u00a0]+$/gm, '');

describe.each(keptAsText)('as text at %ix%i', (columns, rows) => {
  it.each(sceneNames)(`the screen %s at ${columns}x${rows} is as in its golden file`, async (name) => {
    const text = `${trimmed(plainText(framed(name, columns, rows).lines))}\n`;
    await expect(text).toMatchFileSnapshot(`golden/${columns}x${rows}/${name}.txt`);
  });
});

describe.each(sizes)('at %ix%i', (columns, rows) => {
  it.each(sceneNames)(
    `the screen %s at ${columns}x${rows} has exactly as many rows as the terminal, and no line is wider`,
    (name) => {
      const { lines } = framed(name, columns, rows);
      expect(lines.length).toBe(rows);
      expect(Math.max(...lines.map(lineColumns))).toBeLessThanOrEqual(columns);
    },
  );

  const withKeys = sceneNames.filter((name) => name !== 'notice'); // a notice is on the last line until the next key
  it.each(withKeys)(
    `the screen %s at ${columns}x${rows} has keys on its last line, and no “undefined”, “NaN” or “[object”`,
    (name) => {
      const text = plainText(framed(name, columns, rows).lines);
      expect(text.split('\n').at(-1)).toMatch(/ (Esc|q|n|l|s|Ctrl-\]) \S+/);
      expect(text).not.toMatch(/undefined|NaN|\[object/);
    },
  );

  it.each(sceneNames)(`the screen %s at ${columns}x${rows} has the same text in every theme`, (name) => {
    const { lines } = framed(name, columns, rows);
    const text = linesIn(written(lines, themes[0] as PaintOptions));
    for (const ways of themes)
      expect(linesIn(written(lines, ways)), JSON.stringify(ways)).toEqual(ways.ascii ? text.map(inAscii) : text);
  });
});

/** Screens where brackets or a mark show the learner’s place: at the tab, heading, pane, row, task or choice. */
const marked: readonly SceneName[] = ['question', 'tasks', 'servers', 'layers', 'block', 'search', 'commit', 'log', 'terminal', 'zoom', 'lessons', 'settings', 'work']; // biome-ignore format: a row

describe('without colour', () => {
  it.each(marked)('the screen %s marks without colour where the learner is', (name) => {
    for (const [columns, rows] of sizes) {
      const body = plainText(framed(name, columns, rows).lines)
        .split('\n')
        .slice(2)
        .join('\n');
      expect(body, `${columns}x${rows}`).toMatch(/▸|┃|\[\w+\]/);
    }
  });
});

describe('with colour', () => {
  const styled: readonly (readonly [SceneName, Palette, PaintOptions['level']])[] = [
    ['tasks', 'dark', 3],
    ['tasks', 'light', 2],
    ['tasks', 'contrast on dark', 1],
    ['map', 'dark', 3],
    ['log', 'dark', 3],
  ];
  it.each(styled)(
    'the screen %s has the styles of its golden file with palette %s at colour level %i',
    async (name, palette, level) => {
      const { lines } = framed(name, 80, 24);
      const bytes = written(lines, { palette, level, ascii: false }).replaceAll('\u001b', '␛');
      const file = `golden/styled/${name}-${palette.replaceAll(' ', '-')}-${level}.txt`;
      await expect(`${trimmed(bytes)}\n`).toMatchFileSnapshot(file);
    },
  );
});

const linesIn = (text: string): readonly string[] => stripVTControlCharacters(text).split('\n');
const written = (lines: readonly Line[], ways: PaintOptions): string => lines.map(createPainter(ways)).join('\n');

it.each(['README.md', 'LESSONS.md'])('the pictures that %s shows exist', (page) => {
  const shownThere = [...readFileSync(page, 'utf8').matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(([, path = '']) => path);
  expect(shownThere).not.toEqual([]);
  expect(shownThere.filter((path) => !existsSync(path))).toEqual([]);
});
