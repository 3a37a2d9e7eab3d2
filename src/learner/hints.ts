/**
 * The hints of a task: first those for the mistake that is seen now, then those for everybody, from the idea to the
 * exact line. Pure. What was shown is counted by mistake and, for everybody's, by task: a new mistake begins at its own
 * first hint, and what was shown stays shown.
 */
import type { Fail } from '../check/verdict.ts';
import type { Block, TaskWords } from '../lesson/format/words.ts';
import { taskKey } from '../lesson/lesson.ts';
import type { TaskOfLesson } from '../lesson/task.ts';
import type { TaskState } from './judge.ts';
import type { LearnerChange, LearnerProgress } from './progress.ts';

/** `verdict`: the lesson has no hint for this mistake, so the verdict itself gives one. */
export type Hint =
  | { readonly from: 'lesson'; readonly blocks: readonly Block[] }
  | { readonly from: 'verdict'; readonly verdict: Fail };

export type Hints = {
  readonly all: readonly Hint[];
  readonly shown: readonly number[]; // places in `all`
  readonly next: LearnerChange | undefined; // shows one more
  readonly isNews: boolean; // a mistake whose hints were never shown
};

export function hintsOf(state: TaskState, { hints: counts }: LearnerProgress): Hints {
  const own = state.verdict.kind === 'fail' ? hintsForMistake(state, state.verdict) : [];
  const common = state.words.hints.filter(({ causes }) => !causes).map(fromLesson);
  const ownKey = mistakeKey(state);
  const ownShown = Math.min(counts[ownKey] ?? 0, own.length);
  const commonShown = Math.min(counts[state.key] ?? 0, common.length);
  return {
    all: [...own, ...common],
    shown: [...firsts(ownShown), ...firsts(commonShown).map((at) => own.length + at)],
    next: further(ownKey, ownShown, own.length) ?? further(state.key, commonShown, common.length),
    isNews: own.length > 0 && ownShown === 0,
  };
}

const firsts = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at);
const further = (task: string, shown: number, all: number): LearnerChange | undefined =>
  shown < all ? { kind: 'hint', task, level: shown + 1 } : undefined;

/** 'lesson/task/cause': a reset of the lesson forgets it, as it forgets 'lesson/task'. */
const mistakeKey = ({ key, verdict }: TaskState): string => (verdict.kind === 'fail' ? `${key}/${verdict.cause}` : key);

const hintsForMistake = (one: TaskOfLesson, verdict: Fail): readonly Hint[] =>
  isSaidByVerdict(one, verdict.cause)
    ? [{ from: 'verdict', verdict }]
    : writtenFor(one.words, verdict.cause).map(fromLesson);

const writtenFor = ({ hints }: TaskWords, cause: string) => hints.filter(({ causes }) => causes?.includes(cause));
/** A question explains each wrong choice by itself. */
const isSaidByVerdict = ({ task, words }: TaskOfLesson, cause: string): boolean =>
  task.kind !== 'answer' && writtenFor(words, cause).length === 0;

/**
 * How many hints of a task were read, of all that its learner has come to: everybody's, and those for the mistakes
 * whose hints were asked for.
 */
export function hintsRead(
  one: TaskOfLesson,
  { hints: counts }: Pick<LearnerProgress, 'hints'>,
): { shown: number; all: number } {
  const key = taskKey(one.lesson.id, one.task.id);
  const common = one.words.hints.filter(({ causes }) => !causes).length;
  const mistakes = Object.keys(counts).flatMap((name) =>
    name.startsWith(`${key}/`) ? [name.slice(key.length + 1)] : [],
  );
  const met = [
    { shown: counts[key] ?? 0, all: common },
    ...mistakes.map((cause) => ({
      shown: counts[`${key}/${cause}`] ?? 0,
      all: isSaidByVerdict(one, cause) ? 1 : writtenFor(one.words, cause).length,
    })),
  ];
  return {
    shown: met.reduce((sum, { shown, all }) => sum + Math.min(shown, all), 0),
    all: met.reduce((sum, { all }) => sum + all, 0),
  };
}

const fromLesson = ({ blocks }: { readonly blocks: readonly Block[] }): Hint => ({ from: 'lesson', blocks });
