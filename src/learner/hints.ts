/**
 * The hints of a task: first those for the mistake seen now, then the common ones, from the idea to the exact line.
 * Pure. Hints shown are counted for each mistake, and for each task's common ones. So a new mistake begins at its own
 * first hint, and hints that were shown stay shown.
 */
import type { Fail } from '../check/verdict.ts';
import type { Block, TaskWords } from '../lesson/format/words.ts';
import { taskKey } from '../lesson/lesson.ts';
import type { TaskOfLesson } from '../lesson/task.ts';
import type { TaskState } from './judge.ts';
import type { LearnerChange, LearnerProgress } from './progress.ts';

/** `from: 'verdict'`: the lesson has no hint for this mistake, so the verdict serves as one. */
export type Hint =
  | { readonly from: 'lesson'; readonly blocks: readonly Block[] }
  | { readonly from: 'verdict'; readonly verdict: Fail };

export type Hints = {
  readonly all: readonly Hint[];
  readonly shown: readonly number[]; // indexes in `all`
  readonly next: LearnerChange | undefined; // the change that shows one more hint
  readonly isNews: boolean; // the mistake has hints, and none was shown yet
};

export function hintsOf(state: TaskState, { hints: counts }: LearnerProgress): Hints {
  const own = state.verdict.kind === 'fail' ? hintsForMistake(state, state.verdict) : [];
  const common = state.words.hints.filter(({ causes }) => !causes).map(fromLesson);
  const ownKey = mistakeKey(state);
  const ownShown = Math.min(counts[ownKey] ?? 0, own.length);
  const commonShown = Math.min(counts[state.key] ?? 0, common.length);
  return {
    all: [...own, ...common],
    shown: [...firstIndexes(ownShown), ...firstIndexes(commonShown).map((at) => own.length + at)],
    next: oneMore(ownKey, ownShown, own.length) ?? oneMore(state.key, commonShown, common.length),
    isNews: own.length > 0 && ownShown === 0,
  };
}

const firstIndexes = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at);
const oneMore = (task: string, shown: number, all: number): LearnerChange | undefined =>
  shown < all ? { kind: 'hint', task, level: shown + 1 } : undefined;

/**
 * 'lesson/task/cause'. A reset of the lesson forgets keys that begin with the lesson's id, so it forgets this one too.
 */
const mistakeKey = ({ key, verdict }: TaskState): string => (verdict.kind === 'fail' ? `${key}/${verdict.cause}` : key);

const hintsForMistake = (one: TaskOfLesson, verdict: Fail): readonly Hint[] =>
  isSaidByVerdict(one, verdict.cause)
    ? [{ from: 'verdict', verdict }]
    : writtenFor(one.words, verdict.cause).map(fromLesson);

const writtenFor = ({ hints }: TaskWords, cause: string) => hints.filter(({ causes }) => causes?.includes(cause));
/** False for questions: each wrong choice of a question has an explanation of its own. */
const isSaidByVerdict = ({ task, words }: TaskOfLesson, cause: string): boolean =>
  task.kind !== 'answer' && writtenFor(words, cause).length === 0;

/**
 * Counts the hints of a task that were shown, and all that could have been: the common ones, and those for mistakes of
 * which a hint was shown.
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
  const counted = [
    { shown: counts[key] ?? 0, all: common },
    ...mistakes.map((cause) => ({
      shown: counts[`${key}/${cause}`] ?? 0,
      all: isSaidByVerdict(one, cause) ? 1 : writtenFor(one.words, cause).length,
    })),
  ];
  return {
    shown: counted.reduce((sum, { shown, all }) => sum + Math.min(shown, all), 0),
    all: counted.reduce((sum, { all }) => sum + all, 0),
  };
}

const fromLesson = ({ blocks }: { readonly blocks: readonly Block[] }): Hint => ({ from: 'lesson', blocks });
