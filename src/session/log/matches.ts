/** Finding words in a book. A chunk is looked through once for each pattern; whoever asks for many chunks does it in slices. */
import { maskText } from '../../postgres/mask/mask.ts';
import { type LogChunk, type RecordSelection, sizeOf, textOf } from './buffer.ts';

/** Small letters find capitals too; a capital in the pattern means itself. */
export const wordsAsPattern = (text: string): RegExp =>
  new RegExp(text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), /\p{Lu}/u.test(text) ? 'g' : 'gi');

const cache = new WeakMap<LogChunk, { readonly text: string; readonly hits: Uint16Array }>();

/** The shown records that have the words. */
export function recordsWith(text: string, shown: RecordSelection): RecordSelection {
  return (chunk) => {
    const [hits, seen] = [hitsIn(chunk, text), shown(chunk)];
    const before = shownHits.get(hits);
    if (before?.seen === seen) return before.list;
    const all = new Set(seen);
    const list = hits.filter((index) => all.has(index));
    shownHits.set(hits, { seen, list });
    return list;
  };
}

const shownHits = new WeakMap<Uint16Array, { readonly seen: Uint16Array; readonly list: Uint16Array }>();

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
    pattern.lastIndex = (ends[index] ?? text.length) + 1; // once in a record is enough
    index++;
  }
  return hits;
}

/** A secret cannot be searched for: what is masked on the screen is no hit. */
function isShown(text: string, pattern: RegExp): boolean {
  const masked = maskText(text);
  return masked === text || new RegExp(pattern.source, pattern.flags).test(masked);
}
