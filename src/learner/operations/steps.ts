/** The steps of operations in words, and their progress. */
import type { MeasureProgress } from '../../lab/measure/measuring.ts';
import { solutionOf } from '../../lesson/player.ts';
import type { StepProgress } from '../../lesson/step-progress.ts';
import type { TaskOfLesson } from '../../lesson/task.ts';
import { maskText } from '../../postgres/mask/mask.ts';

type OnProgress = (progress: StepProgress) => void;

/**
 * Reports the progress of an operation: a first step, then one step for each task (solve) or for each lesson (goto).
 */
export function trackSteps(tasks: readonly TaskOfLesson[], { first, steps, stepOf }: Steps, onProgress: OnProgress) {
  const sizes = tasks.map((task) => solutionOf(task).length + 1); // the actions, and the wait for the verdict
  const whole = sizes.reduce((sum, size) => sum + size, 1);
  let task: TaskOfLesson | undefined;
  let actions = 0; // begun actions of this task
  return {
    preparing: () => onProgress({ steps: [first, ...steps], at: 0, now: '', share: 0 }),
    /** A task that is not of these, as it was done before, counts as the current one. */
    begins(begun: TaskOfLesson, words: string | null) {
      const of = tasks.includes(begun) ? begun : (task ?? tasks[0] ?? begun);
      const index = Math.max(tasks.indexOf(of), 0);
      actions = of === task ? Math.min(actions + 1, (sizes[index] ?? 1) - 1) : 0;
      task = of;
      const done = 1 + sizes.slice(0, index).reduce((sum, size) => sum + size, 0) + actions;
      const now = words === null ? 'looking whether it is so' : maskText(words);
      onProgress({ steps: [first, ...steps], at: stepOf(of, index) + 1, now, share: done / whole });
    },
  };
}

type Steps = {
  readonly first: string;
  readonly steps: readonly string[];
  readonly stepOf: (task: TaskOfLesson, index: number) => number;
};

export const solveSteps = (tasks: readonly TaskOfLesson[]): Steps => ({
  first: 'Keep a copy of what is there now',
  steps: tasks.map(({ words }) => words.title),
  stepOf: (_, index) => index,
});

export function moveSteps(tasks: readonly TaskOfLesson[]): Steps {
  const lessons = [...new Set(tasks.map(({ lesson }) => lesson))];
  return {
    first: 'Put aside what is there now',
    steps: lessons.map(({ number, words }) => `Lesson ${number}: ${words.title}`),
    stepOf: ({ lesson }) => lessons.indexOf(lesson),
  };
}

export const measureProgress = ({ levels, level, commits, all }: MeasureProgress): StepProgress => ({
  steps: levels,
  at: level,
  now: `commit ${commits} of ${all}`,
  share: (level + commits / all) / levels.length,
});
