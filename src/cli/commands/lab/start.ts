/**
 * `repl-workshop` without a command: opens the screen where one can be drawn, else prints the current lesson as text.
 */
import logNotes from '../../../../assets/log-notes.yaml';
import { listSteps } from '../../../lab/backup/backup-folder.ts';
import { isHolder, takeLock } from '../../../lab/lock/lock.ts';
import { knownHome } from '../../../lab/machine/home.ts';
import type { MeasureProgress } from '../../../lab/measure/measuring.ts';
import { ProblemError } from '../../../lab/problem.ts';
import { keepStart } from '../../../lab/state/starts.ts';
import type { OpenedLab } from '../../../learner/opened-lab.ts';
import { measureAndKeep } from '../../../learner/operations/measure-and-keep.ts';
import { moveLab } from '../../../learner/operations/operations.ts';
import { movePlan, solvePlan, stepPlan } from '../../../learner/operations/plans.ts';
import { takeStep } from '../../../learner/operations/replace-state.ts';
import { openTasks, solve } from '../../../learner/operations/solve.ts';
import { measureProgress } from '../../../learner/operations/steps.ts';
import { applyChanges, lessonHere } from '../../../learner/progress.ts';
import { compareState } from '../../../learner/states.ts';
import { openLearnerStore, readLearner } from '../../../learner/store.ts';
import { type Lesson, taskKey } from '../../../lesson/lesson.ts';
import type { OperationOutcome, OperationWatcher } from '../../../lesson/step-progress.ts';
import { type TaskOfLesson, tasksOf } from '../../../lesson/task.ts';
import type { Operation, PlannedOperation } from '../../../session/session.ts';
import { messages } from '../../../ui/messages.ts';
import type { Invocation, Run } from '../../command.ts';
import { openLab, refuseLeading } from '../../opening/access.ts';
import { judge, lookAndKeep, plainOf } from '../../opening/evaluate.ts';
import { isExposed, tellExposed } from '../../opening/exposed.ts';
import { prepareLater } from '../../opening/prepare-later.ts';
import { renderLesson } from '../../plain.ts';
import { stopServersOf } from './servers.ts';

export const start: Run = async (invocation) => {
  const opened = await openLab(invocation);
  return invocation.io.terminal ? onScreen(opened, invocation) : asText(opened, invocation);
};

/** Prints the current lesson. Keeps where the learner is, and what the look found done. */
async function asText(opened: OpenedLab, invocation: Invocation): Promise<number> {
  tellExposed(opened.lab, invocation);
  const lesson = lessonHere(opened.lessons, opened.learner.progress);
  const at = new Date().toISOString();
  const { seen, learner } = await lookAndKeep(opened, (before) =>
    applyChanges(before, [{ kind: 'here', lesson: lesson.id, at }]),
  );
  invocation.io.out(
    renderLesson(lesson, judge(opened, lesson, seen, learner), learner, plainOf(opened, learner, invocation, seen.now)),
  );
  return 0;
}

/** The learner reads the first page, and the machine is idle. */
const untilPreparedMs = 10_000;

/** Runs the screen. A second screen on the same lab is read-only. */
async function onScreen(opened: OpenedLab, invocation: Invocation): Promise<number> {
  const { io, unheard: signal } = invocation;
  const { openScreen } = await import('../../screen/open.ts');
  const { lab, lessons } = opened;
  using lock = screenLock(lab.dir);
  const idle = setTimeout(prepareLater, untilPreparedMs, invocation);
  const { stopServers } = await openScreen(
    {
      lab,
      folder: shownFolder(lab.dir, io.env),
      lessons,
      store: openLearnerStore(lab.dir),
      learner: readLearner(lab.dir).learner,
      notes: logNotes,
      root: process.getuid?.() === 0,
      readOnly: !lock.take(),
      takeOver: lock.takeQuietly,
      exposed: isExposed(lab),
      planOf: planOnce(opened),
      perform: (operation, watcher) => perform(opened, operation, watcher).finally(() => void idle.refresh()),
      hasStep: (which) => listSteps(lab.dir, which).length > 0,
      writeReport: () => writeReport(opened),
      keepStart: (lesson, now) => keepStart(lab.dir, lesson, now, lab.plan),
      compare: (against, lesson, now) => compareState(opened, now, against, lessonOf(opened, lesson)),
      signal,
    },
    { stdin: process.stdin, stdout: process.stdout, env: io.env },
  );
  clearTimeout(idle);
  if (stopServers) await stopServersOf(lab);
  const running = (await Promise.all(lab.servers.map((server) => server.isRunning()))).some(Boolean);
  const servers = stopServers ? messages.left.stopped : running ? messages.left.running : '';
  io.out(servers + messages.left.goesOn);
  return 0;
}

/** The lab folder with the home directory as `~`, as a shell prompt shows it. */
function shownFolder(dir: string, env: NodeJS.ProcessEnv): string {
  const own = knownHome(env);
  return own !== undefined && dir.startsWith(`${own}/`) ? dir.replace(own, '~') : dir;
}

/** The lock of the one screen that may change a lab. `take` and `takeQuietly` return whether this screen has it now. */
function screenLock(dir: string): Disposable & { take(): boolean; takeQuietly(): boolean } {
  let ownLock: Disposable | undefined;
  const take = () => {
    if (ownLock) return true;
    const lock = takeLock(dir, 'screen');
    if (!isHolder(lock)) ownLock = lock;
    return ownLock !== undefined;
  };
  return {
    take,
    takeQuietly() {
      try {
        return take();
      } catch (error) {
        if (error instanceof ProblemError) return false; // the lab's folder was removed: the next look reports it
        throw error;
      }
    },
    [Symbol.dispose]: () => ownLock?.[Symbol.dispose](),
  };
}

async function writeReport(opened: OpenedLab): Promise<readonly string[]> {
  const { defaultFiles, reportNow, writeReports } = await import('../look/report.ts');
  return writeReports(await reportNow(opened), defaultFiles(opened.lab.dir));
}

/** The plan of a question that is open, which is drawn many times, is made once. */
function planOnce(opened: OpenedLab): (operation: PlannedOperation) => readonly string[] {
  const made = new WeakMap<PlannedOperation, readonly string[]>();
  return (operation) => {
    const plan = made.get(operation) ?? planOf(opened, operation);
    made.set(operation, plan);
    return plan;
  };
}

/** Returns what an operation would do, in words. */
function planOf(opened: OpenedLab, operation: PlannedOperation): readonly string[] {
  const { progress } = readLearner(opened.lab.dir).learner;
  switch (operation.do) {
    case 'solve':
      return solvePlan(
        opened,
        upTo(opened, operation.task).filter(({ lesson, task }) => !progress.done[taskKey(lesson.id, task.id)]),
      );
    case 'reset':
      return movePlan(opened, { how: 'reset', lesson: lessonOf(opened, operation.lesson) });
    case 'undo':
    case 'redo': {
      const [next] = listSteps(opened.lab.dir, operation.do);
      return next ? stepPlan(opened.lab, next) : [messages.step[operation.do].none.what];
    }
  }
}

/** Returns the tasks of a lesson up to the task with this key, included. */
function upTo(opened: OpenedLab, key: string): readonly TaskOfLesson[] {
  const tasks = tasksOf(lessonOf(opened, key.split('/')[0] ?? ''));
  return tasks.slice(0, tasks.findIndex(({ lesson, task }) => taskKey(lesson.id, task.id) === key) + 1);
}

async function perform(opened: OpenedLab, operation: Operation, watcher: OperationWatcher): Promise<OperationOutcome> {
  refuseLeading(opened.lab);
  const now = { ...opened, learner: readLearner(opened.lab.dir).learner };
  switch (operation.do) {
    case 'solve': {
      const wanted = upTo(opened, operation.task).map(({ task }) => task);
      const lesson = lessonOf(opened, operation.task.split('/')[0] ?? '');
      const open = await openTasks(now, lesson);
      const tasks = open.filter((one) => one.lesson.id !== lesson.id || wanted.includes(one.task));
      return solve(now, { lesson, tasks }, watcher);
    }
    case 'reset': {
      const backup = await moveLab(now, { how: 'reset', lesson: lessonOf(opened, operation.lesson) }, watcher);
      return backup === null ? 'stopped' : 'done';
    }
    case 'undo':
    case 'redo': {
      const [next] = listSteps(opened.lab.dir, operation.do);
      if (!next) throw new ProblemError(messages.step[operation.do].none);
      await takeStep(opened.lab, next, watcher);
      return 'done';
    }
    case 'measure':
      return measure(opened, operation.distance, watcher);
  }
}

/** Reports each percent, not each commit: the screen is drawn for every report. */
async function measure(
  { lab }: OpenedLab,
  distance: number,
  { onProgress, signal }: OperationWatcher,
): Promise<OperationOutcome> {
  let percent = -1;
  const committed = (done: MeasureProgress) => {
    const progress = measureProgress(done);
    if (Math.floor(progress.share * 100) > percent) onProgress(progress);
    percent = Math.floor(progress.share * 100);
  };
  try {
    await measureAndKeep(lab, { distance, signal, committed });
    return 'done';
  } catch (error) {
    if (signal.aborted) return 'stopped';
    throw error;
  }
}

function lessonOf({ lessons }: OpenedLab, id: string): Lesson {
  const found = lessons.find((lesson) => lesson.id === id);
  if (!found) throw new Error(`no lesson "${id}"`);
  return found;
}
