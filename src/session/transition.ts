/** The moves that an event and a key have in common. */

import type { Problem } from '../lab/problem.ts';
import { failsAgain, type Judgement, judgeLesson } from '../learner/judge.ts';
import { applyChanges, type LearnerChange } from '../learner/progress.ts';
import type { Notice } from './notice.ts';
import { openedAt, placeLeft } from './page/position.ts';
import { currentLesson, type Effect, type Overlay, type Session } from './session.ts';

export type Transition = readonly [Session, readonly Effect[]];

/** One step after the other; the effects of both. */
export function andThen([session, effects]: Transition, further: (session: Session) => Transition): Transition {
  const [next, more] = further(session);
  return [next, [...effects, ...more]];
}

/** What a look says, on the screen. A finished task is broken when it fails at two looks in a row. */
export function withJudgement(
  session: Session,
  { tasks, prerequisites }: Pick<Judgement, 'tasks' | 'prerequisites'>,
): Session {
  const doubted = [...prerequisites, ...tasks].filter(failsAgain);
  const failing = session.operation ? [] : doubted; // the workshop's own deeds break things on their way
  const before = new Set(session.failing.map(({ key }) => key));
  return { ...session, tasks, failing, broken: failing.filter(({ key }) => before.has(key)) };
}

/** The tasks as they stand after something was remembered, on the last look. */
function rejudged(session: Session): Session {
  const { now, learner, lessons } = session;
  if (!now) return { ...session, tasks: [] };
  return {
    ...session,
    tasks: judgeLesson(currentLesson(session), { now, journal: learner.journal }, learner.progress, lessons),
  };
}

/** The tasks that pass at this moment, where the learner wants things to move. */
function passedNow({ passed, learner, clock }: Session, changes: readonly LearnerChange[]): Session['passed'] {
  const tasks = changes.flatMap((change) => (change.kind === 'done' ? [change.task] : []));
  const at = changes.flatMap((change) => (change.kind === 'done' ? [change.done.at] : []))[0] ?? clock;
  return tasks.length > 0 && learner.settings.motion ? { tasks, at } : passed;
}

/** Takes changes into the session and sends them to the files; the tasks are judged anew. A second screen keeps them to itself. */
export const remember = (session: Session, changes: readonly LearnerChange[]): Transition =>
  changes.length === 0 ? [session, []] : andThen(rememberJudged(session, changes), (next) => [rejudged(next), []]);

/** The same for what the last judging itself has found: the tasks have it already. */
export function rememberJudged(session: Session, changes: readonly LearnerChange[]): Transition {
  if (changes.length === 0) return [session, []];
  const passed = passedNow(session, changes);
  const isOver = changes.some((change) => change.kind === 'done' && change.task === session.selected); // the eye goes on with the work
  const selected = isOver ? null : session.selected;
  const next: Session = { ...session, passed, selected, learner: applyChanges(session.learner, changes) };
  return session.readOnly ? [next, []] : [{ ...next, saves: session.saves + 1 }, [{ do: 'save', changes }]];
}

/** A lesson's first screen. */
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

/** Where an overlay stands until it is scrolled: at the line that matters, which the frame knows. */
export const unscrolled = -1;

export const show = (session: Session, overlay: Overlay): Transition => [
  { ...session, overlay, scroll: { ...session.scroll, overlay: unscrolled } },
  [],
];

/** A look at something from a question, or from the greeting, leads back there. */
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
