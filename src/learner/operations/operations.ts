/**
 * The operations goto and reset. Each has a plan to show before it, and a backup of the state before it.
 */
import { emptyJournal, type Seen } from '../../check/journal.ts';
import type { Lab } from '../../lab/lab.ts';
import { writeStart } from '../../lab/state/starts.ts';
import type { Lesson } from '../../lesson/lesson.ts';
import { allTasks, type OnBegin, openLessonPlayer, solutionOf, solveTasks } from '../../lesson/player.ts';
import type { OperationWatcher } from '../../lesson/step-progress.ts';
import type { TaskOfLesson } from '../../lesson/task.ts';
import type { OpenedLab } from '../opened-lab.ts';
import {
  applyChanges,
  assistedBefore,
  begunAgainAt,
  emptyLearnerState,
  forgottenFrom,
  type LearnerState,
} from '../progress.ts';
import { writeLearner } from '../store.ts';
import { findState, placeState, seenOf } from './prepared-states.ts';
import { replaceState } from './replace-state.ts';
import { moveSteps, trackSteps } from './steps.ts';
import { unsolvedProblem } from './unsolved.ts';

/** Where to: the start of a lesson, the end of the last one, or an empty lab. */
export type Move = { readonly how: 'goto' | 'reset'; readonly lesson: Lesson | 'end' | null };

/**
 * Compares by number: each opening of the lab creates new Lesson objects, so a lesson from before is not in this list.
 */
export const lessonsBefore = (lessons: readonly Lesson[], lesson: Move['lesson']): readonly Lesson[] =>
  lesson === 'end' ? lessons : lessons.filter(({ number }) => lesson !== null && number < lesson.number);

/**
 * Puts the state aside, and the state at the start of the lesson in its place: a prepared one, or one that the
 * solutions make. Resolves with the backup's path, or with null when the watcher stopped it. A stop or a failure
 * restores the state before.
 */
export function moveLab(opened: OpenedLab, move: Move, watcher: OperationWatcher): Promise<string | null> {
  const { lab, lessons, cache } = opened;
  const { onProgress, signal } = watcher;
  const { how, lesson } = move;
  const before = lessonsBefore(lessons, lesson);
  const tasks = allTasks(before);
  const steps = trackSteps(tasks, moveSteps(tasks), onProgress);
  const name = lesson === 'end' ? '--end' : (lesson?.number ?? 'all');
  return replaceState(lab, `${how} ${name}`, watcher, steps.preparing, async (learner) => {
    const cached = await findState(lab, before, cache);
    const placed = cached !== undefined && (await placeState(lab, cached, watcher));
    const made = placed ? seenOf(cached, lab) : await play(lab, tasks, steps.begins, signal);
    signal.throwIfAborted(); // the last chance to stop: after this the new state is kept
    const after = keptAfter(opened, learner, move);
    const { settings } = learner; // only settings.json is still there: the other two files are in the backup
    const journal = { ...after.journal, events: { ...made.journal.events, ...after.journal.events } };
    writeLearner(lab.dir, { ...after, journal }, { settings });
    if (lesson && lesson !== 'end') writeStart(lab.dir, lesson.id, made.now ?? (await lab.observe()), lab.plan);
  });
}

/** Resolves with the last look, and with the events that were seen: later tasks may need a commit that waited. */
async function play(lab: Lab, tasks: readonly TaskOfLesson[], onBegin: OnBegin, signal: AbortSignal): Promise<Seen> {
  const actions = tasks.flatMap(solutionOf);
  await using _ahead = lab.createAhead?.(actions.flatMap((action) => (action.do === 'create' ? [action.on] : [])));
  await using player = openLessonPlayer(lab, emptyJournal, signal);
  const unsolved = await solveTasks(player, tasks, { onBegin, inRuns: true });
  if (unsolved && !signal.aborted) throw unsolvedProblem(unsolved);
  return player.seen();
}

function keptAfter({ lessons }: OpenedLab, learner: LearnerState, { how, lesson }: Move): LearnerState {
  if (!lesson) return { ...emptyLearnerState, settings: learner.settings };
  const at = new Date().toISOString();
  if (lesson === 'end') {
    const here = lessons.at(-1)?.id ?? '';
    return applyChanges(learner, [
      ...assistedBefore(lessons, learner.progress, null, at),
      { kind: 'here', lesson: here, at },
    ]);
  }
  const before = (how === 'goto' ? begunAgainAt : forgottenFrom)(lessons, learner, lesson.id);
  return applyChanges(before, [
    ...assistedBefore(lessons, before.progress, lesson.id, at),
    { kind: 'here', lesson: lesson.id, at },
  ]);
}
