/**
 * Turns clicks and the wheel into intents: a click does what the key at that place does, the wheel scrolls that part
 * of the frame.
 */
import type { Intent } from '../../session/intent.ts';
import type { Session } from '../../session/session.ts';
import { paneInUse } from '../../session/terminal.ts';
import type { MouseReport } from '../../terminal/input.ts';
import { columns } from '../../terminal/width.ts';
import { stepBy } from '../keys/log.ts';
import { hasCursor, modeOf } from '../keys/mode.ts';
import { scrolled } from '../keys/scroll.ts';
import { keyIntent } from '../keys/table.ts';
import type { Touchable, Viewport } from '../layout/viewport.ts';
import type { Line, Touch } from '../layout/wrap.ts';
import { rectContains } from '../terminal.ts';

/** `x` and `y` count from 0. */
export type Mouse = { readonly did: 'press' | 'wheel up' | 'wheel down'; readonly x: number; readonly y: number };

/** Returns undefined for anything but a press of the left button or the wheel. Shift, Alt and Ctrl change nothing. */
export function mouseOf({ button, column, row, isPress }: MouseReport): Mouse | undefined {
  const bits = button & ~(4 | 8 | 16);
  const did = bits === 64 ? 'wheel up' : bits === 65 ? 'wheel down' : bits === 0 && isPress ? 'press' : undefined;
  return did && { did, x: column - 1, y: row - 1 };
}

type Drawn = { readonly lines: readonly Line[]; readonly reach: Viewport };

export function mouseIntent(mouse: Mouse, session: Session, { lines, reach: viewport }: Drawn): Intent | undefined {
  const area = viewport.areas.find((rect) => rectContains(rect, mouse));
  if (mouse.did !== 'press') return wheel(mouse.did === 'wheel up' ? -1 : 1, area, session, viewport);
  const touch = touchAt(lines[mouse.y] ?? [], mouse.x);
  const intent = touch && touchIntent(touch, session, viewport);
  if (intent || !area?.pane || session.overlay) return intent;
  return area.pane === paneInUse(session) ? undefined : { do: 'focus pane', pane: area.pane };
}

function wheel(by: 1 | -1, area: Touchable | undefined, session: Session, viewport: Viewport): Intent | undefined {
  if (hasCursor(session)) return { do: 'move', by };
  if (modeOf(session) === 'log') return stepBy({ lines: by })(session, viewport);
  return area?.scrolls && scrolled(session, viewport, area.scrolls, by * wheelLines);
}

const wheelLines = 3;

function touchAt(line: Line, x: number): Touch | undefined {
  let right = 0;
  return line.find(({ text }) => {
    right += columns(text);
    return x < right;
  })?.touch;
}

function touchIntent(touch: Touch, session: Session, viewport: Viewport): Intent | undefined {
  if ('key' in touch) return keyIntent(touch.key, session, viewport);
  return 'row' in touch ? { do: 'pick row', index: touch.row } : { do: 'focus pane', pane: touch.pane };
}
