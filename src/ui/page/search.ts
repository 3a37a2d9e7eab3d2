/** Search in laid-out lines. It also finds a phrase that is wrapped to the next line. */
import type { Search } from '../../session/session.ts';
import { type Line, type Piece, piece, type Style } from '../layout/wrap.ts';
import { messages } from '../messages.ts';

/** `line`: where the hit begins. `parts`: the range of each line that it covers, in characters of the line's text. */
export type Hit = { readonly line: number; readonly parts: readonly Part[] };
type Part = { readonly line: number; readonly from: number; readonly to: number };

const textOf = (line: Line): string => line.map(({ text }) => text).join('');

/** Ignores case unless the wanted text contains a capital letter. */
export function findHits(lines: readonly Line[], wanted: string): readonly Hit[] {
  if (wanted.trim() === '') return [];
  const fold = (text: string) => (/\p{Lu}/u.test(wanted) ? text : text.toLowerCase());
  const needle = fold(wanted);
  const texts = lines.map((line) => fold(textOf(line)));
  return texts.flatMap((text, line) => {
    const own = text.trimEnd();
    const next = texts[line + 1] ?? '';
    const lead = next.length - next.replace(/^[\s│•╰]+/u, '').length;
    const found = placesOf(needle, `${own} ${next.slice(lead)}`);
    return found
      .filter((from) => from < own.length)
      .map((from): Hit => {
        const end = from + needle.length;
        const here = { line, from, to: Math.min(end, own.length) };
        const over = end - own.length - 1; // the space between the lines is one character
        return { line, parts: over > 0 ? [here, { line: line + 1, from: lead, to: lead + over }] : [here] };
      });
  });
}

function placesOf(needle: string, text: string): readonly number[] {
  const places: number[] = [];
  for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + needle.length)) places.push(at);
  return places;
}

/** The current hit of a search, counted from the first one at or below the line where it began; wraps around. */
export const currentHit = (hits: readonly Hit[], search: Search): Hit | undefined => hits[placeIn(hits, search)];

function placeIn(hits: readonly Hit[], { from, step }: Search): number {
  const first = hits.findIndex(({ line }) => line >= from);
  const at = (Math.max(first, 0) + step) % Math.max(hits.length, 1);
  return at < 0 ? at + hits.length : at;
}

export function styled(line: Line, at: number, hits: readonly Hit[], current: Hit | undefined): Line {
  return hits.reduce((shown, hit) => {
    const style: Style = hit === current ? 'chosen' : 'found';
    return hit.parts
      .filter((part) => part.line === at)
      .reduce((pieces, { from, to }) => restyled(pieces, from, to, style), shown);
  }, line);
}

function restyled(line: Line, from: number, to: number, style: Style): Line {
  let at = 0;
  return line.flatMap((part): readonly Piece[] => {
    const [start, end] = [Math.max(from - at, 0), Math.max(to - at, 0)];
    at += part.text.length;
    const cuts = [part.text.slice(0, start), part.text.slice(start, end), part.text.slice(end)];
    return cuts.flatMap((text, place) => (text === '' ? [] : [{ ...part, text, ...(place === 1 ? { style } : {}) }]));
  });
}

/** `/standby▏ 2 of 7` */
export function searchLine(search: Search, hits: readonly Hit[]): Line {
  const { found, notFound } = messages.reading;
  const count = search.text === '' ? '' : hits.length > 0 ? found(placeIn(hits, search) + 1, hits.length) : notFound;
  return [
    piece(' /', 'key'),
    piece(`${search.text}▏`, 'strong'),
    piece(`  ${count}  `, hits.length > 0 ? 'detail' : 'warning'),
  ];
}
