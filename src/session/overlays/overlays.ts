/** What Enter, the cursor keys and a click on a row do in each overlay. */

import { openListed } from '../page/navigation.ts';
import type { Overlay, Session } from '../session.ts';
import { clamp, type Transition } from '../transition.ts';
import { turnChanges } from '../view/changes.ts';
import { moveLayer } from '../view/layers.ts';
import { playCommit, stepCommit } from '../view/map.ts';
import { handleConfirmed } from './confirm.ts';
import { changePreference, movePreference } from './preferences.ts';
import { acceptQuestion, moveChoice } from './questions.ts';
import { begin } from './welcome.ts';

export function accept(session: Session, overlay: Overlay | null): Transition {
  const closed: Session = { ...session, overlay: null };
  switch (overlay?.kind) {
    case 'confirm':
      return handleConfirmed(closed, overlay.what);
    case 'lessons':
      return openListed(closed, overlay.cursor);
    case 'welcome':
      return begin(session);
    case 'settings':
      return changePreference(session, overlay, 1);
    case 'question':
      return acceptQuestion(session, overlay);
    case 'commit':
      return playCommit(session, overlay);
    case 'hints':
    case 'layers':
    case 'log':
    case 'map':
    case 'changes':
    case 'help':
    case 'end':
    case 'problem':
    case undefined:
      return [closed, []];
  }
}

export function moveCursor(session: Session, overlay: Overlay | null, by: 1 | -1): Transition {
  switch (overlay?.kind) {
    case 'lessons':
      return [
        { ...session, overlay: { ...overlay, cursor: clamp(overlay.cursor + by, session.lessons.length + 1) } },
        [],
      ];
    case 'settings':
      return movePreference(session, overlay, by);
    case 'question':
      return moveChoice(session, overlay, by);
    case 'commit':
      return stepCommit(session, overlay, by);
    case 'layers':
      return moveLayer(session, overlay, by);
    case 'changes':
      return turnChanges(session, overlay);
    case 'hints':
    case 'map':
    case 'log':
    case 'help':
    case 'welcome':
    case 'end':
    case 'confirm':
    case 'problem':
    case undefined:
      return [session, []];
  }
}

/** A click on a row acts like moving the cursor there and pressing Enter. */
export const pickRow = (session: Session, overlay: Overlay | null, index: number): Transition =>
  overlay?.kind === 'lessons' || overlay?.kind === 'settings'
    ? accept(session, { ...overlay, cursor: index })
    : [session, []];
