/** The lines for a screen reader. Lines are only added, never changed. */
import type { Session } from '../../session/session.ts';
import type { Frame, FrameContext } from '../../ui/layout/frame.ts';
import { emptyViewport } from '../../ui/layout/viewport.ts';
import { messages } from '../../ui/messages.ts';
import { news, nothingSpoken, type Spoken, spokenOf } from '../../ui/spoken.ts';

export function transcriptOf(context: FrameContext) {
  const subscribers = new Set<() => void>();
  const frame: Frame = { lines: [], reach: emptyViewport, cursor: null };
  let rows: readonly string[] = [];
  let spoken: Spoken = nothingSpoken;
  return {
    rows: () => rows,
    frame: () => frame,
    isSpoken: true,
    subscribe(onChange: () => void) {
      subscribers.add(onChange);
      return () => {
        subscribers.delete(onChange);
        rows = [messages.spoken.back]; // the screen after a program does not repeat all earlier lines
      };
    },
    show(session: Session) {
      const now = spokenOf(session, context);
      const added = news(spoken, now);
      spoken = now;
      if (added.length === 0) return;
      rows = [...rows, ...added];
      for (const onChange of subscribers) onChange();
    },
  };
}
