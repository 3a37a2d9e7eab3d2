/** Search in the log view: searches the chunks in slices, the newest first, and then moves the cursor to a hit. */
import { endOf } from './buffer.ts';
import { hitsIn, isSearched } from './matches.ts';
import { cursorOf, foundIn, hitFrom, type LogSearch, type OpenLog, type SearchMove, shownOf } from './state.ts';

export function startSearch(view: OpenLog, move: SearchMove): OpenLog {
  const { search } = view;
  switch (move.to) {
    case 'search':
      return { ...view, story: false, search: newSearch(view) };
    case 'type':
      return search ? requested({ ...view, search: { ...search, text: move.text, wanted: 'first' } }) : view;
    case 'keep':
      return search ? { ...view, search: search.text === '' ? null : { ...search, typing: false } } : view;
    case 'clear':
      return search ? { ...view, ...(search.typing ? { ...search.origin, top: null } : {}), search: null } : view;
    case 'hit':
      return search ? requested({ ...view, search: { ...search, wanted: move.by } }) : view;
  }
}

const newSearch = (view: OpenLog): LogSearch => ({
  text: '',
  typing: true,
  origin: { cursor: cursorOf(view, shownOf(view)) ?? 0, follows: view.follows },
  ahead: 0,
  wanted: null,
});

/** Counts the chunks that are still to be searched. When there are none, the cursor goes to the hit at once. */
function requested(view: OpenLog): OpenLog {
  const { buffer, search } = view;
  if (!search) return view;
  const ahead = search.text === '' ? 0 : buffer.chunks.findLastIndex((chunk) => !isSearched(chunk, search.text)) + 1;
  return atHit({ ...view, search: { ...search, ahead } });
}

const slice = 1_500_000; // characters, some 8 ms

/** Searches one slice. */
export function continueSearch(view: OpenLog): OpenLog {
  const { buffer, search } = view;
  if (!search) return view;
  let { ahead } = search;
  for (let length = 0; ahead > 0 && length < slice; ahead--) {
    const chunk = buffer.chunks[ahead - 1];
    if (!chunk || isSearched(chunk, search.text)) continue;
    length += chunk.text.length;
    hitsIn(chunk, search.text);
  }
  return atHit({ ...view, search: { ...search, ahead } });
}

/**
 * Moves the cursor to the wanted hit when all chunks are searched. The first hit is searched upwards when the view
 * followed the end of the log, downwards from any other place.
 */
function atHit(view: OpenLog): OpenLog {
  const { search, buffer } = view;
  const shown = shownOf(view);
  const hits = foundIn(view, shown);
  if (!search || search.wanted === null || search.ahead > 0) return view;
  const { wanted, origin } = search;
  const finished: OpenLog = { ...view, search: { ...search, wanted: null } };
  const number =
    hits &&
    (wanted === 'first'
      ? hitFrom(view, hits, origin.follows ? origin.cursor + 1 : origin.cursor - 1, origin.follows ? -1 : 1)
      : hitFrom(view, hits, cursorOf(view, shown) ?? 0, wanted));
  if (number === undefined) return wanted === 'first' ? { ...finished, ...origin, top: null } : finished;
  return { ...finished, cursor: number, top: null, follows: false, left: view.follows ? endOf(buffer) : view.left };
}
