/** What the mouse means where it is: a click does what the key under it does, the wheel scrolls what is under it. */
import type { Intent, Session } from '../session/session.ts';
import { type Area, intentOf, isPicking, type Reach } from './keys.ts';
import { columns, type Line, type Touch } from './wrap.ts';

export type Mouse = { readonly did: 'press' | 'wheel up' | 'wheel down'; readonly x: number; readonly y: number }; // from 0

type Drawn = { readonly lines: readonly Line[]; readonly reach: Reach };

export function intentAt(mouse: Mouse, session: Session, { lines, reach }: Drawn): Intent | undefined {
  const area = reach.areas?.find((one) => isIn(one, mouse));
  if (mouse.did !== 'press') return wheel(mouse.did === 'wheel up' ? -1 : 1, area, session, reach);
  const touch = touchAt(lines[mouse.y] ?? [], mouse.x);
  if (touch) return touched(touch, session, reach);
  if (!area?.pane || session.overlay || session.pane === area.pane) return undefined;
  return { do: 'look at', pane: area.pane };
}

const isIn = ({ left, top, width, height }: Area, { x, y }: Mouse): boolean =>
  x >= left && x < left + width && y >= top && y < top + height;

function wheel(by: 1 | -1, area: Area | undefined, session: Session, { bounds }: Reach): Intent | undefined {
  if (isPicking(session)) return { do: 'move', by };
  if (!area) return undefined;
  const { scrolls } = area;
  const now = Math.min(session.scroll[scrolls], bounds[scrolls]);
  return { do: 'scroll', what: scrolls, to: Math.max(0, Math.min(now + by * linesOfWheel, bounds[scrolls])) };
}

const linesOfWheel = 3;

function touchAt(line: Line, x: number): Touch | undefined {
  let right = 0;
  return line.find(({ text }) => {
    right += columns(text);
    return x < right;
  })?.touch;
}

function touched(touch: Touch, session: Session, reach: Reach): Intent | undefined {
  if ('key' in touch) return intentOf(touch.key, session, reach);
  return 'row' in touch ? { do: 'row', index: touch.row } : { do: 'look at', pane: touch.pane };
}
