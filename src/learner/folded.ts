/** Whether the next steps of a verdict are folded: those of a concept are, until its last hint was shown. Pure. */
import { kindOf } from '../check/cause-kinds.ts';
import { hintsOf } from './hints.ts';
import type { TaskState } from './judge.ts';
import type { LearnerProgress } from './progress.ts';

/** A task that was done is folded no more: the learner knows how it is done, and has broken it by another step. */
export function areStepsFolded(state: TaskState, progress: LearnerProgress): boolean {
  const { verdict, done } = state;
  if (verdict.kind !== 'fail' || done || kindOf(verdict.cause) !== 'concept') return false;
  const { all, shown } = hintsOf(state, progress);
  return shown.length < all.length;
}
