/** Transitions that events and intents share. */

import type { Problem } from '../lab/problem.ts';
import { failsAgain, type Judgement, judgeLesson } from '../learner/judge.ts';
import { applyChanges, type LearnerChange } from '../learner/progress.ts';
import type { Notice } from './notice.ts';
import { openedAt, placeLeft } from './page/position.ts';
import { currentLesson, type Effect, type Overlay, type Session } from './session.ts';

export type Transition = readonly [Session, readonly Effect[]];

/** Runs a second transition after the first; returns the effects of both. */
export function andThen([session, effects]: Transition, further: (session: Session) => Transition): Transition {
  const [next, more] = further(session);
  return [next, [...effects, ...more]];
}

/** Shows the judgement of a look. A finished task is broken when it fails at two looks in a row. */
export function withJudgement(
  session: Session,
  { tasks, prerequisites }: Pick<Judgement, 'tasks' | 'prerequisites'>,
): Session {
  const failingNow = [...prerequisites, ...tasks].filter(failsAgain);
  const failing = session.operation ? [] : failingNow; // an operation breaks tasks on its way
  const before = new Set(session.failing.map(({ key }) => key));
  return { ...session, tasks, failing, broken: failing.filter(({ key }) => before.has(key)) };
}

/** Judges the last look again after a change to the learner's progress or journal. */
function rejudged(session: Session): Session {
  const { now, learner, lessons } = session;
  if (!now) return { ...session, tasks: [] };
  return {
    ...session,
    tasks: judgeLesson(currentLesson(session), { now, journal: learner.journal }, learner.progress, lessons),
  };
}

/** The tasks that are highlighted because they have just passed; only with the setting for motion. */
function passedNow({ passed, learner, clock }: Session, changes: readonly LearnerChange[]): Session['passed'] {
  const tasks = changes.flatMap((change) => (change.kind === 'done' ? [change.task] : []));
  const at = changes.flatMap((change) => (change.kind === 'done' ? [change.done.at] : []))[0] ?? clock;
  return tasks.length > 0 && learner.settings.motion ? { tasks, at } : passed;
}

/** Applies changes to the learner, saves them, and judges the tasks again. A read-only screen does not save them. */
export const remember = (session: Session, changes: readonly LearnerChange[]): Transition =>
  changes.length === 0 ? [session, []] : andThen(rememberJudged(session, changes), (next) => [rejudged(next), []]);

/** The same for changes that the last judgement itself has found: `tasks` reflects them already. */
export function rememberJudged(session: Session, changes: readonly LearnerChange[]): Transition {
  if (changes.length === 0) return [session, []];
  const passed = passedNow(session, changes);
  const isDone = changes.some((change) => change.kind === 'done' && change.task === session.selected);
  const selected = isDone ? null : session.selected; // the screen goes on to the next unfinished task
  const next: Session = { ...session, passed, selected, learner: applyChanges(session.learner, changes) };
  return session.readOnly ? [next, []] : [{ ...next, saves: session.saves + 1 }, [{ do: 'save', changes }]];
}

/** The state in which a lesson is opened. */
export const atTheTop = (session: Session): Session => ({
  ...session,
  scroll: { ...session.scroll, words: 0, tasks: 0, overlay: 0 },
  search: null,
  block: null,
  step: null,
  pane: 'words',
  selected: null,
  server: null,
  overlay: null,
  under: null,
  notice: null,
  failing: [],
  broken: [],
});

export const goTo = (session: Session, lesson: string): Transition =>
  remember(openedAt(atTheTop(session), lesson), [...placeLeft(session), { kind: 'here', lesson, at: session.clock }]);

export const notify = (session: Session, notice: Notice): Transition => [{ ...session, notice }, []];

/** The scroll position of an overlay that was not scrolled yet: the frame chooses the line to show. */
export const unscrolled = -1;

export const show = (session: Session, overlay: Overlay): Transition => [
  { ...session, overlay, scroll: { ...session.scroll, overlay: unscrolled } },
  [],
];

/** Opens an overlay; when it was opened from a question or the welcome screen, closing it leads back there. */
export const openFrom = (session: Session, open: (session: Session) => Transition): Transition => {
  const { overlay } = session;
  const under = overlay?.kind === 'question' || overlay?.kind === 'welcome' ? overlay : null;
  return andThen(open(session), (next) => [{ ...next, under }, []]);
};

export const close = (session: Session): Transition => [
  { ...session, overlay: session.under, under: null, scroll: { ...session.scroll, overlay: unscrolled } },
  [],
];

export const clamp = (index: number, length: number): number => Math.max(0, Math.min(index, length - 1));

export const withProblem = (session: Session, problem: Problem): Session => ({
  ...session,
  overlay: { kind: 'problem', problem },
});
