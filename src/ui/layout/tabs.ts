/** The panes of a narrow screen, as tabs. */
import { panesOf, type Session } from '../../session/session.ts';
import { paneInUse } from '../../session/terminal.ts';
import { messages } from '../messages.ts';
import { standing, standingGlyphs } from '../tasks/verdict.ts';
import { type Line, lineColumns, type Piece, piece } from './wrap.ts';

/** ` [Lesson]  Tasks ✔✖○   Servers `; without gaps when they do not fit. */
export function tabLine(session: Session, width: number): Line {
  const line = tabs(session, ' ');
  return lineColumns(line) <= width + 1 ? line : tabs(session, ''); // the last gap may be cut
}

function tabs(session: Session, gap: string): Line {
  const broken = new Set(session.broken.map(({ key }) => key));
  const marks = session.tasks.map((state) => standingGlyphs[standing(state, broken.has(state.key))]);
  return panesOf(session).flatMap((pane): readonly Piece[] => {
    const name = messages.panes[pane];
    const label = pane === paneInUse(session) ? piece(`[${name}]`, 'chosen') : piece(` ${name} `);
    const tab: Piece = { ...label, touch: { pane } };
    return pane === 'tasks' ? [tab, piece(gap), ...marks, piece(gap + gap)] : [tab, piece(gap)];
  });
}
