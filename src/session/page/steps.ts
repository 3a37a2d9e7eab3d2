/** What the verdict in sight says to do next, as far as a key can do it. Pure. */
import { planSeen } from '../../lab/plan/plan-seen.ts';
import type { Code } from '../../lesson/format/code-place.ts';
import { stepCode } from '../../lesson/step.ts';
import { currentTask, isBroken, type Session } from '../session.ts';

/** One for each step of the verdict; null: a sentence. None where the task is done, and stays so. */
export function nextCodes(session: Session): readonly (Code | null)[] {
  const state = currentTask(session);
  if (state?.verdict.kind !== 'fail' || (state.done && !isBroken(session, state))) return [];
  const plan = planSeen(session.plan, session.now);
  return state.verdict.next.map((step) => stepCode(step, plan));
}

/** What the learner has at hand, or else the first one. */
export function codeAtHand(session: Session): Code | null {
  const codes = nextCodes(session);
  return codes[session.step ?? -1] ?? codes.find((code) => code !== null) ?? null;
}

/** The place of the next step that a key can do, or of the one before. */
export function nextStep(session: Session, by: 1 | -1): number | null {
  const there = nextCodes(session).flatMap((code, at) => (code ? [at] : []));
  const now = there.indexOf(session.step ?? -1);
  if (now < 0) return there[by === 1 ? 0 : there.length - 1] ?? null;
  return there[Math.max(0, Math.min(now + by, there.length - 1))] ?? null;
}
