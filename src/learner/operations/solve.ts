/** The operation solve: from where the learner is to the end of the lesson. A copy of the state before is kept. */
import { nextBackup } from '../../lab/backup/backup-folder.ts';
import type { Lab } from '../../lab/lab.ts';
import { ProblemError } from '../../lab/problem.ts';
import { refusedBy } from '../../lab/refused.ts';
import { type Lesson, taskKey } from '../../lesson/lesson.ts';
import { mendTasks, type Wanted } from '../../lesson/mend/mend.ts';
import { type OnBegin, openLessonPlayer } from '../../lesson/player.ts';
import type { OperationOutcome, OperationWatcher } from '../../lesson/step-progress.ts';
import { type TaskOfLesson, tasksOf } from '../../lesson/task.ts';
import { failsAgain, judgeLesson, judgePrerequisites, prerequisitesOf, superseded, type TaskState } from '../judge.ts';
import type { OpenedLab } from '../opened-lab.ts';
import { applyChanges, type LearnerChange, type LearnerProgress } from '../progress.ts';
import { readLearner, writeLearner } from '../store.ts';
import { finishOperation, rollBack, runOperation, setPending } from './recover.ts';
import { solveSteps, trackSteps } from './steps.ts';
import { unsolvedProblem } from './unsolved.ts';

/**
 * Resolves with the tasks that solve has to bring to a pass, in order: those of earlier lessons that are broken, and
 * those of the lesson that are neither done nor passing, or broken again.
 */
export async function openTasks(
  { lab, learner, lessons }: OpenedLab,
  lesson: Lesson,
): Promise<readonly TaskOfLesson[]> {
  const seen = { now: await lab.observe(), journal: learner.journal };
  const { progress } = learner;
  const isOpen = (state: TaskState) => (state.done ? failsAgain(state) : state.verdict.kind !== 'pass');
  return [
    ...judgePrerequisites(lessons, lesson.id, seen, progress),
    ...judgeLesson(lesson, seen, progress, lessons),
  ].filter(isOpen);
}

export type ToSolve = { readonly lesson: Lesson; readonly tasks: readonly TaskOfLesson[] };

/**
 * Brings the tasks to a pass, and marks them as done with help. A copy of the state before is kept for `undo`. When the
 * operation fails or is stopped, that state is restored at once, and a failure names goto.
 */
export function solve(
  { lab, lessons }: OpenedLab,
  { lesson, tasks }: ToSolve,
  watcher: OperationWatcher,
): Promise<OperationOutcome> {
  return runOperation(
    lab,
    async () => {
      const { onProgress, signal } = watcher;
      const about = `solve ${lesson.number}`;
      const backup = nextBackup(lab.dir, about);
      const steps = trackSteps(tasks, solveSteps(tasks), onProgress);
      steps.preparing();
      setPending(lab, { backup, copied: true, what: about });
      try {
        await lab.copyAside(backup, about);
        await mendFromHere(lab, lessons, { lesson, tasks }, steps.begins, signal);
      } catch (error) {
        await rollBack(lab, backup, error, watcher);
        if (signal.aborted) return 'stopped';
        throw withAdvice(error, lesson);
      }
      await finishOperation(lab, backup, watcher);
      return 'done';
    },
    watcher.signal,
  );
}

async function mendFromHere(
  lab: Lab,
  lessons: readonly Lesson[],
  { lesson, tasks }: ToSolve,
  onBegin: OnBegin,
  signal: AbortSignal,
): Promise<void> {
  const { learner } = readLearner(lab.dir);
  await using player = openLessonPlayer(lab, learner.journal, signal);
  const unsolved = await mendTasks(player, wantedTasks(lessons, { lesson, tasks }, learner.progress), onBegin);
  if (unsolved) throw unsolvedProblem(unsolved);
  const at = new Date().toISOString();
  const changes = tasks.map(keyOf).flatMap((task): LearnerChange[] =>
    learner.progress.done[task]
      ? [] // it was broken, and keeps its record
      : [{ kind: 'done', task, done: { at, seen: 'done by the workshop', assisted: true } }],
  );
  writeLearner(lab.dir, applyChanges({ ...learner, journal: player.journal() }, changes), learner);
}

/** The tasks, in order, with those that were done and have to pass still. */
function wantedTasks(
  lessons: readonly Lesson[],
  { lesson, tasks }: ToSolve,
  progress: LearnerProgress,
): readonly Wanted[] {
  const open = new Map(tasks.map((one) => [keyOf(one), one]));
  const ignored = superseded(lessons, progress, lesson.id);
  return [...prerequisitesOf(lessons, lesson.id, progress), ...tasksOf(lesson)].flatMap((one): Wanted[] => {
    const key = keyOf(one);
    const isNew = !progress.done[key];
    const stays = one.task.kind === 'state' && !ignored.has(key);
    const task = open.get(key) ?? one;
    return open.has(key) || (!isNew && stays) ? [{ task, isNew, stays }] : [];
  });
}

const keyOf = ({ lesson, task }: TaskOfLesson): string => taskKey(lesson.id, task.id);

/** Adds advice to the error of a solve: where no step leads on, the start of the lesson helps. */
function withAdvice(error: unknown, { number }: Lesson): unknown {
  const refused = refusedBy(error);
  if (!refused) return error;
  return new ProblemError(
    {
      what: `The workshop's own solution did not come to its end: ${refused.problem.what} The lab is as it was before.`,
      fix: `"repl-workshop check" says what is there and which step is next; "repl-workshop goto ${number}" makes the lesson's start again (undo brings this state back).`,
    },
    3,
    { cause: error },
  );
}
