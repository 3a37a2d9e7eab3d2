/** The picture of the README: the real program on a lab in lesson 8, drawn as a terminal draws it. `npx tsx test/picture.ts [FILE] [KEYS]` */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import type { IBufferCell } from '@xterm/headless';
import { openInTerminal, type Screen } from './bench/terminal.ts';

const [file = 'assets/screen.png', keys = ''] = process.argv.slice(2);
const fonts = ['', '-Bold'].map((weight) => `/usr/share/fonts/truetype/dejavu/DejaVuSansMono${weight}.ttf`);
const columns = 120;
const rows = 40;
const cell = { width: 8.43, height: 17, size: 14 }; // DejaVu Sans Mono is 0.602 em wide
const frame = 12;
const ink = '#d8dee9';
const paper = '#1c2128';
const palette = [
  ...['#3b4252', '#e06c75', '#8fbf6f', '#e5c07b', '#6fa8dc', '#c397d8', '#56b6c2', '#d8dee9'],
  ...['#7b8494', '#f28b93', '#a9d68a', '#f0d399', '#8fbff0', '#d7b3e8', '#7fd0da', '#ffffff'],
];

for (const font of fonts)
  if (!existsSync(font)) throw new Error(`${font} is not there: apt-get install fonts-dejavu-core`);
const scratch = mkdtempSync(join(tmpdir(), 'repl-workshop-picture-'));
const lab = join(scratch, 'repl-workshop');
async function draw(): Promise<void> {
  workshop('goto', '8', '--yes');
  const screen = openInTerminal([process.execPath, resolve('dist/repl-workshop.cjs'), '--lab', lab], {
    columns,
    rows,
    env: { COLORTERM: 'truecolor' },
  });
  try {
    await screen.until(({ text }) => /quit/.test(text()) && /master/.test(text()), 'first frame');
    execFileSync(join(lab, 'bin/pg_ctl'), ['-D', join(lab, 'rep/slave_data'), 'start'], { stdio: 'ignore' });
    await screen.until(({ text }) => /streaming|streams/.test(text()), 'streaming');
    if (keys) screen.type(keys);
    await new Promise((settled) => setTimeout(settled, 2500));
    const svg = svgOf(screen);
    const image = new Resvg(svg, {
      font: { fontFiles: fonts, loadSystemFonts: false, defaultFontFamily: 'DejaVu Sans Mono' },
      fitTo: { mode: 'zoom', value: 1.5 },
    });
    writeFileSync(file, image.render().asPng());
    console.log(`${file}:\n${screen.text()}`);
  } finally {
    await screen.close();
  }
}

function svgOf({ terminal }: Screen): string {
  const width = columns * cell.width + 2 * frame;
  const height = rows * cell.height + 2 * frame;
  const parts: string[] = [];
  for (let row = 0; row < rows; row++) {
    const line = terminal.buffer.active.getLine(row);
    for (let column = 0; column < columns; column++) {
      const one = line?.getCell(column);
      if (one) parts.push(...cellOf(one, frame + column * cell.width, frame + row * cell.height));
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" rx="8" fill="${paper}"/><g font-family="DejaVu Sans Mono" font-size="${cell.size}">${parts.join('')}</g></svg>`;
}

function cellOf(one: IBufferCell, x: number, y: number): readonly string[] {
  const inverse = one.isInverse() !== 0;
  const [front, back] = [colour(one, 'Fg') ?? ink, colour(one, 'Bg')];
  const [fill, ground] = inverse ? [back ?? paper, front] : [front, back];
  const text = one.getChars();
  const parts = ground
    ? [
        `<rect x="${x}" y="${y}" width="${cell.width * Math.max(one.getWidth(), 1) + 0.5}" height="${cell.height + 0.5}" fill="${ground}"/>`,
      ]
    : [];
  if (text.trim() === '') return parts;
  const style = `${one.isBold() ? ' font-weight="bold"' : ''}${one.isDim() ? ' opacity="0.6"' : ''}${one.isItalic() ? ' font-style="italic"' : ''}${one.isUnderline() ? ' text-decoration="underline"' : ''}`;
  return [...parts, `<text x="${x}" y="${y + cell.height - 4}" fill="${fill}"${style}>${escaped(text)}</text>`];
}

function colour(one: IBufferCell, side: 'Fg' | 'Bg'): string | undefined {
  const [rgb, indexed, value] =
    side === 'Fg'
      ? [one.isFgRGB(), one.isFgPalette(), one.getFgColor()]
      : [one.isBgRGB(), one.isBgPalette(), one.getBgColor()];
  if (rgb) return hex(value);
  if (!indexed) return undefined;
  return value < 16 ? palette[value] : value < 232 ? cube(value - 16) : hex((8 + (value - 232) * 10) * 0x010101);
}

/** The 6 x 6 x 6 colours of xterm. */
function cube(index: number): string {
  const [red = 0, green = 0, blue = 0] = [Math.floor(index / 36), Math.floor(index / 6) % 6, index % 6].map((step) =>
    step === 0 ? 0 : 55 + step * 40,
  );
  return hex((red << 16) | (green << 8) | blue);
}

const hex = (value: number): string => `#${value.toString(16).padStart(6, '0')}`;
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function workshop(...args: readonly string[]): void {
  execFileSync(process.execPath, ['dist/repl-workshop.cjs', ...args, '--lab', lab], {
    stdio: 'ignore',
    env: { ...process.env, CI: 'true' },
  });
}

try {
  await draw();
} finally {
  if (existsSync(lab)) workshop('down');
  rmSync(scratch, { recursive: true, force: true });
}
