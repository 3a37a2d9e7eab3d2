/** Hints on the screen: asked for one by one. */
import { hintsOf } from '../../learner/hints.ts';
import { isFinished } from '../../learner/judge.ts';
import { currentTask, type Session } from '../session.ts';
import { andThen, notify, remember, show, type Transition } from '../transition.ts';

/** The first press shows what was shown before and the first hint for a new mistake; each further one shows one more. */
export function showHint(session: Session): Transition {
  const state = currentTask(session);
  const hints = state && hintsOf(state, session.learner.progress);
  if (!state || !hints || hints.all.length === 0) return notify(session, { kind: 'no hints' });
  const wants = session.overlay?.kind === 'hints' || hints.isNews || hints.shown.length === 0;
  const [next, effects] = remember(session, wants && hints.next ? [hints.next] : []);
  const after = hintsOf(state, next.learner.progress).shown;
  const newest = after.find((at) => !hints.shown.includes(at)) ?? after.at(-1) ?? 0;
  return andThen([next, effects], (saved) => show(saved, { kind: 'hints', task: state.key, newest }));
}

/** All hints are open and one more is asked for: the last rung is to have it done. */
export function wantsSolution(session: Session): boolean {
  const state = currentTask(session);
  return (
    session.overlay?.kind === 'hints' &&
    state !== undefined &&
    !isFinished(state) &&
    !hintsOf(state, session.learner.progress).next
  );
}
