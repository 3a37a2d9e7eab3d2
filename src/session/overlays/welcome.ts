/** The welcome screen: shown once, to a learner who has done no task yet. */

import type { Session } from '../session.ts';
import { remember, show, type Transition } from '../transition.ts';

export function greet(session: Session): Transition {
  const { progress, settings } = session.learner;
  const isNew = settings.welcomed === null && Object.keys(progress.done).length === 0;
  return isNew && !session.readOnly ? show(session, { kind: 'welcome' }) : [session, []];
}

export const begin = (session: Session): Transition =>
  remember({ ...session, overlay: null }, [{ kind: 'settings', settings: { welcomed: session.clock } }]);
