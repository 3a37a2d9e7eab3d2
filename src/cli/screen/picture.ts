/** The frame on the screen. It is drawn again only when something that it shows has changed. */
import type { Session } from '../../session/session.ts';
import type { Frame } from '../../ui/layout/frame.ts';
import { emptyViewport } from '../../ui/layout/viewport.ts';
import type { createPainters } from '../../ui/theme.ts';

/** Subscribers are called only when a row or the cursor has changed. */
export function pictureOf(
  draw: (session: Session) => Frame,
  paintsFor: ReturnType<typeof createPainters>,
  canHaveMouse: boolean,
) {
  const subscribers = new Set<() => void>();
  let frame: Frame = { lines: [], reach: emptyViewport, cursor: null };
  let rows: readonly string[] = [];
  let cursor: Frame['cursor'] = null;
  let drawn: Session | undefined;
  return {
    rows: () => rows,
    cursor: () => cursor,
    frame: () => frame,
    mouse: () => canHaveMouse && drawn?.learner.settings.mouse === true,
    subscribe(onChange: () => void) {
      subscribers.add(onChange);
      return () => void subscribers.delete(onChange);
    },
    show(session: Session) {
      if (drawn && looksSame(drawn, session)) return;
      drawn = session;
      frame = draw(session);
      const next = frame.lines.map(paintsFor(session.learner.settings, session.background));
      const isSame = next.length === rows.length && next.every((row, at) => row === rows[at]);
      if (isSame && isSamePlace(frame.cursor, cursor)) return;
      rows = next;
      cursor = isSamePlace(frame.cursor, cursor) ? cursor : frame.cursor;
      for (const onChange of subscribers) onChange();
    },
  };
}

const isSamePlace = (a: Frame['cursor'], b: Frame['cursor']): boolean => a?.x === b?.x && a?.y === b?.y;

/**
 * Whether two sessions have the same frame. No frame shows `lookState`, `saves`, `failing` or the seconds of the
 * clock.
 */
function looksSame(before: Session, after: Session): boolean {
  const minute = ({ clock }: Session) => clock.slice(0, 16);
  const { lookState, saves, failing, clock } = after;
  const asShown: Session = { ...before, lookState, saves, failing, clock };
  return (
    minute(before) === minute(after) &&
    Object.entries(asShown).every(([key, value]) => after[key as keyof Session] === value)
  );
}
