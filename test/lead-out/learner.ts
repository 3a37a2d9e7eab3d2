/** A learner who looks at the screen and does what its next steps say, word for word. */

import type { Journal } from '../../src/check/journal.ts';
import type { Verdict } from '../../src/check/verdict.ts';
import type { Observation } from '../../src/lab/observation.ts';
import { judgePrerequisites, type TaskState } from '../../src/learner/judge.ts';
import { applyChanges, assistedBefore, emptyLearnerState } from '../../src/learner/progress.ts';
import type { Lesson } from '../../src/lesson/lesson.ts';
import { chosenWay, type Followed } from '../../src/lesson/mend/follow-steps.ts';
import type { LessonPlayer } from '../../src/lesson/player.ts';
import { adviceOf } from '../../src/session/advice.ts';
import type { Session } from '../../src/session/session.ts';
import { openSession, update } from '../../src/session/update.ts';
import type { World } from './world.ts';

export type Screen = {
  /** Looks once; returns the tasks that are shown, the broken ones first. */
  saw(now: Observation): readonly TaskState[];
  /** The verdict came back after its advice was followed: the screen says so, and offers a reset. */
  isSecondTime(state: TaskState): boolean;
  /** The tasks of earlier lessons at the last look, also those that pass, which no screen shows. */
  earlier(): readonly TaskState[];
};

/** The screen of a learner at this lesson, who has done all earlier ones. */
export function openScreen(
  world: Pick<World, 'lab'>,
  lessons: readonly Lesson[],
  lesson: Lesson,
  journal: Journal,
): Screen {
  const at = new Date().toISOString();
  const begun = { ...emptyLearnerState, journal, progress: { ...emptyLearnerState.progress, lesson: lesson.id } };
  const learner = applyChanges(begun, assistedBefore(lessons, begun.progress, lesson.id, at));
  const opening = { lessons, plan: world.lab.plan, about: '', readOnly: false, learner, at, columns: 120, rows: 40 };
  let session: Session = openSession(opening)[0];
  return {
    saw(now) {
      // Twice, since a task is broken at the second look in a row.
      for (let look = 0; look < 2; look++)
        session = update(session, { kind: 'observed', now, learner: session.learner, saves: session.saves })[0];
      const own = new Set(session.tasks.map(({ key }) => key));
      return [...session.broken.filter(({ key }) => !own.has(key)), ...session.tasks];
    },
    isSecondTime: (state) => adviceOf(session.advice, state)?.insufficient === true,
    earlier() {
      const { now, learner } = session;
      return now ? judgePrerequisites(lessons, lesson.id, { now, journal: learner.journal }, learner.progress) : [];
    },
  };
}

/** The states that count: of earlier lessons, and of this one up to the task that is asked for. */
const upTo = (states: readonly TaskState[], lesson: string, task: string | null): readonly TaskState[] => {
  const own = states.findIndex((one) => one.lesson.id === lesson);
  const last = states.findIndex((one) => one.lesson.id === lesson && one.task.id === task);
  return states.slice(0, last >= 0 ? last + 1 : own);
};

const settleMs = 1500; // the same verdict for so long: nothing comes by itself
const settleAtMostMs = 9000;

/** Looks until the first open verdict stays; resolves with the states that count. */
export async function settled(
  look: () => Promise<Observation>,
  screen: Screen,
  lesson: string,
  task: string | null,
): Promise<readonly TaskState[]> {
  const end = performance.now() + settleAtMostMs;
  let [before, since] = ['', performance.now()];
  for (;;) {
    const states = upTo(screen.saw(await look()), lesson, task);
    const open = firstOpen(states);
    if (!open) return states;
    const answer = answerOf(open);
    if (answer !== before) [before, since] = [answer, performance.now()];
    const waits = open.verdict.kind === 'fail' && /^(starting|catching-up)$/.test(open.verdict.cause);
    if (performance.now() >= end || (!waits && performance.now() - since >= settleMs)) return states;
  }
}

/** The first that does not pass. */
export const firstOpen = (states: readonly TaskState[]): TaskState | undefined =>
  states.find(({ verdict }) => verdict.kind === 'fail' || verdict.kind === 'unknown');

/** Same cause and place: what the learner takes for the same answer. */
export const answerOf = ({ key, verdict }: TaskState): string => {
  if (verdict.kind !== 'fail') return `${key}: ${verdict.kind}`;
  const { at } = verdict;
  const place =
    at === undefined ? '' : 'file' in at ? `${at.file}:${at.line ?? ''}` : 'view' in at ? at.view : at.log.message;
  return `${key}: ${verdict.cause} at ${place}`;
};

/** Does the steps of a verdict, in order, as solve does them. `toTheStart` is what `repl-workshop reset` does. */
export async function follow(
  player: LessonPlayer,
  verdict: Verdict,
  isSecondTime: boolean,
  toTheStart: () => Promise<void>,
): Promise<readonly Followed[]> {
  if (verdict.kind !== 'fail') return [{ words: '(unknown)', person: true, error: null, hung: false }];
  const reset = async (words: string): Promise<Followed> => {
    const error = await toTheStart().then(
      () => null,
      (refused: Error) => refused.message,
    );
    return { words, person: false, error, hung: false };
  };
  if (isSecondTime) return [await reset('repl-workshop reset')]; // what the screen offers then
  const done: Followed[] = [];
  for (const step of chosenWay(verdict.next, player.lab.plan))
    done.push(
      step.do === 'run' && step.text.startsWith('repl-workshop reset')
        ? await reset(step.text)
        : await player.follow(step),
    );
  return done;
}
