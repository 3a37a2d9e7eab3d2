/** A terminal's screen as a PNG file with a palette, which is small. */
import { existsSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';
import { Resvg } from '@resvg/resvg-js';
import type { IBufferCell, Terminal } from '@xterm/headless';

export type Paper = { readonly paper: string; readonly ink: string };
export const papers = {
  dark: { paper: '#1c2128', ink: '#d8dee9' },
  light: { paper: '#fdfdfd', ink: '#24292f' },
} satisfies Record<string, Paper>;

const fonts = ['', '-Bold', '-Oblique'].map((weight) => `/usr/share/fonts/truetype/dejavu/DejaVuSansMono${weight}.ttf`);
/** The cell of a character, in pixels: DejaVu Sans Mono is 0.602 em wide. */
const cell = { width: 8.43, height: 17, size: 14 };
const frame = 12;
const sixteen = [
  ...['#3b4252', '#e06c75', '#8fbf6f', '#e5c07b', '#6fa8dc', '#c397d8', '#56b6c2', '#d8dee9'],
  ...['#7b8494', '#f28b93', '#a9d68a', '#f0d399', '#8fbff0', '#d7b3e8', '#7fd0da', '#ffffff'],
];

export function pngOf(terminal: Terminal, paper: Paper = papers.dark, zoom = 1): Buffer {
  for (const font of fonts)
    if (!existsSync(font))
      throw new Error(`${font} is not there: apt-get install fonts-dejavu-core fonts-dejavu-extra`);
  const font = { fontFiles: fonts, loadSystemFonts: false, defaultFontFamily: 'DejaVu Sans Mono' };
  const svg = svgOf(terminal, paper);
  const { width, height, pixels } = new Resvg(svg, { font, fitTo: { mode: 'zoom', value: zoom } }).render();
  return indexed(width, height, pixels, paletteOf(svg, paper));
}

function svgOf(terminal: Terminal, { paper, ink }: Paper): string {
  const width = terminal.cols * cell.width + 2 * frame;
  const height = terminal.rows * cell.height + 2 * frame;
  const cells: string[] = [];
  for (let row = 0; row < terminal.rows; row++) {
    const line = terminal.buffer.active.getLine(row);
    for (let column = 0; column < terminal.cols; column++) {
      const one = line?.getCell(column);
      if (one) cells.push(...cellOf(one, frame + column * cell.width, frame + row * cell.height, { paper, ink }));
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="${paper}"/><g font-family="DejaVu Sans Mono" font-size="${cell.size}">${cells.join('')}</g></svg>`;
}

function cellOf(one: IBufferCell, x: number, y: number, { paper, ink }: Paper): readonly string[] {
  const inverse = one.isInverse() !== 0;
  const [front, back] = [colour(one, 'Fg') ?? ink, colour(one, 'Bg')];
  const [fill, ground] = inverse ? [back ?? paper, front] : [front, back];
  const text = one.getChars();
  const parts = ground ? [box(x, y, cell.height, ground, one.getWidth())] : [];
  if (text.trim() === '') return parts;
  // Terminals draw block elements themselves, without gaps.
  const eighths = '▁▂▃▄▅▆▇█'.indexOf(text) + 1;
  if (eighths > 0) return [...parts, box(x, y + cell.height * (1 - eighths / 8), cell.height * (eighths / 8), fill)];
  const style = `${one.isBold() ? ' font-weight="bold"' : ''}${one.isDim() ? ' opacity="0.6"' : ''}${one.isItalic() ? ' font-style="italic"' : ''}${one.isUnderline() ? ' text-decoration="underline"' : ''}`;
  return [...parts, `<text x="${x}" y="${y + cell.height - 4}" fill="${fill}"${style}>${escaped(text)}</text>`];
}

const box = (x: number, y: number, height: number, fill: string, cells = 1): string =>
  `<rect x="${x}" y="${y}" width="${cell.width * Math.max(cells, 1) + 0.5}" height="${height + 0.5}" fill="${fill}" shape-rendering="crispEdges"/>`;

function colour(one: IBufferCell, side: 'Fg' | 'Bg'): string | undefined {
  const [rgb, indexed, value] =
    side === 'Fg'
      ? [one.isFgRGB(), one.isFgPalette(), one.getFgColor()]
      : [one.isBgRGB(), one.isBgPalette(), one.getBgColor()];
  if (rgb) return hex(value);
  if (!indexed) return undefined;
  return value < 16 ? sixteen[value] : value < 232 ? cube(value - 16) : hex((8 + (value - 232) * 10) * 0x010101);
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

// ---- PNG with a palette. Source: W3C, "Portable Network Graphics (PNG) Specification (Third Edition)" ----

/** The palette: the steps from the paper to each colour of the drawing, for the smooth edges of letters. */
function paletteOf(svg: string, { paper }: Paper): readonly number[] {
  const inks = [
    ...new Set([...svg.matchAll(/ fill="#([0-9a-f]{6})"/g)].map(([, ink = '']) => Number.parseInt(ink, 16))),
  ];
  const steps = Math.min(Math.floor(255 / inks.length), 12);
  const ground = channels(Number.parseInt(paper.slice(1), 16));
  const blend = (ink: number, step: number) =>
    channels(ink).reduce((sum, value, at) => {
      const under = ground[at] ?? 0;
      return (sum << 8) | Math.round(under + ((value - under) * step) / steps);
    }, 0);
  return [...new Set(inks.flatMap((ink) => Array.from({ length: steps + 1 }, (_, step) => blend(ink, step))))];
}

function indexed(width: number, height: number, pixels: Uint8Array, palette: readonly number[]): Buffer {
  const colours = new Uint32Array(pixels.length / 4).map((_, at) => rgbAt(pixels, at * 4));
  const place = new Map([...new Set(colours)].map((one) => [one, nearest(one, palette)]));
  const rows = Buffer.alloc((width + 1) * height); // each row begins with its filter: 0, none
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = place.get(colours[y * width + x] ?? 0) ?? 0;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3], 8); // bit depth 8, colour type 3: indexed by a palette
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flatMap(channels))),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const rgbAt = (pixels: Uint8Array, at: number): number =>
  ((pixels[at] ?? 0) << 16) | ((pixels[at + 1] ?? 0) << 8) | (pixels[at + 2] ?? 0);
const channels = (rgb: number): readonly number[] => [rgb >> 16, (rgb >> 8) & 255, rgb & 255];

function nearest(rgb: number, among: readonly number[]): number {
  const distance = (other: number) =>
    channels(rgb).reduce((sum, value, at) => sum + (value - (channels(other)[at] ?? 0)) ** 2, 0);
  const distances = among.map(distance);
  return distances.indexOf(Math.min(...distances));
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
