/** How far a lesson was read, from one opening to the next: in thousandths of its page, since the next screen may be wider. */
import type { LearnerChange } from '../../learner/progress.ts';
import { currentLesson, type Session } from '../session.ts';

const whole = 1000;

/** A lesson opened where it was left. */
export const openedAt = (session: Session, lesson: string): Session => ({
  ...session,
  scroll: { ...session.scroll, words: session.learner.settings.reading[lesson] ?? 0 },
  pageLines: whole,
});

/** The place in the lesson that is being left, where it is news. */
export function placeLeft(session: Session): readonly LearnerChange[] {
  const { scroll, pageLines, learner } = session;
  const { reading } = learner.settings;
  const { id } = currentLesson(session);
  const place = Math.min(Math.round((whole * scroll.words) / Math.max(pageLines, 1)), whole);
  return place === (reading[id] ?? 0) ? [] : [{ kind: 'settings', settings: { reading: { ...reading, [id]: place } } }];
}
