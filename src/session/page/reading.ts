/** The lesson's page: the place where the learner reads, the search, and the chosen code block. Pure. */

import type { Intent, Scroll } from '../intent.ts';
import type { Session } from '../session.ts';
import { notify, remember, type Transition } from '../transition.ts';
import { placeLeft } from './position.ts';

export const openSearch = (session: Session, from: number): Transition => [
  { ...session, pane: 'words', block: null, search: { text: '', from, step: 0 } },
  [],
];

export function searchOn(
  session: Session,
  { text, by = 0 }: { readonly text?: string; readonly by?: number },
): Transition {
  const { search } = session;
  if (!search) return [session, []];
  const next = text === undefined ? { ...search, step: search.step + by } : { ...search, text, step: 0 };
  return [{ ...session, search: next }, []];
}

/** Scrolls to a line of the lesson's page. That ends a search; with `dropsBlock` no block is chosen any more. */
export const readAt = (session: Session, { to, pageLines, dropsBlock }: Scroll): Transition => [
  {
    ...session,
    scroll: { ...session.scroll, words: to },
    pageLines: pageLines ?? session.pageLines,
    search: null,
    block: dropsBlock ? null : session.block,
  },
  [],
];

export const chooseBlock = (session: Session, index: number | null, scroll?: Scroll): Transition => {
  const [next] = scroll ? readAt(session, scroll) : [session];
  return [{ ...next, pane: 'words', block: index }, []];
};

export function copyBlock(session: Session, block: Extract<Intent, { do: 'copy' }>['block']): Transition {
  if (!block) return notify(session, { kind: 'no block' });
  const copied = block.index === null ? session : ({ ...session, pane: 'words', block: block.index } as const);
  return [copied, [{ do: 'copy', text: block.text }]];
}

/** Quits; the reading place is saved. */
export function leaveSearch(session: Session, stopServers: boolean): Transition {
  const [next, saved] = remember({ ...session, overlay: null }, placeLeft(session));
  return [next, [...saved, { do: 'quit', stopServers }]];
}
