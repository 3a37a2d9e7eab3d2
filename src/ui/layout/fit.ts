/** Fits lines to the screen: cutting, padding, windows, rules and headings. */

import { columns } from '../../terminal/width.ts';
import { hardWrap, type Line, lineColumns, type Piece, piece, wrap } from './wrap.ts';

/** Cuts a line; an ellipsis shows that text is missing. */
export function cut(line: Line, width: number): Line {
  if (lineColumns(line) <= width) return line;
  const [whole = [], ...rest] = hardWrap(line, width);
  const isBlank = rest.flat().every(({ text }) => text.trim() === '');
  return isBlank || width < 2 ? whole : [...clip(line, width - 1), piece('…', 'detail')];
}

/** Cuts a line without an ellipsis, for the rows of another program's screen. */
export const clip = (line: Line, width: number): Line =>
  lineColumns(line) <= width ? line : (hardWrap(line, width)[0] ?? []);

/** As many words as fit in one line, with an ellipsis when there are more. */
export function oneLine(pieces: readonly Piece[], width: number): Line {
  const [whole = [], ...more] = wrap(pieces, width);
  return more.length > 0 ? [...(wrap(pieces, width - 2)[0] ?? []), piece(' …', 'detail')] : whole;
}

export function pad(line: Line, width: number): Line {
  const whole = cut(line, width);
  return [...whole, piece(' '.repeat(Math.max(0, width - lineColumns(whole))))];
}

/** `height` lines from a position, which may be past the end. */
export function window(lines: readonly Line[], from: number, height: number): readonly Line[] {
  const start = Math.max(0, Math.min(from, lines.length - height));
  const shown = lines.slice(start, start + height);
  return [...shown, ...Array.from({ length: Math.max(0, height - shown.length) }, (): Line => [])];
}

/** The largest scroll position of lines in a window of `height` lines. */
export const boundOf = (lines: readonly Line[], height: number): number => Math.max(lines.length - height, 0);

export const indented = (lines: readonly Line[], by: number): readonly Line[] =>
  lines.map((line) => [piece(' '.repeat(by)), ...line]);

/** A horizontal rule with a text in it. `joint`: the column and glyph where a vertical bar meets the rule. */
export function rule(width: number, words = '', joint?: { readonly at: number; readonly glyph: string }): Line {
  const bar = (from: number) => {
    const whole = '─'.repeat(Math.max(0, width - from));
    const at = joint ? joint.at - from : -1;
    return piece(joint && at >= 0 ? whole.slice(0, at) + joint.glyph + whole.slice(at + 1) : whole, 'bar');
  };
  const left = 2 + columns(words);
  return words !== '' && left < (joint?.at ?? width)
    ? [piece('──', 'bar'), piece(words, 'detail'), bar(left)]
    : [bar(0)];
}

export function heading(title: string, right: string, width: number): Line {
  const room = Math.max(width - columns(title) - columns(right), 0);
  return [piece(title, 'heading'), piece(' '.repeat(room) + right, 'detail')];
}
