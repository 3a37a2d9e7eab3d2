/** From lesson to lesson. */
import { goTo, notify, type Step } from './moves.ts';
import { currentLesson, type Session } from './session.ts';

export function turn(session: Session, by: 1 | -1): Step {
  const lesson = session.lessons[session.lessons.indexOf(currentLesson(session)) + by];
  return lesson ? goTo(session, lesson.id) : notify(session, { kind: by === 1 ? 'last lesson' : 'first lesson' });
}
