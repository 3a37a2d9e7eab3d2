/** The mode that a session is in. Each mode has its own key table (table.ts). */
import type { Overlay, Session } from '../../session/session.ts';
import { isTyping } from '../../session/terminal.ts';

export type Mode =
  | 'lesson'
  | 'search' // the search in the lesson's page
  | 'terminal' // the program beside the lesson reads all keys but Ctrl-]
  | Exclude<Overlay['kind'], 'question' | 'confirm' | 'log'>
  | 'question'
  | 'answered'
  | 'confirm'
  | 'confirm quit'
  | 'log'
  | 'log search'
  | 'log story';

export function modeOf(session: Session): Mode {
  const { overlay, search } = session;
  if (!overlay) return isTyping(session) ? 'terminal' : search ? 'search' : 'lesson';
  switch (overlay.kind) {
    case 'question':
      return overlay.taken === null ? 'question' : 'answered';
    case 'confirm':
      return overlay.what.do === 'quit' ? 'confirm quit' : 'confirm';
    case 'log':
      if (overlay.story) return 'log story';
      return overlay.search?.typing ? 'log search' : 'log';
    default:
      return overlay.kind;
  }
}

/** The modes in which the cursor keys and the wheel move a cursor. */
export const hasCursor = (session: Session): boolean =>
  ['lessons', 'settings', 'layers', 'question'].includes(modeOf(session));
