/** What changes the lab or leaves it: asked first, and then performed. */
import { isFinished } from '../../learner/judge.ts';
import { turnPage } from '../page/navigation.ts';
import { leaveSearch } from '../page/reading.ts';
import { type ConfirmedAct, currentTask, type Operation, type Overlay, type Session } from '../session.ts';
import { notify, show, type Transition } from '../transition.ts';

export function offerSolution(session: Session): Transition {
  const state = session.tasks.find((task) => !isFinished(task)); // a later one cannot be solved before it
  return state ? changesLab(session, { do: 'solve', task: state.key }) : notify(session, { kind: 'nothing to solve' });
}

export function changesLab(session: Session, what: ConfirmedAct): Transition {
  if (session.readOnly) return notify(session, { kind: 'only looking' });
  return show(session, { kind: 'confirm', what });
}

const isRunning = ({ now }: Session): boolean =>
  Object.values(now?.servers ?? {}).some(({ process }) => process.state === 'up');

export function quit(session: Session): Transition {
  return isRunning(session) && !session.readOnly
    ? show(session, { kind: 'confirm', what: { do: 'quit' } })
    : leaveSearch(session, false);
}

export function handleConfirmed(session: Session, what: ConfirmedAct): Transition {
  switch (what.do) {
    case 'skip':
      return turnPage(session, 1);
    case 'quit':
      return leaveSearch(session, false);
    case 'reset':
    case 'solve':
      return perform(session, what);
  }
}

const perform = (session: Session, operation: Operation): Transition => [
  { ...session, operation, failing: [], broken: [] },
  [{ do: 'perform', operation }],
];

/** What the task asks for, on the screen: it counts as the learner's own, and asks nothing, since it leaves the servers as they are. */
export function measureOnScreen(session: Session): Transition {
  const distance = measuredDistance(session);
  if (distance === undefined) return [session, []];
  return session.readOnly ? notify(session, { kind: 'only looking' }) : perform(session, { do: 'measure', distance });
}

/** In ms, where the task that the screen speaks about is one of measuring. */
export function measuredDistance(session: Session): number | undefined {
  const task = currentTask(session)?.task;
  if (!task || task.kind === 'answer') return undefined;
  const [action] = task.solution.flatMap((one) => (one.do === 'measure' ? [one] : []));
  return action && (action.distance ?? 0);
}

/** The answer no: nothing is done. */
export const decline = (session: Session): Transition => [{ ...session, overlay: null }, []];

/** Leaves the workshop and stops the servers. Only the question to quit offers it. */
export const quitAndStop = (session: Session, overlay: Overlay | null): Transition =>
  overlay?.kind === 'confirm' && overlay.what.do === 'quit' ? leaveSearch(session, true) : [session, []];
