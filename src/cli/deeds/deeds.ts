/** What the workshop does to a lab by itself: solve, goto, reset, undo. Each says its plan before, and puts aside what it replaces. */
import { emptyJournal } from '../../check/journal.ts';
import { type Backup, listBackups, nextBackup } from '../../lab/backup/backup-folder.ts';
import type { Lab } from '../../lab/lab.ts';
import { withDeedLock } from '../../lab/lock/deed-lock.ts';
import { ProblemError } from '../../lab/problem.ts';
import { refusedBy } from '../../lab/refused.ts';
import {
  applyChanges,
  assistedBefore,
  begunAgainAt,
  emptyLearnerState,
  forgottenFrom,
  type LearnerChange,
  type LearnerState,
} from '../../learner/progress.ts';
import { type TaskOfLesson, tasksOf, verdictOf } from '../../lesson/answers.ts';
import { actionWords } from '../../lesson/apply.ts';
import type { OperationOutcome, Watcher } from '../../lesson/headway.ts';
import { type Lesson, taskKey } from '../../lesson/lesson.ts';
import { allTasks, openStage, type Stuck, solutionOf, solveTasks } from '../../lesson/stage.ts';
import type { Looking } from '../opening/opened-lab.ts';
import { moveSteps, playHeadway, solveSteps } from './headway.ts';
import { readKept, writeKept } from './kept.ts';
import { back, over, underWay } from './way-back.ts';

/** The tasks of a lesson that are still to do, in order. */
export async function unfinished({ lab, kept }: Looking, lesson: Lesson): Promise<readonly TaskOfLesson[]> {
  const seen = { now: await lab.observe(), journal: kept.journal };
  return tasksOf(lesson).filter(
    (one) => !kept.progress.done[taskKey(lesson.id, one.task.id)] && verdictOf(one, seen).kind !== 'pass',
  );
}

export const solvePlan = ({ lab }: Looking, tasks: readonly TaskOfLesson[]): readonly string[] =>
  tasks.flatMap((one) => [
    `${one.words.title}:`,
    ...solutionOf(one).map((action) => `  ${actionWords(action, lab.plan)}`),
  ]);

/** Does what the learner would do, and marks it as done with help. A copy of what was before stays for `undo`; where it fails or is stopped, it is back at once. */
export function solve({ lab }: Looking, tasks: readonly TaskOfLesson[], watcher: Watcher): Promise<OperationOutcome> {
  return withDeedLock(
    lab.dir,
    async () => {
      const { told, signal } = watcher;
      const lesson = tasks[0]?.lesson;
      const about = `solve ${lesson?.number ?? ''}`;
      const backup = nextBackup(lab.dir, about);
      const headway = playHeadway(lab.plan, tasks, solveSteps(tasks), told);
      headway.preparing();
      underWay(lab, { backup, copied: true });
      try {
        await lab.copyAside(backup, about);
        await playSolutions(lab, tasks, headway.begins, signal);
      } catch (error) {
        await back(lab, backup, error, watcher);
        if (signal.aborted) return 'stopped';
        throw withWayOut(error, lesson);
      }
      await over(lab, backup, watcher);
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
  const { kept } = readKept(lab.dir);
  await using stage = openStage(lab, kept.journal, signal);
  const stuck = await solveTasks(stage, tasks, begins);
  if (stuck) throw stuckProblem(stuck);
  const at = new Date().toISOString();
  const changes = tasks.map(({ lesson, task }): LearnerChange => {
    return {
      kind: 'done',
      task: taskKey(lesson.id, task.id),
      done: { at, seen: 'done by the workshop', assisted: true },
    };
  });
  writeKept(lab.dir, applyChanges({ ...kept, journal: stage.journal() }, changes), kept);
}

export type Move = { readonly how: 'goto' | 'reset'; readonly lesson: Lesson | null }; // null: everything, back to an empty lab

export function movePlan({ lab, lessons }: Looking, { how, lesson }: Move): readonly string[] {
  const servers = lab.plan.servers.map(({ name, container }) => container ?? name).join(' and ');
  const before = lessonsBefore(lessons, lesson);
  return [
    lab.plan.engine === 'docker'
      ? `stop the containers ${servers}, as far as they are this lab's, and put them aside under other names`
      : `stop ${servers}, as far as they run on the data directories of ${lab.dir}`,
    'move rep/, logs/, progress.json and journal.json to backups/ ("repl-workshop undo" brings them back)',
    before.length > 0
      ? `make the state at the start of lesson ${lesson?.number} anew, by the solutions of lessons 1 to ${before.length}`
      : 'begin with an empty lab',
    how === 'goto'
      ? 'remember what you have done in other lessons; earlier tasks that you have not done count as done with help'
      : `forget the progress ${lesson ? `from lesson ${lesson.number} on` : 'of all lessons'}`,
  ];
}

/** By number: each opening of the lab makes lessons of its own, so a lesson chosen before is none of these. */
const lessonsBefore = (lessons: readonly Lesson[], lesson: Lesson | null): readonly Lesson[] =>
  lessons.filter(({ number }) => lesson !== null && number < lesson.number);

/** Leaves the old state in a backup, whatever happens; a failure or the watcher's stop brings it back. Returns the backup's path; null: stopped. */
export function moveLab(looking: Looking, { how, lesson }: Move, watcher: Watcher): Promise<string | null> {
  const { lab, lessons } = looking;
  return withDeedLock(
    lab.dir,
    async () => {
      const { told, signal } = watcher;
      const { kept } = readKept(lab.dir);
      const about = `${how} ${lesson ? lesson.number : 'all'}`;
      const backup = nextBackup(lab.dir, about);
      const tasks = allTasks(lessonsBefore(lessons, lesson));
      const headway = playHeadway(lab.plan, tasks, moveSteps(tasks), told);
      headway.preparing();
      try {
        await putEverythingAside(looking, backup, about);
        await using stage = openStage(lab, emptyJournal, signal);
        const stuck = await solveTasks(stage, tasks, headway.begins);
        signal.throwIfAborted(); // the last moment: from here on the new state is the lab's
        if (stuck) throw stuckProblem(stuck);
        const after = keptAfter(looking, kept, { how, lesson });
        // What the solutions let happen (a commit that waited) is ground that later tasks stand on.
        const events = { ...stage.journal().events, ...after.journal.events };
        const { settings } = kept; // the other two files have moved to the backup
        writeKept(lab.dir, { ...after, journal: { ...after.journal, events } }, { settings });
      } catch (error) {
        await back(lab, backup, error, watcher);
        if (signal.aborted) return null;
        throw error;
      }
      await over(lab, backup, watcher);
      return backup;
    },
    watcher.signal,
  );
}

function keptAfter({ lessons }: Looking, kept: LearnerState, { how, lesson }: Move): LearnerState {
  if (!lesson) return { ...emptyLearnerState, settings: kept.settings };
  const at = new Date().toISOString();
  const before = (how === 'goto' ? begunAgainAt : forgottenFrom)(lessons, kept, lesson.id);
  return applyChanges(before, [
    ...assistedBefore(lessons, before.progress, lesson.id, at),
    { kind: 'here', lesson: lesson.id, at },
  ]);
}

async function putEverythingAside(looking: Looking, path: string, about: string): Promise<void> {
  const { lab } = looking;
  const { servers } = await lab.observe();
  const running = Object.values(servers).flatMap(({ name, process }) => (process.pid === undefined ? [] : [name]));
  underWay(lab, { backup: path, running }); // before they are stopped: whoever is killed from here on has left a trace
  for (const { name } of lab.plan.servers) await lab.server(name).stop('immediate');
  await lab.putAside(path, about, running);
}

/** Brings back what was before the last goto, reset or solve: `wanted`, as the learner was told. Returns what it was. */
export function undo({ lab }: Looking, wanted: Backup, warned: Watcher['warned']): Promise<string> {
  return withDeedLock(lab.dir, async () => {
    if (listBackups(lab.dir)[0]?.path !== wanted.path)
      throw new ProblemError({
        what: `Another command has changed the lab in the meantime: "${wanted.about}" is no longer the last thing to undo.`,
        fix: 'Say undo again: it shows what it would bring back now.',
      });
    underWay(lab, { backup: wanted.path });
    (await lab.bringBack(wanted.path)).forEach(warned);
    underWay(lab, null);
    (await lab.dropOldBackups(null)).forEach(warned);
    return wanted.about;
  });
}

/** What stands in the way may be the learner's half-done work, which a solution does not expect. */
function withWayOut(error: unknown, lesson: Lesson | undefined): unknown {
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

const stuckProblem = ({ failed, verdict }: Stuck): ProblemError => {
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
