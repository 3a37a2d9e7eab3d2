/** Lines fitted to the screen: cut, padded, a window of them, rules and headings. */
import { columns, hardWrap, type Line, lineColumns, type Piece, piece, wrap } from './wrap.ts';

/** What is left out is said. */
export function cut(line: Line, width: number): Line {
  if (lineColumns(line) <= width) return line;
  const [whole = [], ...rest] = hardWrap(line, width);
  const isBlank = rest.flat().every(({ text }) => text.trim() === '');
  return isBlank || width < 2 ? whole : [...clip(line, width - 1), piece('…', 'detail')];
}

/** Cut without a word: rows of another program's screen. */
export const clip = (line: Line, width: number): Line =>
  lineColumns(line) <= width ? line : (hardWrap(line, width)[0] ?? []);

/** As many words as have room in one line, with a sign where there are more. */
export function oneLine(pieces: readonly Piece[], width: number): Line {
  const [whole = [], ...more] = wrap(pieces, width);
  return more.length > 0 ? [...(wrap(pieces, width - 2)[0] ?? []), piece(' …', 'detail')] : whole;
}

export function pad(line: Line, width: number): Line {
  const whole = cut(line, width);
  return [...whole, piece(' '.repeat(Math.max(0, width - lineColumns(whole))))];
}

/** `height` lines from a position that may lie past the end. */
export function window(lines: readonly Line[], from: number, height: number): readonly Line[] {
  const start = Math.max(0, Math.min(from, lines.length - height));
  const shown = lines.slice(start, start + height);
  return [...shown, ...Array.from({ length: Math.max(0, height - shown.length) }, (): Line => [])];
}

/** How far a text can be scrolled in a window. */
export const boundOf = (lines: readonly Line[], height: number): number => Math.max(lines.length - height, 0);

export const indented = (lines: readonly Line[], by: number): readonly Line[] =>
  lines.map((line) => [piece(' '.repeat(by)), ...line]);

/** A rule with words set into it. `joint`: where a bar from above or below meets it. */
export function rule(width: number, words = '', joint?: { readonly at: number; readonly sign: string }): Line {
  const bar = (from: number) => {
    const whole = '─'.repeat(Math.max(0, width - from));
    const at = joint ? joint.at - from : -1;
    return piece(joint && at >= 0 ? whole.slice(0, at) + joint.sign + whole.slice(at + 1) : whole, 'bar');
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
