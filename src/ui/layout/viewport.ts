/** What keys and the mouse need to know of the drawn frame. */
import type { Pane, ScrollTarget } from '../../session/intent.ts';
import type { VisibleLog } from '../log/visible.ts';
import type { VisiblePage } from '../page/reading.ts';
import type { Rect } from '../terminal.ts';

/** How far each part of the drawn frame can be scrolled, in lines, and how many lines it shows. */
export type Viewport = {
  readonly maxScroll: Readonly<Record<ScrollTarget, number>>;
  readonly scrollTop: Readonly<Record<ScrollTarget, number>>; // the first visible lines
  readonly page: number;
  readonly tasks: readonly number[]; // the lines where the words of each task begin
  readonly visible: VisiblePage;
  readonly terminal: Rect | null; // null: not visible
  readonly areas: readonly Touchable[]; // where several contain a place, the first one counts
  readonly log?: VisibleLog['step']; // where a step leads in the log view
};

/** A part of the frame that the wheel scrolls, and that a click selects. */
export type Touchable = Rect & { readonly scrolls?: ScrollTarget; readonly pane?: Pane };

const zero = { words: 0, tasks: 0, terminal: 0, overlay: 0 };
export const emptyViewport: Viewport = {
  maxScroll: zero,
  scrollTop: zero,
  page: 0,
  tasks: [],
  visible: { top: 0, height: 0, pageLines: 0, codes: [] },
  terminal: null,
  areas: [],
};
