/** What changes the lab or leaves it: asked first, and then performed. */
import { isFinished } from '../../learner/judge.ts';
import { turn } from '../navigation.ts';
import { leave } from '../reading.ts';
import { type Confirm, currentTask, type Deed, type Overlay, type Session } from '../session.ts';
import { notify, show, type Transition } from '../transition.ts';

export function offerSolution(session: Session): Transition {
  const state = session.tasks.find((task) => !isFinished(task)); // a later one cannot be solved before it
  return state ? changesLab(session, { do: 'solve', task: state.key }) : notify(session, { kind: 'nothing to solve' });
}

export function changesLab(session: Session, what: Confirm): Transition {
  if (session.onlyLook) return notify(session, { kind: 'only looking' });
  return show(session, { kind: 'confirm', what });
}

const isRunning = ({ now }: Session): boolean =>
  Object.values(now?.servers ?? {}).some(({ process }) => process.state === 'up');

export function quit(session: Session): Transition {
  return isRunning(session) && !session.onlyLook
    ? show(session, { kind: 'confirm', what: { do: 'quit' } })
    : leave(session, false);
}

export function handleConfirmed(session: Session, what: Confirm): Transition {
  switch (what.do) {
    case 'skip':
      return turn(session, 1);
    case 'quit':
      return leave(session, false);
    case 'reset':
    case 'solve':
      return perform(session, what);
  }
}

const perform = (session: Session, deed: Deed): Transition => [
  { ...session, deed, failing: [], broken: [] },
  [{ do: 'perform', deed }],
];

/** What the task asks for, on the screen: it counts as the learner's own, and asks nothing, since it leaves the servers as they are. */
export function measureOnScreen(session: Session): Transition {
  const distance = measuredDistance(session);
  if (distance === undefined) return [session, []];
  return session.onlyLook ? notify(session, { kind: 'only looking' }) : perform(session, { do: 'measure', distance });
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
  overlay?.kind === 'confirm' && overlay.what.do === 'quit' ? leave(session, true) : [session, []];
