/** The drawing of an overlay: a title, and lines that scroll. */
import type { Line } from './wrap.ts';

/**
 * `whole`: the sheet takes the whole body also on a wide screen. `focus`: the last line that must be in sight; `least`:
 * the first one, which wins when both do not fit.
 */
export type Sheet = {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly whole: boolean;
  readonly focus?: number;
  readonly foot?: readonly Line[]; // always in sight below the sheet; does not scroll
  readonly least?: number;
};
