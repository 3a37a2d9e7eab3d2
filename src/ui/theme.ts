/** What each style looks like, and how a line becomes terminal text. The only place that knows colours. */
import chalk from 'chalk';
import type { Line, Style } from './wrap.ts';

type Paint = (text: string) => string;

/** Dim rather than grey: some colour schemes give grey the colour of the background. */
const theme: Readonly<Record<Style, Paint>> = {
  text: (text) => text,
  strong: chalk.bold,
  emphasis: chalk.italic,
  heading: chalk.bold,
  title: chalk.bold.inverse,
  code: chalk.cyan,
  link: chalk.underline,
  keyword: chalk.magenta,
  string: chalk.green,
  comment: chalk.dim,
  number: chalk.yellow,
  name: chalk.cyan,
  bar: chalk.dim,
  detail: chalk.dim,
  log: (text) => text,
  note: chalk.cyan,
  good: chalk.green,
  warning: chalk.yellow,
  error: chalk.red,
  trouble: chalk.red,
  key: chalk.bold.cyan,
  chosen: chalk.inverse,
  found: chalk.bold.underline,
  passed: chalk.bold.green,
};

/** How lines are written for one terminal: with colours (chalk knows whether), and in ASCII where its locale has no more. */
export const painter =
  (ascii: boolean) =>
  (line: Line): string =>
    line.map(({ text, style, sgr }) => looks(sgr, theme[style])(ascii ? inAscii(text) : text)).join('');

const looks = (sgr: string | undefined, paint: Paint): Paint =>
  sgr && chalk.level > 0 ? (text) => `\u001b[${sgr}m${text}\u001b[0m` : paint;

/** Each sign by one of the same width; all meaning stands in words beside it. */
export const inAscii = (text: string): string => text.replace(/[^ -~]/gu, (sign) => asciiSigns.get(sign) ?? '?');

const signs = '┃□■▁▂▃▄▅▆▇┄┆‖↺✔✖○●▸▶►◀◄→←↑▲↓▼↪…·•─━│┬┴├┤┼┌┐└┘╰╭╮╯█▏“”‘’–—×≠\u00a0';
const ascii = '>o#_.-=+*%.:"@+x-*>>><<><^^vv\\..*-=|+++++++++`+++#|""\'\'--x# ';
const asciiSigns: ReadonlyMap<string, string> = new Map([...signs].map((sign, at) => [sign, ascii[at] ?? '?']));

/** ASCII only: asked for, or the locale says that the terminal shows no more. */
export function wantsAscii(env: Readonly<Record<string, string | undefined>>): boolean {
  if (env.REPL_WORKSHOP_ASCII) return true;
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  return !/utf-?8/i.test(locale);
}
