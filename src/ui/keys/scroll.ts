/** Keys that scroll, shared by several modes. */
import { scrolling } from '../../session/handle-intent.ts';
import type { Intent, ScrollTarget } from '../../session/intent.ts';
import type { Session } from '../../session/session.ts';
import type { Viewport } from '../layout/viewport.ts';
import { messages } from '../messages.ts';
import { dropsBlock } from '../page/reading.ts';
import type { Key } from './key.ts';

const labels = messages.keys;

/** Scrolls by lines and pages, at most to the first or last line. A page is two lines less than the visible height. */
export const by =
  (lines: number, pages = 0) =>
  (session: Session, viewport: Viewport): Intent => {
    const distance = lines + Math.ceil(pages * Math.max(viewport.page - 2, 1));
    return scrolled(session, viewport, scrolling(session), distance);
  };

export function scrolled(
  session: Session,
  { maxScroll, scrollTop, visible }: Viewport,
  what: ScrollTarget,
  lines: number,
): Intent {
  const to = Math.max(0, Math.min(scrollTop[what] + lines, maxScroll[what]));
  const page = what === 'words' ? { pageLines: visible.pageLines, dropsBlock: dropsBlock(session, visible, to) } : {};
  return { do: 'scroll', what, to, ...page };
}

/** Scrolls the terminal by pages, whichever pane has the focus. */
export const terminalPage =
  (pages: number): Key['intent'] =>
  ({ terminal }, { terminal: place }) => {
    const { top = 0, bottom = 0 } = terminal?.view ?? {};
    const to = top + pages * Math.max((place?.rows ?? 0) - 2, 1);
    return { do: 'scroll terminal', to: Math.max(0, Math.min(to, bottom)) };
  };

// biome-ignore format: a table
export const lineKeys: readonly Key[] = [
  { names: ['up', 'k'], shown: '↑', label: labels.lines, intent: by(-1) },
  { names: ['down', 'j'], shown: '↓', label: labels.lines, intent: by(1) },
];

// biome-ignore format: a table
export const pageUpDown: readonly Key[] = [
  { names: ['pageup'], shown: 'PgUp', label: labels.pages, intent: by(0, -1) },
  { names: ['pagedown'], shown: '', label: labels.pages, intent: by(0, 1), unlisted: true },
];

// biome-ignore format: a table
export const otherPageKeys: readonly Key[] = [
  { names: ['space'], shown: 'Space', label: labels.pages, intent: by(0, 1) },
  { names: ['ctrl-u'], shown: '^u', label: labels.halfPages, intent: by(0, -0.5) },
  { names: ['ctrl-d'], shown: '^d', label: labels.halfPages, intent: by(0, 0.5) },
  { names: ['home'], shown: 'Home', label: labels.ends, intent: by(-Number.MAX_SAFE_INTEGER) },
  { names: ['end'], shown: 'End', label: labels.ends, intent: by(Number.MAX_SAFE_INTEGER) },
];

export const pageKeys: readonly Key[] = [...pageUpDown, ...otherPageKeys];

/** Returns the rows with `when` as their condition. */
export const whenever = (when: NonNullable<Key['when']>, keys: readonly Key[]): readonly Key[] =>
  keys.map((key) => ({ ...key, when }));
