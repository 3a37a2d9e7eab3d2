/** A verdict as JSON: masked, but for the parts of its next steps, in which a password is only named. */
import type { SeenPlan } from '../../lab/plan/plan-seen.ts';
import type { TaskState } from '../../learner/judge.ts';
import { stepTexts } from '../../lesson/step-parts.ts';
import { maskedJson } from '../../postgres/mask/mask.ts';

/** `folded`: a screen shows the next steps only when the learner asks for them. */
export const verdictJson = (verdict: TaskState['verdict'], plan: SeenPlan, folded: boolean): unknown =>
  verdict.kind === 'fail'
    ? {
        ...masked(verdict),
        folded,
        next: verdict.next.map((step) => ({ ...masked(step), ...stepJson(stepTexts(step, plan)) })),
      }
    : masked(verdict);

const stepJson = ({ text, ...parts }: ReturnType<typeof stepTexts>) => ({ ...masked({ text }), ...parts });

const masked = (value: object): object => JSON.parse(maskedJson(value));
