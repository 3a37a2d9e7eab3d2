/** The part of the proof that plays `solve` from a mistake. */
import { type Lesson, type Mistake, taskKey } from '../lesson.ts';
import { mendTasks, type Wanted } from '../mend/mend.ts';
import type { LessonPlayer, UnsolvedTask } from '../player.ts';
import { type TaskOfLesson, tasksOf } from '../task.ts';

/** From the mistake, which is made, to the end of the lesson, as `solve` does it. */
export function solveFrom(
  player: LessonPlayer,
  lessons: readonly Lesson[],
  play: readonly TaskOfLesson[],
  mistake: Mistake,
): Promise<UnsolvedTask | undefined> {
  const at = play.findIndex(({ task }) => task.id === mistake.caught.task);
  const lesson = play[at]?.lesson;
  if (!lesson) throw new Error(`there is no task ${mistake.caught.task} in this lesson`);
  const toStay = tasksToStand(lessons, lesson).filter((task) => !lesson.disturbs?.includes(keyOf(task)));
  const staying = new Set(toStay.map(keyOf));
  const wanted: readonly Wanted[] = [
    ...toStay.filter((task) => task.lesson !== lesson).map((task) => ({ task, isNew: false, stays: true })),
    ...play.map((task, index) => ({ task, isNew: index >= at, stays: staying.has(keyOf(task)) })),
  ];
  return mendTasks(player, wanted);
}

/** The state tasks of this and earlier lessons, except those that one of these lessons supersedes. */
export function tasksToStand(lessons: readonly Lesson[], lesson: Lesson): readonly TaskOfLesson[] {
  const soFar = lessons.slice(0, lessons.indexOf(lesson) + 1);
  const superseded = new Set(soFar.flatMap(({ supersedes }) => supersedes ?? []));
  return soFar.flatMap(tasksOf).filter((one) => one.task.kind === 'state' && !superseded.has(keyOf(one)));
}

const keyOf = ({ lesson, task }: TaskOfLesson): string => taskKey(lesson.id, task.id);

type Solved = { readonly lesson: string; readonly what: string; readonly name: string; readonly stuck?: string };

/** How many mistakes `solve` led to a pass. `wrong`: from more than a tenth of all mistakes it only named goto. */
export function tallyOfSolve(steps: readonly Solved[], mistakes: number) {
  const solves = steps.filter(({ what }) => what === 'solve');
  const stuck = solves.filter((step) => step.stuck !== undefined);
  const most = Math.floor(mistakes / 10);
  return {
    words: [
      `solve: ${solves.length} mistakes, ${solves.length - stuck.length} led to a pass, ${stuck.length} named goto (${most} at most)`,
      ...stuck.map(({ lesson, name, stuck: why }) => `  ${lesson}, ${name}: ${why}`),
    ],
    wrong: stuck.length > most,
  };
}
