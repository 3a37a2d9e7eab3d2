/** What lies over a lesson: a title, and lines that scroll. */
import type { Line } from './wrap.ts';

/** `whole`: it takes the whole body also on a wide screen. `focus`: the line that must be seen. */
export type Sheet = {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly whole: boolean;
  readonly focus?: number;
};
