/** Styled text in lines of a given width. Widths are terminal columns: a CJK character or an emoji takes two. */
import type { SpanStyle } from '../../lesson/format/words.ts';
import { visible } from '../../postgres/visible.ts';
import type { Pane } from '../../session/intent.ts';
import { columns } from '../../terminal/width.ts';

/**
 * The meaning of a piece; the theme gives it a colour. log, warning and error are levels of log lines; good, note and
 * trouble are for log notes and verdicts; title, key, chosen, found (by a search) and passed (just now) for the frame.
 */
export type Style =
  | SpanStyle
  | 'text'
  | 'heading'
  | 'bar'
  | 'detail'
  | 'log'
  | 'warning'
  | 'error'
  | 'good'
  | 'note'
  | 'trouble'
  | 'title'
  | 'key'
  | 'chosen'
  | 'passed'
  | 'found';

/** What a click on a piece does: a key of the table, a row of a list, a pane. */
export type Touch = { readonly key: string } | { readonly row: number } | { readonly pane: Pane };

/**
 * `code`: index of the code block that the piece belongs to (see `codeTexts`). `sgr`: style of another program's text,
 * as SGR parameters ('1;38;5;12').
 */
export type Piece = {
  readonly text: string;
  readonly style: Style;
  readonly code?: number;
  readonly sgr?: string;
  readonly touch?: Touch;
};
export type Line = readonly Piece[];

export const piece = (text: string, style: Style = 'text'): Piece => ({ text: clean(text), style });

export const touchable = (lines: readonly Line[], touch: Touch): readonly Line[] =>
  lines.map((line) => line.map((part) => ({ ...part, touch })));

/** Replaces tabs by spaces, and shows control characters instead of sending them to the terminal. */
const clean = (text: string): string => visible(text.replaceAll('\t', '    '));

const isAscii = (text: string): boolean => /^[\x20-\x7e]*$/.test(text);

export const lineColumns = (line: Line): number => line.reduce((sum, { text }) => sum + columns(text), 0);

/** Wraps at spaces. A word that is wider than a line is cut, a path after a "/". "\n" begins a new line. */
export function wrap(pieces: readonly Piece[], width: number): readonly Line[] {
  const lines: Piece[][] = [[]];
  let used = 0;
  for (const word of wordsOf(pieces)) {
    const gap = used === 0 || word.newLine ? 0 : word.gap ? columns(word.gap.text) : 0;
    if (word.newLine || (used > 0 && used + gap + word.columns > width)) {
      lines.push([]);
      used = 0;
    } else if (word.gap && used > 0) append(lines, word.gap);
    const [first = [], ...more] = word.columns > width ? cutAfter('/', word.pieces, width) : [word.pieces];
    for (const part of first) append(lines, part);
    lines.push(...more.map((line) => [...line]));
    used = more.length > 0 ? lineColumns(lines.at(-1) ?? []) : (used === 0 ? 0 : used + gap) + word.columns;
  }
  return lines;
}

/** Wraps code: keeps all spaces. The lines after the first have the width `rest`. */
export const codeWrap = (pieces: readonly Piece[], first: number, rest = first): readonly Line[] =>
  cutAfter(' ', pieces, first, rest);

/** Cuts after the last `character` of a full line, or at the end of the line if more than half would stay empty. */
function cutAfter(character: string, pieces: readonly Piece[], first: number, rest = first): readonly Line[] {
  const lines: Line[] = [];
  let left: Line = pieces;
  for (let room = first; ; room = rest) {
    const [part, later] = splitAt(left, 8 * room + 64); // more than a line; keeps the work on long text linear
    const [line = [], ...more] = hardWrap(part, room, rest);
    if (more.length === 0 && later.length === 0) return [...lines, line];
    const text = line.map((each) => each.text).join('');
    const end = text.lastIndexOf(character) + 1;
    const [head, tail] = splitAt(left, end > text.length / 2 ? end : Math.max(text.length, 1));
    lines.push(head);
    left = tail;
  }
}

function splitAt(pieces: readonly Piece[], at: number): readonly [Line, Line] {
  const [head, tail]: [Piece[], Piece[]] = [[], []];
  let left = at;
  for (const part of pieces) {
    const [before, after] = [part.text.slice(0, left), part.text.slice(left)];
    if (before) head.push({ ...part, text: before });
    if (after) tail.push({ ...part, text: after });
    left -= before.length;
  }
  return [head, tail];
}

/** Cuts each line where it is full. The lines after the first may be narrower, to leave room for a mark. */
export function hardWrap(pieces: readonly Piece[], first: number, rest = first): readonly Line[] {
  if (lineColumns(pieces) <= first) return [pieces];
  const lines: Piece[][] = [[]];
  let room = first;
  for (const { text, ...attributes } of pieces) {
    for (const character of graphemes(text)) {
      const wide = columns(character);
      if (wide > room) {
        lines.push([]);
        room = rest;
      }
      append(lines, { text: character, ...attributes });
      room -= wide;
    }
  }
  return lines;
}

/** The width of the widest word: a narrower column would cut it. */
export const widestWord = (pieces: readonly Piece[]): number =>
  wordsOf(pieces).reduce((widest, word) => Math.max(widest, word.columns), 0);

type Word = { readonly gap?: Piece; readonly newLine: boolean; readonly pieces: Piece[]; columns: number };

function wordsOf(pieces: readonly Piece[]): readonly Word[] {
  const words: Word[] = [{ newLine: false, pieces: [], columns: 0 }];
  for (const whole of pieces) {
    for (const text of whole.text.split(/(\n| +)/)) {
      if (text === '\n') words.push({ newLine: true, pieces: [], columns: 0 });
      else if (text.startsWith(' ')) words.push({ newLine: false, gap: { ...whole, text }, pieces: [], columns: 0 });
      else if (text !== '') extend(words.at(-1), { ...whole, text });
    }
  }
  return words.filter((word) => word.newLine || word.pieces.length > 0);
}

function extend(word: Word | undefined, part: Piece): void {
  if (!word) return;
  word.pieces.push(part);
  word.columns += columns(part.text);
}

/** Joins a piece to a neighbour of the same style: the terminal is faster with few changes of style. */
function append(lines: Piece[][], part: Piece): void {
  const line = lines.at(-1);
  const last = line?.at(-1);
  if (
    last &&
    last.style === part.style &&
    last.code === part.code &&
    last.sgr === part.sgr &&
    last.touch === part.touch
  )
    line?.splice(-1, 1, { ...last, text: last.text + part.text });
  else line?.push(part);
}

const graphemes = (text: string): readonly string[] =>
  isAscii(text) ? [...text] : [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
