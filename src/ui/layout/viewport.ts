/** The facts about the drawn frame on which the intents of keys and mouse depend. */
import type { Pane, ScrollTarget } from '../../session/intent.ts';
import type { VisibleLog } from '../log/visible.ts';
import type { VisiblePage } from '../page/reading.ts';
import type { Rect } from '../terminal.ts';

/** How far each part of the drawn frame can be scrolled, in lines, and where its parts are. */
export type Viewport = {
  readonly maxScroll: Readonly<Record<ScrollTarget, number>>;
  readonly scrollTop: Readonly<Record<ScrollTarget, number>>; // the first visible line of each part
  readonly page: number; // the visible lines of the part that the keys scroll
  readonly tasks: readonly number[]; // the first line of each task on the lesson's page
  readonly visible: VisiblePage;
  readonly terminal: Rect | null; // null: not visible
  readonly areas: readonly Touchable[]; // where several contain a position, the first one applies
  readonly log?: VisibleLog['step']; // returns where a step in the log view leads
};

/** A part of the frame. The wheel scrolls `scrolls` there; a click gives the focus to `pane`. */
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
