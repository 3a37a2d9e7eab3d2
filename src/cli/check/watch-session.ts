/** The memory of `check --watch`: a session that is not drawn, and saves nothing. */
import type { Seen } from '../../check/journal.ts';
import type { TaskState } from '../../learner/judge.ts';
import type { OpenedLab } from '../../learner/opened-lab.ts';
import { movePlan } from '../../learner/operations/plans.ts';
import type { LearnerState } from '../../learner/progress.ts';
import type { Lesson } from '../../lesson/lesson.ts';
import type { Session } from '../../session/session.ts';
import { openSession, update } from '../../session/update.ts';
import { messages } from '../../ui/messages.ts';
import { comeBackOf } from '../../ui/tasks/tasks.ts';
import type { ComeBack } from '../../ui/tasks/verdict.ts';

/** Looks on, and returns what is to be said of verdicts that have come back. */
export type WatchSession = (
  lesson: Lesson,
  now: Seen['now'],
  learner: LearnerState,
) => (state: TaskState) => ComeBack | undefined;

export function watchSession(opened: OpenedLab): WatchSession {
  const { lessons, lab } = opened;
  let session: Session | undefined;
  return (lesson, now, read) => {
    const learner = { ...read, progress: { ...read.progress, lesson: lesson.id } };
    const opening = { lessons, plan: lab.plan, about: '', readOnly: true, learner, at: now.at, columns: 80, rows: 24 };
    const [seen] = update(session ?? openSession(opening)[0], {
      kind: 'observed',
      now,
      learner,
      saves: session?.saves ?? 0,
    });
    session = seen;
    const begin = () => messages.plain.beginAgain(lesson.number, movePlan(opened, { how: 'reset', lesson }));
    return (state) => comeBackOf(seen, state, begin);
  };
}
