/** update(session, event) → the next session and its effects. Pure: results of the effects come back as events. */
import { isDeepStrictEqual } from 'node:util';
import type { Observation } from '../lab/observation.ts';
import type { LabPlan } from '../lab/plan/plan.ts';
import { judgeLook, type TaskState, withDone } from '../learner/judge.ts';
import type { LearnerChange, LearnerState } from '../learner/progress.ts';
import type { Background } from '../learner/settings.ts';
import type { Lesson } from '../lesson/lesson.ts';
import { adviceAfter, awaitsAnswer } from './advice.ts';
import { handleIntent } from './handle-intent.ts';
import { logRead, logSearched, logSeen } from './log/update.ts';
import { operationEnded } from './operation.ts';
import { stepFound } from './overlays/confirm.ts';
import { greet } from './overlays/welcome.ts';
import { openedAt, placeLeft } from './page/position.ts';
import { isSameLook } from './same-look.ts';
import { currentLesson, type Session, type SessionEvent } from './session.ts';
import { readyFound, terminalDrawn, terminalEnded, withoutTerminal } from './terminal.ts';
import {
  andThen,
  atTheTop,
  goTo,
  notify,
  remember,
  rememberJudged,
  type Transition,
  withJudgement,
  withProblem,
} from './transition.ts';
import { compareAgain, compared, keepFirstLook } from './view/changes.ts';
import { withSample } from './view/history.ts';
import { played } from './view/map.ts';

export type Opening = {
  readonly lessons: readonly Lesson[];
  readonly plan: LabPlan;
  readonly about: string;
  readonly folder?: string;
  readonly background?: Background;
  readonly editor?: string;
  readonly noTerminalPane?: boolean; // no terminal can be opened beside the lesson
  readonly readOnly: boolean;
  readonly exposed?: boolean; // other users of the machine can get into this lab
  readonly learner: LearnerState;
  readonly at: string;
  readonly columns: number;
  readonly rows: number;
};

export function openSession({ at, exposed = false, ...given }: Opening): Transition {
  const session: Session = {
    folder: '',
    background: 'dark',
    editor: '',
    noTerminalPane: false,
    ...given,
    saves: 0,
    now: null,
    history: [],
    lookProblem: null,
    lookState: 'idle',
    tasks: [],
    failing: [],
    broken: [],
    advice: [],
    clock: at,
    pane: 'words',
    scroll: { words: 0, tasks: 0, terminal: 0, overlay: 0 },
    pageLines: 0,
    search: null,
    block: null,
    step: null,
    unfolded: null,
    selected: null,
    server: null,
    passed: null,
    terminal: null,
    overlay: null,
    under: null,
    notice: null,
    operation: null,
    stepProgress: null,
    stopping: false,
    startOf: '',
    changedElsewhere: false,
  };
  const { id } = currentLesson(session);
  const greeted = andThen(goTo(openedAt(session, id), id), greet);
  return andThen(exposed ? andThen(greeted, (next) => notify(next, { kind: 'exposed' })) : greeted, look);
}

export function update(session: Session, event: SessionEvent): Transition {
  switch (event.kind) {
    case 'observed':
      return andThen(observed(session, event), keepFirstLook);
    case 'observed at work':
      return lookEnded(withoutJudging(session, event.now));
    case 'look failed':
      return lookEnded({ ...session, lookProblem: event.problem });
    case 'changed':
      return session.lookState === 'idle' ? look(session) : [{ ...session, lookState: 'under way, once more' }, []];
    case 'tick':
      return andThen([played(withoutHighlight({ ...session, clock: event.at })), []], (next) =>
        next.lookState === 'idle' ? look(next) : [next, []],
      );
    case 'took over':
      return tookOver(session);
    case 'background':
      return [{ ...session, background: event.background }, []];
    case 'resized':
      return [{ ...session, columns: event.columns, rows: event.rows }, []];
    case 'intent':
      return handleIntent(session, event.intent);
    case 'copied':
      return notify(session, { kind: 'copied', lines: event.text.split('\n').length, sure: event.sure });
    case 'log read':
      return logRead(session, event.part);
    case 'log searched':
      return logSearched(session);
    case 'typed':
      return [{ ...session, notice: null }, []];
    case 'leaving':
      return remember(session, placeLeft(session));
    case 'program ended':
      return update(session, { kind: 'changed' });
    case 'terminal drawn':
      return [terminalDrawn(session, event.view), []];
    case 'ready found':
      return readyFound(session, event);
    case 'terminal ended':
      return andThen(terminalEnded(session, event.program, event.killed), (next) => update(next, { kind: 'changed' }));
    case 'no terminal':
      return withoutTerminal(session, event.program);
    case 'refused':
      return [withProblem(session, event.problem), []];
    case 'progress':
      return [session.operation ? { ...session, stepProgress: event.stepProgress } : session, []];
    case 'compared':
      return compared(session, event);
    case 'step found':
      return stepFound(session, event);
    case 'report written':
      return notify(session, event);
    case 'operation ended':
      return andThen([operationEnded(session, event), []], (next) => update(next, { kind: 'changed' }));
  }
}

/** This screen saves from now on; the first change that it saves is the lesson that it shows. */
function tookOver(session: Session): Transition {
  const writable: Session = { ...session, readOnly: false, notice: { kind: 'took over' } };
  const here: LearnerChange = { kind: 'here', lesson: currentLesson(session).id, at: session.clock };
  return andThen(remember(writable, [here]), (next) => update(next, { kind: 'changed' }));
}

const highlightMs = 700;

/** Ends the highlight of tasks that have just passed, at the first tick after `highlightMs`. A clock may go back. */
const withoutHighlight = (session: Session): Session =>
  session.passed && Math.abs(Date.parse(session.clock) - Date.parse(session.passed.at)) >= highlightMs
    ? { ...session, passed: null }
    : session;

/** Starts a look at the lab. The caller has checked that none is under way. */
function look(session: Session): Transition {
  return [{ ...session, lookState: 'under way' }, [{ do: 'observe', saves: session.saves }]];
}

/** A look has ended. When something may have changed during the look, the next one starts at once. */
const lookEnded = (session: Session): Transition => {
  const idle: Session = { ...session, lookState: 'idle' };
  return session.lookState === 'under way, once more' ? look(idle) : [idle, []];
};

function observed(session: Session, { now, learner, saves }: Extract<SessionEvent, { kind: 'observed' }>): Transition {
  const current = upToDate(session, learner, saves);
  if (isUnchanged(session, now, current)) return andThen(lookEnded(session), logSeen);
  const moved = current.progress.lesson !== session.learner.progress.lesson; // a command in the lab's shell changed it
  const before = moved ? openedAt(atTheTop(session), current.progress.lesson) : session;
  const history = withSample(before.history, now);
  const seen: Session = { ...before, learner: current, now, history, lookProblem: null, changedElsewhere: false };
  const { tasks, prerequisites, changes } = judgeLook(session.lessons, current, now);
  const found = session.operation ? [] : changes; // an operation marks its tasks as done itself
  const placeChanges = moved ? placeLeft(session) : [];
  const rests = session.now !== null && isSameLook(session.now, now);
  const judged = withAdvice(withJudgement(seen, { tasks: withDone(tasks, found), prerequisites }), rests);
  const remembered = andThen(rememberJudged(judged, [...placeChanges, ...found]), compareAgain);
  return andThen(remembered, (next) => andThen(lookEnded(next), logSeen));
}

/** An operation leads through states of its own; what was advised before it is over. */
const withAdvice = (session: Session, rests: boolean): Session =>
  session.operation || !session.now
    ? { ...session, advice: [] }
    : { ...session, advice: adviceAfter(session.advice, advising(session), session.now, rests) };

/** The tasks whose verdicts are shown: those of this lesson, and of earlier ones those that are broken. */
const advising = ({ tasks, broken }: Session): readonly TaskState[] => [
  ...tasks,
  ...broken.filter(({ key }) => !tasks.some((task) => task.key === key)),
];

/**
 * The look found nothing new. A look after which `failing` and `broken` differ must be judged even when it is the same:
 * a failing task is broken at the second look. So must one that decides whether followed advice was enough.
 */
const isUnchanged = (session: Session, now: Observation, learner: LearnerState): boolean =>
  session.now !== null &&
  session.lookProblem === null &&
  !session.changedElsewhere &&
  session.operation === null &&
  session.failing.length === session.broken.length &&
  !awaitsAnswer(session.advice) &&
  isDeepStrictEqual(session.learner, learner) &&
  isSameLook(session.now, now);

/** A state in the middle of another command's operation is shown but not judged or saved: it is not the learner's. */
const withoutJudging = (session: Session, now: Observation): Session => ({
  ...session,
  now,
  history: withSample(session.history, now),
  lookProblem: null,
  changedElsewhere: true,
  startOf: '',
  failing: [],
  broken: [],
});

/**
 * The learner as the files have it; the session's own when the files were read before its last change was saved, or
 * while an operation moves them. A read-only screen keeps its own lesson, opening times and settings.
 */
function upToDate(
  { learner, saves, readOnly, operation }: Session,
  read: LearnerState,
  readAfter: number,
): LearnerState {
  if (readAfter !== saves || operation) return learner;
  const { lesson, opened } = learner.progress;
  return readOnly ? { ...read, progress: { ...read.progress, lesson, opened }, settings: learner.settings } : read;
}
