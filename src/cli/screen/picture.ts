/** The frame on the screen: drawn anew only when something that it shows has changed. */
import type { Session } from '../../session/session.ts';
import type { Frame } from '../../ui/layout/frame.ts';
import { emptyViewport } from '../../ui/layout/viewport.ts';
import type { createPainters } from '../../ui/theme.ts';

/** Whoever watches hears of a new frame only when it looks different. */
export function pictureOf(
  draw: (session: Session) => Frame,
  paintsFor: ReturnType<typeof createPainters>,
  canHaveMouse: boolean,
) {
  const watchers = new Set<() => void>();
  let frame: Frame = { lines: [], reach: emptyViewport, cursor: null };
  let rows: readonly string[] = [];
  let cursor: Frame['cursor'] = null;
  let drawn: Session | undefined;
  return {
    rows: () => rows,
    cursor: () => cursor,
    frame: () => frame,
    mouse: () => canHaveMouse && drawn?.learner.settings.mouse === true,
    subscribe(changed: () => void) {
      watchers.add(changed);
      return () => void watchers.delete(changed);
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
      for (const changed of watchers) changed();
    },
  };
}

const isSamePlace = (a: Frame['cursor'], b: Frame['cursor']): boolean => a?.x === b?.x && a?.y === b?.y;

/** What no frame shows: a look that is under way, and the seconds of the clock. */
function looksSame(before: Session, after: Session): boolean {
  const minute = ({ clock }: Session) => clock.slice(0, 16);
  const { lookState, saves, failing, clock } = after;
  const asShown: Session = { ...before, lookState, saves, failing, clock };
  return (
    minute(before) === minute(after) &&
    Object.entries(asShown).every(([key, value]) => after[key as keyof Session] === value)
  );
}
