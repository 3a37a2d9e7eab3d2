/**
 * The operations solve, goto, reset and undo. Each has a plan to show before it, and a backup of the state before it.
 */
import { emptyJournal } from '../../check/journal.ts';
import { type Backup, listBackups, nextBackup } from '../../lab/backup/backup-folder.ts';
import type { Lab } from '../../lab/lab.ts';
import { withOperationLock } from '../../lab/lock/operation-lock.ts';
import { ProblemError } from '../../lab/problem.ts';
import { refusedBy } from '../../lab/refused.ts';
import { writeStart } from '../../lab/state/starts.ts';
import { actionWords } from '../../lesson/action.ts';
import { type Lesson, taskKey } from '../../lesson/lesson.ts';
import { allTasks, openLessonPlayer, solutionOf, solveTasks, type UnsolvedTask } from '../../lesson/player.ts';
import type { OperationOutcome, OperationWatcher } from '../../lesson/step-progress.ts';
import { type TaskOfLesson, tasksOf, verdictOf } from '../../lesson/task.ts';
import type { OpenedLab } from '../opened-lab.ts';
import {
  applyChanges,
  assistedBefore,
  begunAgainAt,
  emptyLearnerState,
  forgottenFrom,
  type LearnerChange,
  type LearnerState,
} from '../progress.ts';
import { readLearner, writeLearner } from '../store.ts';
import { finishOperation, rollBack, setPending } from './recover.ts';
import { moveSteps, solveSteps, trackSteps } from './steps.ts';

/** Resolves with the tasks of a lesson that are neither done nor passing, in order. */
export async function unfinishedTasks({ lab, learner }: OpenedLab, lesson: Lesson): Promise<readonly TaskOfLesson[]> {
  const seen = { now: await lab.observe(), journal: learner.journal };
  return tasksOf(lesson).filter(
    (one) => !learner.progress.done[taskKey(lesson.id, one.task.id)] && verdictOf(one, seen).kind !== 'pass',
  );
}

export const solvePlan = ({ lab }: OpenedLab, tasks: readonly TaskOfLesson[]): readonly string[] =>
  tasks.flatMap((one) => [
    `${one.words.title}:`,
    ...solutionOf(one).map((action) => `  ${actionWords(action, lab.plan)}`),
  ]);

/**
 * Plays the solutions of the tasks, and marks the tasks as done with help. A copy of the state before is kept for
 * `undo`. When the operation fails or is stopped, that state is restored at once.
 */
export function solve(
  { lab }: OpenedLab,
  tasks: readonly TaskOfLesson[],
  watcher: OperationWatcher,
): Promise<OperationOutcome> {
  return withOperationLock(
    lab.dir,
    async () => {
      const { onProgress, signal } = watcher;
      const lesson = tasks[0]?.lesson;
      const about = `solve ${lesson?.number ?? ''}`;
      const backup = nextBackup(lab.dir, about);
      const steps = trackSteps(lab.plan, tasks, solveSteps(tasks), onProgress);
      steps.preparing();
      setPending(lab, { backup, copied: true });
      try {
        await lab.copyAside(backup, about);
        await playSolutions(lab, tasks, steps.begins, signal);
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

async function playSolutions(
  lab: Lab,
  tasks: readonly TaskOfLesson[],
  begins: Parameters<typeof solveTasks>[2],
  signal: AbortSignal,
): Promise<void> {
  const { learner } = readLearner(lab.dir);
  await using player = openLessonPlayer(lab, learner.journal, signal);
  const unsolved = await solveTasks(player, tasks, begins);
  if (unsolved) throw unsolvedProblem(unsolved);
  const at = new Date().toISOString();
  const changes = tasks.map(({ lesson, task }): LearnerChange => {
    return {
      kind: 'done',
      task: taskKey(lesson.id, task.id),
      done: { at, seen: 'done by the workshop', assisted: true },
    };
  });
  writeLearner(lab.dir, applyChanges({ ...learner, journal: player.journal() }, changes), learner);
}

/** `lesson: null` resets everything: the lab becomes empty. */
export type Move = { readonly how: 'goto' | 'reset'; readonly lesson: Lesson | null };

export function movePlan({ lab, lessons }: OpenedLab, { how, lesson }: Move): readonly string[] {
  const servers = lab.plan.servers.map(({ name, container }) => container ?? name).join(' and ');
  const before = lessonsBefore(lessons, lesson);
  return [
    lab.plan.engine === 'docker'
      ? `stop the containers ${servers}, as far as they are this lab's, and put them aside under other names`
      : `stop ${servers}, as far as they run on the data directories of ${lab.dir}`,
    'move rep/, logs/, progress.json, journal.json and starts.json to backups/ ("repl-workshop undo" brings them back)',
    before.length > 0
      ? `make the state at the start of lesson ${lesson?.number} anew, by the solutions of lessons 1 to ${before.length}`
      : 'begin with an empty lab',
    how === 'goto'
      ? 'remember what you have done in other lessons; earlier tasks that you have not done count as done with help'
      : `forget the progress ${lesson ? `from lesson ${lesson.number} on` : 'of all lessons'}`,
  ];
}

/**
 * Compares by number: each opening of the lab creates new Lesson objects, so a lesson from before is not in this list.
 */
const lessonsBefore = (lessons: readonly Lesson[], lesson: Lesson | null): readonly Lesson[] =>
  lessons.filter(({ number }) => lesson !== null && number < lesson.number);

/**
 * Puts the state aside into a backup, and makes the state at the start of the lesson. Resolves with the backup's path,
 * or with null when the watcher stopped it. A stop or a failure restores the state before.
 */
export function moveLab(opened: OpenedLab, { how, lesson }: Move, watcher: OperationWatcher): Promise<string | null> {
  const { lab, lessons } = opened;
  return withOperationLock(
    lab.dir,
    async () => {
      const { onProgress, signal } = watcher;
      const { learner } = readLearner(lab.dir);
      const about = `${how} ${lesson ? lesson.number : 'all'}`;
      const backup = nextBackup(lab.dir, about);
      const tasks = allTasks(lessonsBefore(lessons, lesson));
      const steps = trackSteps(lab.plan, tasks, moveSteps(tasks), onProgress);
      steps.preparing();
      try {
        await putEverythingAside(opened, backup, about);
        await using player = openLessonPlayer(lab, emptyJournal, signal);
        const unsolved = await solveTasks(player, tasks, steps.begins);
        signal.throwIfAborted(); // the last chance to stop: after this the new state is kept
        if (unsolved) throw unsolvedProblem(unsolved);
        const after = keptAfter(opened, learner, { how, lesson });
        // Later tasks may depend on events that the solutions caused, such as a commit that waited.
        const events = { ...player.journal().events, ...after.journal.events };
        const { settings } = learner; // only settings.json is still there: the other two files are in the backup
        writeLearner(lab.dir, { ...after, journal: { ...after.journal, events } }, { settings });
        if (lesson) writeStart(lab.dir, lesson.id, await lab.observe(), lab.plan);
      } catch (error) {
        await rollBack(lab, backup, error, watcher);
        if (signal.aborted) return null;
        throw error;
      }
      await finishOperation(lab, backup, watcher);
      return backup;
    },
    watcher.signal,
  );
}

function keptAfter({ lessons }: OpenedLab, learner: LearnerState, { how, lesson }: Move): LearnerState {
  if (!lesson) return { ...emptyLearnerState, settings: learner.settings };
  const at = new Date().toISOString();
  const before = (how === 'goto' ? begunAgainAt : forgottenFrom)(lessons, learner, lesson.id);
  return applyChanges(before, [
    ...assistedBefore(lessons, before.progress, lesson.id, at),
    { kind: 'here', lesson: lesson.id, at },
  ]);
}

async function putEverythingAside(opened: OpenedLab, path: string, about: string): Promise<void> {
  const { lab } = opened;
  const { servers } = await lab.observe();
  const running = Object.values(servers).flatMap(({ name, process }) => (process.pid === undefined ? [] : [name]));
  // Recorded before the servers are stopped, so that the next command recovers when this program is killed.
  setPending(lab, { backup: path, running });
  for (const { name } of lab.plan.servers) await lab.server(name).stop('immediate');
  await lab.putAside(path, about, running);
}

/**
 * Restores the state before the last goto, reset or solve. `wanted` is the backup that the learner has confirmed.
 * Resolves with its description; rejects with a ProblemError when another backup is the newest by now.
 */
export function undo({ lab }: OpenedLab, wanted: Backup, onWarning: OperationWatcher['onWarning']): Promise<string> {
  return withOperationLock(lab.dir, async () => {
    if (listBackups(lab.dir)[0]?.path !== wanted.path)
      throw new ProblemError({
        what: `Another command has changed the lab in the meantime: "${wanted.about}" is no longer the last thing to undo.`,
        fix: 'Say undo again: it shows what it would bring back now.',
      });
    setPending(lab, { backup: wanted.path });
    (await lab.bringBack(wanted.path)).forEach(onWarning);
    setPending(lab, null);
    (await lab.dropOldBackups(null)).forEach(onWarning);
    return wanted.about;
  });
}

/**
 * Adds advice to the error of a solve: half-done work of the learner, which a solution does not expect, may be the
 * reason.
 */
function withAdvice(error: unknown, lesson: Lesson | undefined): unknown {
  const refused = refusedBy(error);
  if (!refused) return error;
  return new ProblemError(
    {
      what: `The workshop's own solution did not come to its end: ${refused.problem.what} The lab is as it was before.`,
      fix: `"repl-workshop check" says what is there and which step is next; "repl-workshop goto ${lesson?.number ?? ''}" makes the lesson's start anew (undo brings this state back).`,
    },
    3,
    { cause: error },
  );
}

const unsolvedProblem = ({ failed, verdict }: UnsolvedTask): ProblemError => {
  const seen =
    verdict.kind === 'fail' ? `: ${verdict.seen}` : verdict.kind === 'unknown' ? `: ${verdict.problem.what}` : '.';
  return new ProblemError(
    {
      what: `The workshop's own solution of "${failed.words.title}" (lesson ${failed.lesson.number}) did not pass on this lab${seen}`,
      fix: '"repl-workshop check" says what stands in its way; "repl-workshop doctor" looks at the machine.',
    },
    3,
    { cause: verdict },
  );
};
