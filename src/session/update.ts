/** update(session, event) → the session after it, and what is to be done. Pure: the effects come back as events. */
import { isDeepStrictEqual } from 'node:util';
import type { Observation } from '../lab/observation.ts';
import type { LabPlan } from '../lab/plan/plan.ts';
import { judgeLook, withDone } from '../learner/judge.ts';
import type { LearnerChange, LearnerState } from '../learner/progress.ts';
import type { Background } from '../learner/settings.ts';
import type { Lesson } from '../lesson/lesson.ts';
import { handleIntent } from './handle-intent.ts';
import { logRead, logSearched, logSeen } from './log/update.ts';
import { operationEnded } from './operation.ts';
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
import { withSample } from './view/history.ts';
import { played } from './view/map.ts';

export type Opening = {
  readonly lessons: readonly Lesson[];
  readonly plan: LabPlan;
  readonly about: string;
  readonly folder?: string;
  readonly background?: Background;
  readonly editor?: string;
  readonly noTerminalPane?: boolean; // the screen has no place for a terminal
  readonly readOnly: boolean;
  readonly exposed?: boolean; // other users of the machine get into this lab
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
    clock: at,
    pane: 'words',
    scroll: { words: 0, tasks: 0, terminal: 0, overlay: 0 },
    pageLines: 0,
    search: null,
    block: null,
    step: null,
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
    changedElsewhere: false,
  };
  const { id } = currentLesson(session);
  const greeted = andThen(goTo(openedAt(session, id), id), greet);
  return andThen(exposed ? andThen(greeted, (next) => notify(next, { kind: 'exposed' })) : greeted, look);
}

export function update(session: Session, event: SessionEvent): Transition {
  switch (event.kind) {
    case 'observed':
      return observed(session, event);
    case 'observed at work':
      return again(withoutJudging(session, event.now));
    case 'look failed':
      return again({ ...session, lookProblem: event.problem });
    case 'changed':
      return session.lookState === 'idle' ? look(session) : [{ ...session, lookState: 'under way, once more' }, []];
    case 'tick':
      return andThen([played(calmed({ ...session, clock: event.at })), []], (next) =>
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
    case 'report written':
      return notify(session, event);
    case 'operation ended':
      return andThen([operationEnded(session, event), []], (next) => update(next, { kind: 'changed' }));
  }
}

/** From here on this screen saves what it sees, the lesson that it shows first of all. */
function tookOver(session: Session): Transition {
  const mine: Session = { ...session, readOnly: false, notice: { kind: 'took over' } };
  const here: LearnerChange = { kind: 'here', lesson: currentLesson(session).id, at: session.clock };
  return andThen(remember(mine, [here]), (next) => update(next, { kind: 'changed' }));
}

const momentMs = 700;

/** The moment in which a task has just passed is over with the first tick that leaves time to see it. */
const calmed = (session: Session): Session =>
  session.passed && Math.abs(Date.parse(session.clock) - Date.parse(session.passed.at)) >= momentMs // a clock may go back
    ? { ...session, passed: null }
    : session;

/** A look at the lab; there is never a second one at the same time. */
function look(session: Session): Transition {
  return [{ ...session, lookState: 'under way' }, [{ do: 'observe', saves: session.saves }]];
}

/** What may have changed during a look asks for one more, right after it. */
const again = (session: Session): Transition => {
  const rested: Session = { ...session, lookState: 'idle' };
  return session.lookState === 'under way, once more' ? look(rested) : [rested, []];
};

function observed(session: Session, { now, learner, saves }: Extract<SessionEvent, { kind: 'observed' }>): Transition {
  const current = upToDate(session, learner, saves);
  if (saysNothingNew(session, now, current)) return andThen(again(session), logSeen);
  const moved = current.progress.lesson !== session.learner.progress.lesson; // by a command in the lab's shell
  const before = moved ? openedAt(atTheTop(session), current.progress.lesson) : session;
  const history = withSample(before.history, now);
  const seen: Session = { ...before, learner: current, now, history, lookProblem: null, changedElsewhere: false };
  const { tasks, prerequisites, changes } = judgeLook(session.lessons, current, now);
  const found = session.operation ? [] : changes; // a deed marks its tasks itself
  const left = moved ? placeLeft(session) : [];
  const judged = withJudgement(seen, { tasks: withDone(tasks, found), prerequisites });
  return andThen(rememberJudged(judged, [...left, ...found]), (next) => andThen(again(next), logSeen));
}

/** A task that has just begun to fail is broken at the second look that says so, though both say the same. */
const saysNothingNew = (session: Session, now: Observation, learner: LearnerState): boolean =>
  session.now !== null &&
  session.lookProblem === null &&
  !session.changedElsewhere &&
  session.operation === null &&
  session.failing.length === session.broken.length &&
  isDeepStrictEqual(session.learner, learner) &&
  isSameLook(session.now, now);

/** Half a goto is nobody's work: the servers are shown as they are, and nothing is judged or kept. */
const withoutJudging = (session: Session, now: Observation): Session => ({
  ...session,
  now,
  history: withSample(session.history, now),
  lookProblem: null,
  changedElsewhere: true,
  failing: [],
  broken: [],
});

/** What the files hold, unless they were read before our last change reached them, or while a deed moves them about. A second screen turns its pages, and has its settings, by itself. */
function upToDate(
  { learner, saves, readOnly, operation }: Session,
  read: LearnerState,
  readAfter: number,
): LearnerState {
  if (readAfter !== saves || operation) return learner;
  const { lesson, opened } = learner.progress;
  return readOnly ? { ...read, progress: { ...read.progress, lesson, opened }, settings: learner.settings } : read;
}
