/** What a screen reader hears: lines that are only ever added to. */
import type { Session } from '../../session/session.ts';
import type { Frame, FrameContext } from '../../ui/layout/frame.ts';
import { emptyViewport } from '../../ui/layout/viewport.ts';
import { messages } from '../../ui/messages.ts';
import { news, nothingSpoken, type Spoken, spokenOf } from '../../ui/spoken.ts';

export function transcriptOf(context: FrameContext) {
  const watchers = new Set<() => void>();
  const frame: Frame = { lines: [], reach: emptyViewport, cursor: null };
  let rows: readonly string[] = [];
  let said: Spoken = nothingSpoken;
  return {
    rows: () => rows,
    frame: () => frame,
    isSpoken: true,
    subscribe(changed: () => void) {
      watchers.add(changed);
      return () => {
        watchers.delete(changed);
        rows = [messages.spoken.back]; // a screen that comes after another program's does not say everything again
      };
    },
    show(session: Session) {
      const now = spokenOf(session, context);
      const added = news(said, now);
      said = now;
      if (added.length === 0) return;
      rows = [...rows, ...added];
      for (const changed of watchers) changed();
    },
  };
}
