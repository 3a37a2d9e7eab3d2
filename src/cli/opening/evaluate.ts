/** One look at the learner's lesson, judged: what check, next, answer and the plain front show. */
import logNotes from '../../../assets/log-notes.yaml';
import type { Seen } from '../../check/journal.ts';
import type { Observation } from '../../lab/observation.ts';
import { planSeen } from '../../lab/plan/plan-seen.ts';
import { findings, judgeLesson, judgePrerequisites, type TaskState } from '../../learner/judge.ts';
import type { OpenedLab } from '../../learner/opened-lab.ts';
import { applyChanges, type LearnerState } from '../../learner/progress.ts';
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

/** Done tasks of earlier lessons that fail now: the ground under the lesson. */
export const brokenPrerequisites = (
  { lessons }: OpenedLab,
  lesson: Lesson,
  seen: Seen,
  { progress }: LearnerState,
): readonly TaskState[] =>
  judgePrerequisites(lessons, lesson.id, seen, progress).filter(({ verdict }) => verdict.kind === 'fail');

/** Looks, and keeps what was found; for the commands that move the learner on. `also` changes what is kept before the look is judged. */
export async function lookAndKeep(
  { lab, lessons }: OpenedLab,
  also: (learner: LearnerState) => LearnerState = (learner) => learner,
): Promise<{ seen: Seen; learner: LearnerState }> {
  const now = await lab.observe();
  const learner = await openLearnerStore(lab.dir).change((before) => {
    const changed = also(before);
    return applyChanges(changed, findings(lessons, changed, now));
  });
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

/** 3 when something could not be looked at, whatever else fails; 1 when something fails; else 0. */
export function exitStatus(states: readonly TaskState[]): number {
  const kinds = states.map(({ verdict }) => verdict.kind);
  if (kinds.includes('unknown')) return 3;
  return kinds.every((kind) => kind === 'pass') ? 0 : 1;
}
