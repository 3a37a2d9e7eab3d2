/** Turns lines into terminal text: palette, colour depth, Unicode or ASCII. The only file that imports chalk. */
import { Chalk, type ChalkInstance, type ColorSupportLevel, supportsColor } from 'chalk';
import type { Background, GlyphChoice, Settings, ThemeChoice } from '../learner/settings.ts';
import type { Line, Style } from './layout/wrap.ts';
import { type Palette, stylesOf, type TextStyle } from './palette.ts';

type Paint = (text: string) => string;

/** `level`: 0 no colour, 1 sixteen colours, 2 xterm's 256, 3 true colour. */
export type PaintOptions = { readonly palette: Palette; readonly ascii: boolean; readonly level: ColorSupportLevel };

/** Returns a function that writes a line for one terminal. */
export function createPainter({ palette, ascii, level }: PaintOptions): (line: Line) => string {
  const chalk = new Chalk({ level });
  const paints = Object.fromEntries(
    Object.entries(stylesOf(palette)).map(([style, textStyle]) => [style, paintOf(textStyle, chalk)]),
  ) as Record<Style, Paint>;
  return (line) =>
    line
      .map(({ text, style, sgr }) => (sgr && level > 0 ? raw(sgr) : paints[style])(ascii ? inAscii(text) : text))
      .join('');
}

/** Returns the painter for the learner's settings; it is created again only when they change. */
export function createPainters(
  env: Env,
): (settings: Pick<Settings, 'theme' | 'glyphs'>, background: Background) => Painter {
  const level = supportsColor ? supportsColor.level : 0;
  const usesAscii = wantsAscii(env);
  let last: { readonly key: string; readonly paint: Painter } | undefined;
  return ({ theme, glyphs }, background) => {
    const options = { palette: paletteOf(theme, background), ascii: asciiOf(glyphs, usesAscii), level };
    const key = `${options.palette} ${options.ascii}`;
    if (last?.key !== key) last = { key, paint: createPainter(options) };
    return last.paint;
  };
}

type Painter = (line: Line) => string;
type Env = Readonly<Record<string, string | undefined>>;

export function paletteOf(theme: ThemeChoice, background: Background): Palette {
  switch (theme) {
    case 'auto':
      return background;
    case 'contrast':
      return `contrast on ${background}`;
    case 'dark':
    case 'light':
      return theme;
  }
}

const asciiOf = (glyphs: GlyphChoice, usual: boolean): boolean => (glyphs === 'auto' ? usual : glyphs === 'ascii');

function paintOf({ ink, bold, dim, italic, underline, inverse }: TextStyle, chalk: ChalkInstance): Paint {
  let paint: ChalkInstance = chalk;
  if (ink && chalk.level === 3) paint = paint.hex(ink.rgb);
  if (ink && chalk.level === 2) paint = paint.ansi256(ink.cube);
  if (ink?.basic && chalk.level === 1) paint = paint[ink.basic];
  if (dim && chalk.level === 1) paint = paint.dim;
  if (bold) paint = paint.bold;
  if (italic) paint = paint.italic;
  if (underline) paint = paint.underline;
  if (inverse) paint = paint.inverse;
  return paint === chalk ? (text) => text : paint;
}

const raw =
  (sgr: string): Paint =>
  (text) =>
    `\u001b[${sgr}m${text}\u001b[0m`;

/** Replaces each character by an ASCII one of the same width. The text beside a glyph says what the glyph means. */
export const inAscii = (text: string): string =>
  text.replace(/[^ -~]/gu, (character) => asciiByCharacter.get(character) ?? '?');

/** Each ASCII character with the characters that it replaces. */
const asciiTable: readonly (readonly [ascii: string, characters: string])[] = [
  ['>', '┃▸▶►→'],
  ['o', '□'],
  ['#', '■█≠'],
  ['_', '▁'],
  ['.', '▂┄…·'],
  ['-', '▃○─–—'],
  ['=', '▄━'],
  ['+', '▅✔┬┴├┤┼┌┐└┘╭╮╯'],
  ['*', '▆●•'],
  ['%', '▇'],
  [':', '┆'],
  ['"', '‖“”'],
  ['@', '↺'],
  ['x', '✖×'],
  ['<', '◂◀◄←'],
  ['^', '↑▲'],
  ['v', '↓▼'],
  ['\\', '↪'],
  ['|', '│▏'],
  ['`', '╰'],
  ["'", '‘’'],
  [' ', '\u00a0'],
];
const asciiByCharacter: ReadonlyMap<string, string> = new Map(
  asciiTable.flatMap(([ascii, characters]) => [...characters].map((one) => [one, ascii] as const)),
);

/** ASCII only: the learner asks for it, or the locale says that the terminal is not UTF-8. */
export function wantsAscii(env: Env): boolean {
  if (env.REPL_WORKSHOP_ASCII) return true;
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  return !/utf-?8/i.test(locale);
}

/** `COLORFGBG` ('15;0', 'default;default'): the last number is the background, one of the 16 colours. Default: dark. */
export function backgroundOf({ COLORFGBG = '' }: Env): Background {
  const background = /;(\d+)$/.exec(COLORFGBG)?.[1];
  return background === '7' || background === '15' || background === '11' ? 'light' : 'dark';
}

/** The background by its luminance, from a terminal's answer to OSC 11 ('rgb:ffff/ffff/ffff'). */
export function backgroundFrom(answer: string): Background | undefined {
  const parts = /^rgba?:([\da-f]{1,4})\/([\da-f]{1,4})\/([\da-f]{1,4})/i.exec(answer)?.slice(1);
  if (!parts) return undefined;
  const [red = 0, green = 0, blue = 0] = parts.map((part) => Number.parseInt(part, 16) / (16 ** part.length - 1));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5 ? 'light' : 'dark';
}
