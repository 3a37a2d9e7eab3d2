/** Goes from lesson to lesson; after the last lesson comes the summary of what was learnt. */

import { currentLesson, type Session } from '../session.ts';
import { goTo, notify, show, type Transition } from '../transition.ts';

export function turnPage(session: Session, by: 1 | -1): Transition {
  const lesson = session.lessons[session.lessons.indexOf(currentLesson(session)) + by];
  if (lesson) return goTo(session, lesson.id);
  return by === 1 ? show(session, { kind: 'end' }) : notify(session, { kind: 'first lesson' });
}

/** Opens a row of the lesson list: a lesson, or the summary after the last one. */
export function openListed(session: Session, index: number): Transition {
  const lesson = session.lessons[index];
  return lesson ? goTo(session, lesson.id) : show(session, { kind: 'end' });
}
