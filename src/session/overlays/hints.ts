/** Hints on the screen, shown one by one. */
import { hintsOf } from '../../learner/hints.ts';
import { isFinished } from '../../learner/judge.ts';
import { currentTask, type Session } from '../session.ts';
import { andThen, notify, remember, show, type Transition } from '../transition.ts';

/** The first press opens the hints shown so far, with the first hint for a new mistake; each further press adds one. */
export function showHint(session: Session): Transition {
  const state = currentTask(session);
  const hints = state && hintsOf(state, session.learner.progress);
  if (!state || !hints || hints.all.length === 0) return notify(session, { kind: 'no hints' });
  const wantsMore = session.overlay?.kind === 'hints' || hints.isNews || hints.shown.length === 0;
  const [next, effects] = remember(session, wantsMore && hints.next ? [hints.next] : []);
  const after = hintsOf(state, next.learner.progress).shown;
  const newest = after.find((at) => !hints.shown.includes(at)) ?? after.at(-1) ?? 0;
  return andThen([next, effects], (saved) => show(saved, { kind: 'hints', task: state.key, newest }));
}

/** The learner asks for one more hint when all are shown: then the solution is offered. */
export function wantsSolution(session: Session): boolean {
  const state = currentTask(session);
  return (
    session.overlay?.kind === 'hints' &&
    state !== undefined &&
    !isFinished(state) &&
    !hintsOf(state, session.learner.progress).next
  );
}
