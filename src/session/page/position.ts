/**
 * The reading place of each lesson, kept in the settings: in thousandths of the page, because the page may have another
 * length on the next screen.
 */
import type { LearnerChange } from '../../learner/progress.ts';
import { currentLesson, type Session } from '../session.ts';

const whole = 1000;

/** Scrolls to the reading place of a lesson. */
export const openedAt = (session: Session, lesson: string): Session => ({
  ...session,
  scroll: { ...session.scroll, words: session.learner.settings.reading[lesson] ?? 0 },
  pageLines: whole,
});

/** The change that saves the reading place of the current lesson; none when it is saved already. */
export function placeLeft(session: Session): readonly LearnerChange[] {
  const { scroll, pageLines, learner } = session;
  const { reading } = learner.settings;
  const { id } = currentLesson(session);
  const place = Math.min(Math.round((whole * scroll.words) / Math.max(pageLines, 1)), whole);
  return place === (reading[id] ?? 0) ? [] : [{ kind: 'settings', settings: { reading: { ...reading, [id]: place } } }];
}
