/** Whether the screen shows the next steps of a verdict, or only that there are some. Pure. */
import { areStepsFolded } from '../../learner/folded.ts';
import type { TaskState } from '../../learner/judge.ts';
import { adviceOf } from '../advice.ts';
import type { Session } from '../session.ts';

/** Steps that were followed and were not enough stay open. */
export const isFolded = ({ unfolded, learner, advice }: Session, state: TaskState): boolean =>
  unfolded !== verdictKey(state) && areStepsFolded(state, learner.progress) && !adviceOf(advice, state)?.insufficient;

/** The same while the task fails with the same cause. */
export const verdictKey = ({ key, verdict }: TaskState): string =>
  verdict.kind === 'fail' ? `${key}/${verdict.cause}` : key;
