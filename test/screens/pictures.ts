/** Draws each screen into a folder: `npx tsx test/screens/pictures.ts [FOLDER] [SCENE …]`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import xterm from '@xterm/headless';
import { createPainter, type PaintOptions } from '../../src/ui/theme.ts';
import { papers, pngOf } from './png.ts';
import { draw, openStage, type SceneName, sceneNames } from './scenes.ts';

const [folder = 'assets/screens', ...wanted] = process.argv.slice(2);
const sizes = [[80, 24], [120, 40]] as const; // biome-ignore format: pairs
const usual: PaintOptions = { palette: 'dark', ascii: false, level: 3 };
/** Some screens in other themes and terminals. */
const others: readonly (readonly [string, SceneName, PaintOptions])[] = [
  ['light', 'tasks', { ...usual, palette: 'light' }],
  ['light', 'map', { ...usual, palette: 'light' }],
  ['contrast', 'tasks', { ...usual, palette: 'contrast on dark' }],
  ['ascii', 'tasks', { ...usual, ascii: true, level: 0 }],
  ['ascii', 'map', { ...usual, ascii: true, level: 0 }],
];

const stage = await openStage();
mkdirSync(folder, { recursive: true });
for (const name of sceneNames.filter((one) => wanted.length === 0 || wanted.includes(one))) {
  for (const [columns, rows] of sizes) await picture(name, columns, rows, usual);
  for (const [theme, scene, ways] of others) if (scene === name) await picture(name, 120, 40, ways, `-${theme}`);
}

async function picture(name: SceneName, columns: number, rows: number, ways: PaintOptions, of = ''): Promise<void> {
  const { lines } = draw()(stage(name, columns, rows));
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  await new Promise<void>((done) => terminal.write(lines.map(createPainter(ways)).join('\r\n'), done));
  const paper = ways.palette.endsWith('light') ? papers.light : papers.dark;
  writeFileSync(join(folder, `${name}-${columns}x${rows}${of}.png`), pngOf(terminal, paper));
}
