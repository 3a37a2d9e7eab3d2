/** Looks at the lab and judges the current lesson, for check, next, answer and the plain text of a lesson. */
import logNotes from '../../../assets/log-notes.yaml';
import type { Seen } from '../../check/journal.ts';
import type { Observation } from '../../lab/observation.ts';
import { planSeen } from '../../lab/plan/plan-seen.ts';
import { keepStart } from '../../lab/state/starts.ts';
import { findings, judgeLesson, judgePrerequisites, type TaskState } from '../../learner/judge.ts';
import type { OpenedLab } from '../../learner/opened-lab.ts';
import { applyChanges, type LearnerState, lessonHere } from '../../learner/progress.ts';
import { openLearnerStore } from '../../learner/store.ts';
import type { Lesson } from '../../lesson/lesson.ts';
import type { Invocation } from '../command.ts';
import { type Plain, plainWidth } from '../plain.ts';

export const judge = (
  { lessons }: OpenedLab,
  lesson: Lesson,
  seen: Seen,
  { progress }: LearnerState,
): readonly TaskState[] => judgeLesson(lesson, seen, progress, lessons);

/** Returns the done tasks of earlier lessons that this lesson depends on and that fail now. */
export const brokenPrerequisites = (
  { lessons }: OpenedLab,
  lesson: Lesson,
  seen: Seen,
  { progress }: LearnerState,
): readonly TaskState[] =>
  judgePrerequisites(lessons, lesson.id, seen, progress).filter(({ verdict }) => verdict.kind === 'fail');

/**
 * Looks, and keeps what is done in progress.json and journal.json. `also` changes what is kept before the look is
 * judged.
 */
export async function lookAndKeep(
  { lab, lessons }: OpenedLab,
  also: (learner: LearnerState) => LearnerState = (learner) => learner,
): Promise<{ seen: Seen; learner: LearnerState }> {
  const now = await lab.observe();
  const learner = await openLearnerStore(lab.dir).change((before) => {
    const changed = also(before);
    return applyChanges(changed, findings(lessons, changed, now));
  });
  await keepStart(lab.dir, lessonHere(lessons, learner.progress).id, now, lab.plan);
  return { seen: { now, journal: learner.journal }, learner };
}

export const plainOf = (
  { lab }: OpenedLab,
  { journal }: LearnerState,
  { io }: Invocation,
  now: Observation | null = null,
): Plain => ({
  plan: planSeen(lab.plan, now),
  notes: logNotes,
  root: process.getuid?.() === 0,
  width: io.terminal ? io.columns : plainWidth(io.env),
  journal,
});

/** Returns 3 when a verdict is unknown, else 1 when one does not pass, else 0. */
export function exitStatus(states: readonly TaskState[]): number {
  const kinds = states.map(({ verdict }) => verdict.kind);
  if (kinds.includes('unknown')) return 3;
  return kinds.every((kind) => kind === 'pass') ? 0 : 1;
}
