/** Operations on the lab and quitting, which are confirmed before they are performed. */
import { isFinished } from '../../learner/judge.ts';
import { turnPage } from '../page/navigation.ts';
import { leaveSearch } from '../page/reading.ts';
import {
  type Confirmation,
  currentTask,
  type Operation,
  type Overlay,
  type Session,
  type SessionEvent,
} from '../session.ts';
import { notify, show, type Transition } from '../transition.ts';

export function offerSolution(session: Session): Transition {
  const isOver = session.broken.length > 0 ? session.tasks.at(-1) : undefined; // all is done, and something is broken
  const state = session.tasks.find((task) => !isFinished(task)) ?? isOver; // tasks can only be solved in order
  return state ? changesLab(session, { do: 'solve', task: state.key }) : notify(session, { kind: 'nothing to solve' });
}

export function changesLab(session: Session, what: Confirmation): Transition {
  if (session.readOnly) return notify(session, { kind: 'only looking' });
  return show(session, { kind: 'confirm', what });
}

/** Undo and redo are confirmed where there is something to bring back. */
export const findStep = (session: Session, which: 'undo' | 'redo'): Transition =>
  session.readOnly ? notify(session, { kind: 'only looking' }) : [session, [{ do: 'find step', which }]];

export const stepFound = (
  session: Session,
  { which, there }: Extract<SessionEvent, { kind: 'step found' }>,
): Transition =>
  there ? changesLab(session, { do: which }) : notify(session, { kind: 'nothing to bring back', which });

const isRunning = ({ now }: Session): boolean =>
  Object.values(now?.servers ?? {}).some(({ process }) => process.state === 'up');

export function quit(session: Session): Transition {
  return isRunning(session) && !session.readOnly
    ? show(session, { kind: 'confirm', what: { do: 'quit' } })
    : leaveSearch(session, false);
}

export function handleConfirmed(session: Session, what: Confirmation): Transition {
  switch (what.do) {
    case 'skip':
      return turnPage(session, 1);
    case 'quit':
      return leaveSearch(session, false);
    case 'reset':
    case 'undo':
    case 'redo':
    case 'solve':
      return perform(session, what);
  }
}

const perform = (session: Session, operation: Operation): Transition => [
  { ...session, operation, failing: [], broken: [] },
  [{ do: 'perform', operation }],
];

/**
 * Performs the measurement that the task asks for. It counts as the learner's own work and is not confirmed, because it
 * leaves the servers as they are.
 */
export function measureOnScreen(session: Session): Transition {
  const distance = measuredDistance(session);
  if (distance === undefined) return [session, []];
  return session.readOnly ? notify(session, { kind: 'only looking' }) : perform(session, { do: 'measure', distance });
}

/** The one-way delay in ms that the current task measures with; undefined when it is not a task of measuring. */
export function measuredDistance(session: Session): number | undefined {
  const task = currentTask(session)?.task;
  if (!task || task.kind === 'answer') return undefined;
  const [action] = task.solution.flatMap((one) => (one.do === 'measure' ? [one] : []));
  return action && (action.distance ?? 0);
}

/** The answer no. */
export const decline = (session: Session): Transition => [{ ...session, overlay: null }, []];

/** Quits and stops the servers; only as an answer to the question whether to quit. */
export const quitAndStop = (session: Session, overlay: Overlay | null): Transition =>
  overlay?.kind === 'confirm' && overlay.what.do === 'quit' ? leaveSearch(session, true) : [session, []];
