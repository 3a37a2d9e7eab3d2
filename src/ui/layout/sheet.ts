/** What lies over a lesson: a title, and lines that scroll. */
import type { Line } from './wrap.ts';

/** `whole`: it takes the whole body also on a wide screen. `focus`: the last line that must be seen; `least`: the first, where both have no room. */
export type Sheet = {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly whole: boolean;
  readonly focus?: number;
  readonly foot?: readonly Line[]; // stays in sight below it
  readonly least?: number;
};
