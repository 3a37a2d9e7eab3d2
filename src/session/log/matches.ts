/** Searches text in a log buffer. A chunk is searched once for each pattern; callers search many chunks in slices. */
import { maskText } from '../../postgres/mask/mask.ts';
import { type LogChunk, type RecordSelection, sizeOf, textOf } from './buffer.ts';

/** Ignores case unless the text contains a capital letter. */
export const wordsAsPattern = (text: string): RegExp =>
  new RegExp(text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), /\p{Lu}/u.test(text) ? 'g' : 'gi');

const cache = new WeakMap<LogChunk, { readonly text: string; readonly hits: Uint16Array }>();

/** Selects the shown records that contain the text. */
export function recordsWith(text: string, shown: RecordSelection): RecordSelection {
  return (chunk) => {
    const [hits, shownHere] = [hitsIn(chunk, text), shown(chunk)];
    const before = shownHits.get(hits);
    if (before?.shownHere === shownHere) return before.list;
    const all = new Set(shownHere);
    const list = hits.filter((index) => all.has(index));
    shownHits.set(hits, { shownHere, list });
    return list;
  };
}

const shownHits = new WeakMap<Uint16Array, { readonly shownHere: Uint16Array; readonly list: Uint16Array }>();

export const isSearched = (chunk: LogChunk, text: string): boolean => cache.get(chunk)?.text === text;

export function hitsIn(chunk: LogChunk, text: string): Uint16Array {
  const before = cache.get(chunk);
  if (before?.text === text) return before.hits;
  const hits = text === '' ? new Uint16Array() : Uint16Array.from(found(chunk, wordsAsPattern(text)));
  cache.set(chunk, { text, hits });
  return hits;
}

function found(chunk: LogChunk, pattern: RegExp): readonly number[] {
  const { text, ends } = chunk;
  const hits: number[] = [];
  let index = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    while (index < sizeOf(chunk) && (ends[index] ?? 0) <= match.index) index++;
    if (isShown(textOf(chunk, index), pattern)) hits.push(index);
    pattern.lastIndex = (ends[index] ?? text.length) + 1; // one match in a record is enough
    index++;
  }
  return hits;
}

/** Text that is masked on the screen is not a hit, so that a search cannot reveal a secret. */
function isShown(text: string, pattern: RegExp): boolean {
  const masked = maskText(text);
  return masked === text || new RegExp(pattern.source, pattern.flags).test(masked);
}
