/** How a line becomes terminal text: which palette, how many colours, which signs. The only place that knows chalk. */
import { Chalk, type ChalkInstance, type ColorSupportLevel, supportsColor } from 'chalk';
import type { Background, GlyphChoice, Settings, ThemeChoice } from '../learner/settings.ts';
import type { Line, Style } from './layout/wrap.ts';
import { type Palette, stylesOf, type TextStyle } from './palette.ts';

type Paint = (text: string) => string;

/** level: 0 no colour, 1 sixteen, 2 the 256 of xterm, 3 any. */
export type PaintOptions = { readonly palette: Palette; readonly ascii: boolean; readonly level: ColorSupportLevel };

/** How lines are written for one terminal. */
export function createPainter({ palette, ascii, level }: PaintOptions): (line: Line) => string {
  const chalk = new Chalk({ level });
  const looks = stylesOf(palette);
  const paints = Object.fromEntries(
    Object.entries(looks).map(([style, look]) => [style, paintOf(look, chalk)]),
  ) as Record<Style, Paint>;
  return (line) =>
    line
      .map(({ text, style, sgr }) => (sgr && level > 0 ? raw(sgr) : paints[style])(ascii ? inAscii(text) : text))
      .join('');
}

/** The painter for what the learner chose; made anew only when that changes. */
export function createPainters(
  env: Env,
): (settings: Pick<Settings, 'theme' | 'glyphs'>, background: Background) => Paints {
  const level = supportsColor ? supportsColor.level : 0;
  const usesAscii = wantsAscii(env);
  let made: { readonly of: string; readonly paint: Paints } | undefined;
  return ({ theme, glyphs }, background) => {
    const ways = { palette: paletteOf(theme, background), ascii: asciiOf(glyphs, usesAscii), level };
    const of = `${ways.palette} ${ways.ascii}`;
    if (made?.of !== of) made = { of, paint: createPainter(ways) };
    return made.paint;
  };
}

type Paints = (line: Line) => string;
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

/** Each character by one of the same width; all meaning stands in words beside it. */
export const inAscii = (text: string): string =>
  text.replace(/[^ -~]/gu, (character) => asciiByCharacter.get(character) ?? '?');

/** By the ASCII character that stands for them. */
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

/** ASCII only: asked for, or the locale says that the terminal shows no more. */
export function wantsAscii(env: Env): boolean {
  if (env.REPL_WORKSHOP_ASCII) return true;
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  return !/utf-?8/i.test(locale);
}

/** `COLORFGBG` ('15;0', 'default;default'): the last number is the background, as one of the 16 colours. Dark where nobody says. */
export function backgroundOf({ COLORFGBG = '' }: Env): Background {
  const background = /;(\d+)$/.exec(COLORFGBG)?.[1];
  return background === '7' || background === '15' || background === '11' ? 'light' : 'dark';
}

/** A terminal's own word on its background (OSC 11: 'rgb:ffff/ffff/ffff'), by its luminance. */
export function backgroundFrom(answer: string): Background | undefined {
  const parts = /^rgba?:([\da-f]{1,4})\/([\da-f]{1,4})\/([\da-f]{1,4})/i.exec(answer)?.slice(1);
  if (!parts) return undefined;
  const [red = 0, green = 0, blue = 0] = parts.map((part) => Number.parseInt(part, 16) / (16 ** part.length - 1));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5 ? 'light' : 'dark';
}
