/** What the workshop does to a lab by itself: solve, goto, reset, undo. Each says its plan before, and puts aside what it replaces. */
import { emptyJournal } from '../check/journal.ts';
import { backupPath, isBackup, listBackups } from '../lab/backups.ts';
import { type Moving, readLab, saveLab } from '../lab/folder.ts';
import type { Lab } from '../lab/lab.ts';
import { isHolder, takeLock } from '../lab/lock.ts';
import { undoMeasuring } from '../lab/measuring.ts';
import { ProblemError } from '../lab/problem.ts';
import { type TaskOfLesson, tasksOf, verdictOf } from '../lesson/answers.ts';
import { actionWords } from '../lesson/apply.ts';
import type { Outcome, Watcher } from '../lesson/headway.ts';
import { type Lesson, taskKey } from '../lesson/lesson.ts';
import { allTasks, openStage, type Stuck, solutionOf, solveTasks } from '../lesson/stage.ts';
import {
  applyChanges,
  assistedBefore,
  begunAgainAt,
  type Change,
  forgottenFrom,
  type Kept,
  nothingKept,
} from '../session/progress.ts';
import { moveSteps, playHeadway, solveSteps } from './headway.ts';
import { readKept, withDeedLock, writeKept } from './kept.ts';
import type { Looking } from './looking.ts';

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

/** Does what the learner would do, and marks it as done with help. A copy of what was before stays for `undo`; stopped on the way, it is back at once. */
export function solve({ lab }: Looking, tasks: readonly TaskOfLesson[], { told, signal }: Watcher): Promise<Outcome> {
  return withDeedLock(lab.dir, async () => {
    const about = `solve ${tasks[0]?.lesson.number ?? ''}`;
    const backup = backupPath(new Date(), about);
    const headway = playHeadway(lab.plan, tasks, solveSteps(tasks), told);
    headway.preparing();
    underWay(lab, { backup, copied: true });
    try {
      await lab.copyAside(backup, about);
      await playSolutions(lab, tasks, headway.begins, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      if (isBackup(lab.dir, backup)) await lab.bringBack(backup);
      return 'stopped';
    } finally {
      underWay(lab, null);
      await lab.dropOldBackups();
    }
    return 'done';
  });
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
  const solved = stuck ? tasks.slice(0, tasks.indexOf(stuck.failed)) : tasks;
  const at = new Date().toISOString();
  const changes = solved.map(({ lesson, task }): Change => {
    return {
      kind: 'done',
      task: taskKey(lesson.id, task.id),
      done: { at, seen: 'done by the workshop', assisted: true },
    };
  });
  writeKept(lab.dir, applyChanges({ ...kept, journal: stage.journal() }, changes), kept);
  if (stuck) throw stuckProblem(stuck);
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
export function move(looking: Looking, { how, lesson }: Move, { told, signal }: Watcher): Promise<string | null> {
  const { lab, lessons } = looking;
  return withDeedLock(lab.dir, async () => {
    const { kept } = readKept(lab.dir);
    const about = `${how} ${lesson ? lesson.number : 'all'}`;
    const backup = backupPath(new Date(), about);
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
      await allBack(lab, backup);
      if (signal.aborted) return null;
      throw error;
    }
    underWay(lab, null);
    await lab.dropOldBackups();
    return backup;
  });
}

function keptAfter({ lessons }: Looking, kept: Kept, { how, lesson }: Move): Kept {
  if (!lesson) return { ...nothingKept, settings: kept.settings };
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

/** Kept in lab.json, so that a program killed on the way leaves a trace: the next one brings everything back. */
function underWay(lab: Lab, what: Omit<Moving, 'mark'> | null): void {
  const file = readLab(lab.dir);
  const moving = what && { ...what, mark: `${process.pid}-${Date.now()}` };
  if (file) saveLab(lab.dir, { ...file, moving });
  lab.markPrograms(moving && !moving.copied ? moving.mark : null); // servers that a solve has started are the learner's own
}

/** After a goto, reset, undo or solve was killed. Returns what was done, in words. */
export async function mendInterrupted(lab: Lab): Promise<string | undefined> {
  if (!readLab(lab.dir)?.moving) return undefined;
  return withDeedLock(lab.dir, async () => {
    const moving = readLab(lab.dir)?.moving;
    if (!moving) return undefined; // another program did it, or the deed itself has ended
    if (moving.copied) return leftBySolve(lab, moving.backup);
    await lab.endOrphans(moving.mark);
    await allBack(lab, moving.backup);
    return 'A goto, reset or undo was interrupted; the lab is as it was before it.';
  });
}

/** Nothing has moved, and the learner may have worked on since: what is there stays, and undo is theirs to say. */
async function leftBySolve(lab: Lab, backup: string): Promise<string> {
  await lab.letGo();
  underWay(lab, null);
  return isBackup(lab.dir, backup)
    ? 'A solve was interrupted on its way; "repl-workshop undo" brings back what was before it.'
    : 'A solve was interrupted before it began; nothing has changed.';
}

/** Without a complete list of what was moved, nothing was; but servers may be down. */
async function allBack(lab: Lab, backup: string): Promise<void> {
  if (isBackup(lab.dir, backup)) await lab.bringBack(backup);
  else await Promise.all((readLab(lab.dir)?.moving?.running ?? []).map((name) => lab.server(name).start()));
  underWay(lab, null);
}

/** After a measure was killed; one that is under way holds the lock, and brings back its settings itself. Returns what was done, in words. */
export async function mendMeasuring(lab: Lab): Promise<string | undefined> {
  if (!readLab(lab.dir)?.undo) return undefined;
  const lock = takeLock(lab.dir, 'deed');
  if (isHolder(lock)) return undefined;
  using _lock = lock;
  return await undoMeasuring(lab);
}

/** Brings back what was before the last goto, reset or solve. */
export function undo(looking: Looking): Promise<string> {
  const { lab } = looking;
  return withDeedLock(lab.dir, async () => {
    const newest = listBackups(lab.dir)[0];
    if (!newest)
      throw new ProblemError({
        what: 'There is nothing to undo: no backup lies in backups/.',
        fix: 'goto, reset and solve make one before they change anything.',
      });
    underWay(lab, { backup: newest.path });
    await lab.bringBack(newest.path);
    underWay(lab, null);
    return newest.about;
  });
}

const stuckProblem = ({ failed, verdict }: Stuck): ProblemError => {
  const seen =
    verdict.kind === 'fail' ? `: ${verdict.seen}` : verdict.kind === 'unknown' ? `: ${verdict.problem.what}` : '.';
  return new ProblemError({
    what: `The workshop's own solution of "${failed.words.title}" (lesson ${failed.lesson.number}) did not pass on this lab${seen}`,
    fix: '"repl-workshop check" says what stands in its way; "repl-workshop doctor" looks at the machine.',
  });
};
