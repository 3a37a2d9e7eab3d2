/** What the mouse means where it is: a click does what the key under it does, the wheel scrolls what is under it. */
import type { Intent, Session } from '../../session/session.ts';
import { paneInUse } from '../../session/terminal.ts';
import { columns, type Line, type Touch } from '../layout/wrap.ts';
import { isInLog, stepBy } from '../log/keys.ts';
import { rectContains } from '../terminal.ts';
import { intentOf, picking, type Reach, scrolled, type Touchable } from './keys.ts';

export type Mouse = { readonly did: 'press' | 'wheel up' | 'wheel down'; readonly x: number; readonly y: number }; // from 0

type Drawn = { readonly lines: readonly Line[]; readonly reach: Reach };

export function intentAt(mouse: Mouse, session: Session, { lines, reach }: Drawn): Intent | undefined {
  const area = reach.areas.find((one) => rectContains(one, mouse));
  if (mouse.did !== 'press') return wheel(mouse.did === 'wheel up' ? -1 : 1, area, session, reach);
  const touch = touchAt(lines[mouse.y] ?? [], mouse.x);
  const meant = touch && touched(touch, session, reach);
  if (meant || !area?.pane || session.overlay) return meant;
  return area.pane === paneInUse(session) ? undefined : { do: 'look at', pane: area.pane };
}

function wheel(by: 1 | -1, area: Touchable | undefined, session: Session, reach: Reach): Intent | undefined {
  if (picking(session)) return { do: 'move', by };
  if (isInLog(session)) return stepBy({ lines: by })(session, reach);
  return area?.scrolls && scrolled(session, reach, area.scrolls, by * linesOfWheel);
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
