/** The next steps of the current verdict, as far as a key can perform them. Pure. */
import { planSeen } from '../../lab/plan/plan-seen.ts';
import type { Code } from '../../lesson/format/code-place.ts';
import { stepCode } from '../../lesson/step.ts';
import { currentTask, isBroken, type Session } from '../session.ts';
import { isFolded } from '../view/folded.ts';

/** The code of each next step; null for a step that is only a sentence. Empty when the task is done and not broken. */
export function nextCodes(session: Session): readonly (Code | null)[] {
  const state = currentTask(session);
  if (state?.verdict.kind !== 'fail' || (state.done && !isBroken(session, state))) return [];
  if (isFolded(session, state)) return [];
  const plan = planSeen(session.plan, session.now);
  return state.verdict.next.map((step) => stepCode(step, plan));
}

/** The code of the chosen step, else of the first step that has code. */
export function codeAtHand(session: Session): Code | null {
  const codes = nextCodes(session);
  return codes[session.step ?? -1] ?? codes.find((code) => code !== null) ?? null;
}

/** The index of the next or previous step that has code; null when no step has any. */
export function nextStep(session: Session, by: 1 | -1): number | null {
  const withCode = nextCodes(session).flatMap((code, at) => (code ? [at] : []));
  const now = withCode.indexOf(session.step ?? -1);
  if (now < 0) return withCode[by === 1 ? 0 : withCode.length - 1] ?? null;
  return withCode[Math.max(0, Math.min(now + by, withCode.length - 1))] ?? null;
}
