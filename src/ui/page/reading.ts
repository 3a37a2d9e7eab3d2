/** The part of a lesson's page that is in sight, with search hits and the chosen code block. */
import type { Intent } from '../../session/intent.ts';
import type { Session } from '../../session/session.ts';
import { columns } from '../../terminal/width.ts';
import { boundOf, cut, window } from '../layout/fit.ts';
import { type Line, lineColumns, type Piece, piece } from '../layout/wrap.ts';
import { messages } from '../messages.ts';
import type { Page, PageCode } from './page.ts';
import { currentHit, findHits, styled } from './search.ts';

/**
 * A scrollable part of the screen. `more`: the text goes on below. `bound`: the largest scroll position. `page`: height
 * in lines. `top`: the first line in sight. `margin`: glyphs left of the lines.
 */
export type Area = {
  readonly lines: readonly Line[];
  readonly more: boolean;
  readonly bound: number;
  readonly page: number;
  readonly top: number;
  readonly margin?: readonly Piece[];
};

export function textPane(lines: readonly Line[], from: number, height: number): Area {
  const bound = boundOf(lines, height);
  const top = Math.max(0, Math.min(from, bound));
  return { lines: window(lines, top, height), more: top < bound, bound, page: height, top };
}

/** The lines of an area behind a margin of one column. */
export const margined = ({ lines, margin }: Area): readonly Line[] =>
  lines.map((line, at) => [margin?.[at] ?? piece(' '), ...line]);

export function readingPane(session: Session, page: Page, width: number, height: number): Area {
  const hits = findHits(page.lines, session.search?.text ?? '');
  const hit = session.search ? currentHit(hits, session.search) : undefined;
  const place = placeOf(session, page);
  const isInSight = hit === undefined || (hit.line >= place && hit.line < place + height);
  const pane = textPane(page.lines, isInSight ? place : hit.line - Math.floor(height / 3), height);
  const chosen = page.codes[session.block ?? -1];
  const lines = pane.lines.map((line, row) => {
    const at = pane.top + row;
    if (chosen && at >= chosen.first && at <= chosen.last)
      return chosenLine(line, session.block, at === chosen.first ? messages.reading.goesTo(chosen.place) : '', width);
    return hits.length > 0 ? styled(line, at, hits, hit) : line;
  });
  const margin = lines.map((_, row) => {
    const hitHere = hits.find(({ line }) => line === pane.top + row);
    return !hitHere ? piece(' ') : piece(hit?.line === hitHere.line ? '▸' : '•', 'key');
  });
  return { ...pane, lines, margin };
}

/**
 * The learner's place on the page. A place that was counted on a page of another length (another width, or thousandths
 * from the settings) is scaled.
 */
const placeOf = ({ scroll, pageLines }: Session, { lines }: Page): number =>
  pageLines === lines.length ? scroll.words : Math.round((scroll.words * lines.length) / Math.max(pageLines, 1));

/** A line of the chosen block: with a heavier margin, and at the right a label if it fits. */
function chosenLine(line: Line, code: number | null, label: string, width: number): Line {
  const heavy = line.map((part) => (part.code === code && part.text === '│ ' ? { ...piece('┃ ', 'key'), code } : part));
  const room = width - lineColumns(line) - columns(label);
  return label !== '' && room > 1 ? [...cut(heavy, width), piece(' '.repeat(room)), piece(label, 'key')] : heavy;
}

/** What the keys of the lesson pane need to know about the frame. */
export type VisiblePage = {
  readonly top: number;
  readonly height: number;
  readonly pageLines: number; // number of lines of the page
  readonly codes: readonly PageCode[];
};

export const visiblePageOf = ({ lines, codes }: Page, { top, page }: Area): VisiblePage => ({
  top,
  height: page,
  pageLines: lines.length,
  codes,
});

const isSeen = ({ first, last }: PageCode, { top, height }: VisiblePage): boolean =>
  first < top + height && last >= top;

/** The intent for the next or previous code block; without a chosen one in sight, the first one in sight or beyond. */
export function blockBy(by: 1 | -1, { block }: Session, page: VisiblePage): Intent {
  const { codes, top, height } = page;
  const chosen = codes[block ?? -1];
  const order = by === 1 ? [...codes.keys()] : [...codes.keys()].reverse();
  const beyond = ({ first, last }: PageCode) => (by === 1 ? last >= top : first < top + height);
  const index =
    block !== null && chosen && isSeen(chosen, page)
      ? Math.max(0, Math.min(block + by, codes.length - 1))
      : order.find((at) => codes[at] && beyond(codes[at]));
  const code = codes[index ?? -1];
  if (index === undefined || !code) return { do: 'copy', block: null };
  return { do: 'block', index, scroll: { do: 'scroll', to: topToSee(code, page), pageLines: page.pageLines } };
}

/** The scroll position that is closest to the current one and shows the whole block, or the beginning of a long one. */
function topToSee({ first, last }: PageCode, { top, height, pageLines }: VisiblePage): number {
  const isWhole = first >= top && last < top + height;
  const to = isWhole ? top : first < top || last - first >= height - 2 ? first - 1 : last + 2 - height;
  return Math.max(0, Math.min(to, pageLines - height));
}

/** The intent to copy the chosen block, else the first one in sight. */
export function blockToCopy({ block }: Session, page: VisiblePage): Intent {
  const index = block ?? page.codes.findIndex((code) => isSeen(code, page));
  const code = page.codes[index];
  return { do: 'copy', block: code ? { index, text: code.text } : null };
}

export const dropsBlock = ({ block }: Session, page: VisiblePage, to: number): boolean => {
  const code = page.codes[block ?? -1];
  return code !== undefined && !isSeen(code, { ...page, top: to });
};
