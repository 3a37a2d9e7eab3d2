/**
 * Solves tasks from where the learner is: what nobody has begun gets its solution, and from a mistake the steps of its
 * verdict lead on.
 */
import type { Verdict } from '../../check/verdict.ts';
import type { ProblemError } from '../../lab/problem.ts';
import { refusedBy } from '../../lab/refused.ts';
import { actionWords } from '../action.ts';
import { type LessonPlayer, type OnBegin, openKey, solutionOf, type UnsolvedTask } from '../player.ts';
import { stepWords } from '../step.ts';
import type { TaskOfLesson } from '../task.ts';
import { chosenWay, needsPerson } from './follow-steps.ts';

export type Wanted = {
  readonly task: TaskOfLesson;
  readonly isNew: boolean; // it was not done before
  readonly stays: boolean; // it is to pass at the end, too; else it is enough that it has passed
};

const mostDeeds = 6; // for one task

/** refused: what was in the way of its solution. */
export type Stuck = UnsolvedTask & { readonly refused?: ProblemError };

/**
 * Resolves with the first task that does not pass. Earlier tasks that stop to pass are mended too. The same verdict is
 * followed once; where it comes back, or its steps take a person, the solution is tried once.
 */
export async function mendTasks(
  player: LessonPlayer,
  wanted: readonly Wanted[],
  onBegin: OnBegin = () => undefined,
): Promise<Stuck | undefined> {
  const { plan } = player.lab;
  const passed = new Set<TaskOfLesson>();
  const solved = new Map<TaskOfLesson, ProblemError | undefined>(); // by its solution, or what refused it
  const followed = new Set<string>();
  const isBegun = ({ failed, verdict }: UnsolvedTask): boolean =>
    !wanted.some(({ task, isNew }) => task === failed && isNew) || passed.has(failed) || isMistake(failed, verdict);

  const playSolution = async (task: TaskOfLesson): Promise<void> => {
    solved.set(task, undefined);
    try {
      for (const action of solutionOf(task)) {
        onBegin(task, actionWords(action, player.plan()));
        await player.act(task.lesson, [action]);
      }
    } catch (error) {
      const refused = refusedBy(error);
      if (!refused) throw error;
      solved.set(task, refused); // the verdict says what to do about it
    }
  };
  const follow = async (open: UnsolvedTask): Promise<boolean> => {
    const next = open.verdict.kind === 'fail' ? chosenWay(open.verdict.next, plan) : [];
    if (followed.has(openKey(open)) || next.every((step) => needsPerson(step, plan))) return false;
    followed.add(openKey(open));
    for (const step of next) {
      onBegin(open.failed, stepWords(step, player.plan()));
      await player.follow(step);
    }
    return true;
  };
  /** Does one thing about it; resolves with false when there is nothing left to do. */
  const mend = async (open: UnsolvedTask): Promise<boolean> => {
    if ((isBegun(open) || solved.has(open.failed)) && (await follow(open))) return true;
    if (solved.has(open.failed)) return false;
    await playSolution(open.failed);
    return true;
  };

  for (const [at, { task }] of wanted.entries()) {
    const counting = () =>
      wanted.slice(0, at + 1).flatMap((one) => (one.stays || !passed.has(one.task) ? [one.task] : []));
    for (let deeds = 0; ; deeds++) {
      onBegin(task, null);
      const open = await player.firstOpen(
        counting(),
        (found) => found.failed === task && !isBegun(found) && !solved.has(task),
      );
      if (!open) break;
      if (deeds < mostDeeds && (await mend(open))) continue;
      const verdict = await player.waitFor(open.failed, ({ kind }) => kind === 'pass');
      if (verdict.kind !== 'pass' || deeds >= 2 * mostDeeds) {
        const refused = solved.get(open.failed);
        return { ...open, verdict, ...(refused ? { refused } : {}) };
      }
    }
    passed.add(task);
  }
  return undefined;
}

const isMistake = ({ lesson, task }: TaskOfLesson, verdict: Verdict): boolean =>
  verdict.kind === 'fail' &&
  lesson.mistakes.some(({ caught }) => caught.task === task.id && caught.cause === verdict.cause);
