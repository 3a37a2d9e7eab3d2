/** `repl-workshop` alone: the screen where one can be drawn, else the learner's lesson as text. */
import logNotes from '../../../../assets/log-notes.yaml';
import { isHolder, takeLock } from '../../../lab/lock/lock.ts';
import { knownHome } from '../../../lab/machine/home.ts';
import type { MeasureProgress } from '../../../lab/measure/measuring.ts';
import { ProblemError } from '../../../lab/problem.ts';
import { applyChanges, lessonHere } from '../../../learner/progress.ts';
import { type TaskOfLesson, tasksOf } from '../../../lesson/answers.ts';
import type { OperationOutcome, Watcher } from '../../../lesson/headway.ts';
import { type Lesson, taskKey } from '../../../lesson/lesson.ts';
import type { Deed, Planned } from '../../../session/session.ts';
import { messages } from '../../../ui/messages.ts';
import type { Invocation, Run } from '../../command.ts';
import { moveLab, movePlan, solve, solvePlan, unfinished } from '../../deeds/deeds.ts';
import { measureHeadway } from '../../deeds/headway.ts';
import { openStore, readKept } from '../../deeds/kept.ts';
import { measureAndKeep } from '../../deeds/measure-and-keep.ts';
import { openLab, refuseLeading } from '../../opening/access.ts';
import { judge, lookAndKeep, plainOf } from '../../opening/evaluate.ts';
import { isExposed, tellExposed } from '../../opening/exposed.ts';
import type { Looking } from '../../opening/opened-lab.ts';
import { renderLesson } from '../../plain.ts';
import { stopServersOf } from './servers.ts';

export const start: Run = async (invocation) => {
  const looking = await openLab(invocation);
  return invocation.io.terminal ? onScreen(looking, invocation) : asText(looking, invocation);
};

/** The first opening keeps where the learner is; otherwise this only reads. */
async function asText(looking: Looking, invocation: Invocation): Promise<number> {
  tellExposed(looking.lab, invocation);
  const lesson = lessonHere(looking.lessons, looking.kept.progress);
  const at = new Date().toISOString();
  const { seen, kept } = await lookAndKeep(looking, (before) =>
    applyChanges(before, [{ kind: 'here', lesson: lesson.id, at }]),
  );
  invocation.io.out(
    renderLesson(lesson, judge(looking, lesson, seen, kept), kept, plainOf(looking, kept, invocation, seen.now)),
  );
  return 0;
}

/** A second screen on the same lab only looks. */
async function onScreen(looking: Looking, { io, unheard: signal }: Invocation): Promise<number> {
  const { openScreen } = await import('../../screen/open.ts');
  const { lab, lessons } = looking;
  using place = placeOfScreen(lab.dir);
  const { stopServers } = await openScreen(
    {
      lab,
      folder: shownFolder(lab.dir, io.env),
      lessons,
      store: openStore(lab.dir),
      kept: readKept(lab.dir).kept,
      notes: logNotes,
      root: process.getuid?.() === 0,
      onlyLook: !place.take(),
      takeOver: place.takeQuietly,
      exposed: isExposed(lab),
      planOf: (deed) => planOf(looking, deed),
      perform: (deed, watcher) => perform(looking, deed, watcher),
      writeReport: () => writeReport(looking),
      signal,
    },
    { stdin: process.stdin, stdout: process.stdout, env: io.env },
  );
  if (stopServers) await stopServersOf(lab);
  const running = (await Promise.all(lab.servers.map((server) => server.isRunning()))).some(Boolean);
  const servers = stopServers ? messages.left.stopped : running ? messages.left.running : '';
  io.out(servers + messages.left.goesOn);
  return 0;
}

/** As a shell prompt shows it. */
function shownFolder(dir: string, env: NodeJS.ProcessEnv): string {
  const own = knownHome(env);
  return own !== undefined && dir.startsWith(`${own}/`) ? dir.replace(own, '~') : dir;
}

/** The lock of the one screen that works on a lab: taken as soon as nobody else has it. */
function placeOfScreen(dir: string): Disposable & { take(): boolean; takeQuietly(): boolean } {
  let held: Disposable | undefined;
  const take = () => {
    if (held) return true;
    const lock = takeLock(dir, 'screen');
    if (!isHolder(lock)) held = lock;
    return held !== undefined;
  };
  return {
    take,
    takeQuietly() {
      try {
        return take();
      } catch (error) {
        if (error instanceof ProblemError) return false; // the lab's folder is gone: the next look says so
        throw error;
      }
    },
    [Symbol.dispose]: () => held?.[Symbol.dispose](),
  };
}

async function writeReport(looking: Looking): Promise<readonly string[]> {
  const { defaultFiles, reportNow, writeReports } = await import('../look/report.ts');
  return writeReports(await reportNow(looking), defaultFiles(looking.lab.dir));
}

/** What a deed would do, in words. */
function planOf(looking: Looking, deed: Planned): readonly string[] {
  const { progress } = readKept(looking.lab.dir).kept;
  switch (deed.do) {
    case 'solve':
      return solvePlan(
        looking,
        upTo(looking, deed.task).filter(({ lesson, task }) => !progress.done[taskKey(lesson.id, task.id)]),
      );
    case 'reset':
      return movePlan(looking, { how: 'reset', lesson: lessonOf(looking, deed.lesson) });
  }
}

/** The tasks of a lesson up to this one. */
function upTo(looking: Looking, key: string): readonly TaskOfLesson[] {
  const tasks = tasksOf(lessonOf(looking, key.split('/')[0] ?? ''));
  return tasks.slice(0, tasks.findIndex(({ lesson, task }) => taskKey(lesson.id, task.id) === key) + 1);
}

async function perform(looking: Looking, deed: Deed, watcher: Watcher): Promise<OperationOutcome> {
  refuseLeading(looking.lab);
  const now = { ...looking, kept: readKept(looking.lab.dir).kept };
  switch (deed.do) {
    case 'solve': {
      const wanted = upTo(looking, deed.task).map(({ task }) => task);
      const left = await unfinished(now, lessonOf(looking, deed.task.split('/')[0] ?? ''));
      return solve(
        now,
        left.filter(({ task }) => wanted.includes(task)),
        watcher,
      );
    }
    case 'reset': {
      const backup = await moveLab(now, { how: 'reset', lesson: lessonOf(looking, deed.lesson) }, watcher);
      return backup === null ? 'stopped' : 'done';
    }
    case 'measure':
      return measure(looking, deed.distance, watcher);
  }
}

/** Each percent is told, not each commit: the screen would be drawn for it. */
async function measure({ lab }: Looking, distance: number, { told, signal }: Watcher): Promise<OperationOutcome> {
  let percent = -1;
  const committed = (made: MeasureProgress) => {
    const headway = measureHeadway(made);
    if (Math.floor(headway.share * 100) > percent) told(headway);
    percent = Math.floor(headway.share * 100);
  };
  try {
    await measureAndKeep(lab, { distance, signal, committed });
    return 'done';
  } catch (error) {
    if (signal.aborted) return 'stopped';
    throw error;
  }
}

function lessonOf({ lessons }: Looking, id: string): Lesson {
  const found = lessons.find((lesson) => lesson.id === id);
  if (!found) throw new Error(`no lesson "${id}"`);
  return found;
}
