/** The changes in the lab since the start of the lesson, or up to its solution; and keeping that start. Pure. */
import { isWhole } from '../../lab/state/facts.ts';
import type { ComparedWith } from '../../learner/states.ts';
import { currentLesson, type Overlay, type Session, type SessionEvent } from '../session.ts';
import { show, type Transition } from '../transition.ts';

type Changes = Extract<Overlay, { kind: 'changes' }>;

export const openChanges = (session: Session): Transition => showAgainst(session, 'start');

export const turnChanges = (session: Session, { against }: Changes): Transition =>
  showAgainst(session, against === 'start' ? 'solution' : 'start');

function showAgainst(session: Session, against: ComparedWith): Transition {
  const [shown] = show(session, { kind: 'changes', against, found: null });
  return compareAgain(shown);
}

/** Compares after each look that saw something else. What was found before stays in sight until then. */
export function compareAgain(session: Session): Transition {
  const { overlay, now } = session;
  if (overlay?.kind !== 'changes' || !now) return [session, []];
  return [session, [{ do: 'compare', against: overlay.against, lesson: currentLesson(session).id, now }]];
}

export function compared(
  session: Session,
  { against, found }: Extract<SessionEvent, { kind: 'compared' }>,
): Transition {
  const { overlay } = session;
  if (overlay?.kind !== 'changes' || overlay.against !== against) return [session, []];
  return [{ ...session, overlay: { ...overlay, found } }, []];
}

/** The first whole look in a lesson is kept as its start, unless an earlier one was. */
export function keepFirstLook(session: Session): Transition {
  const { now, readOnly, operation, changedElsewhere, startOf } = session;
  const { id } = currentLesson(session);
  if (!now || readOnly || operation || changedElsewhere || startOf === id || !isWhole(now)) return [session, []];
  return [{ ...session, startOf: id }, [{ do: 'keep start', lesson: id, now }]];
}
