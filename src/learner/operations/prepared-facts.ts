/** The facts of a prepared state, as they would be in this lab. */
import { readSeen } from '../../lab/prepared/seen.ts';
import { type StateFacts, stateFactsOf } from '../../lab/state/facts.ts';
import type { Lesson } from '../../lesson/lesson.ts';
import type { OpenedLab } from '../opened-lab.ts';
import { findState } from './prepared-states.ts';

/** Of the state that these lessons lead to. undefined: it is not prepared. */
export async function preparedFacts(
  { lab, cache }: Pick<OpenedLab, 'lab' | 'cache'>,
  lessons: readonly Lesson[],
): Promise<StateFacts | undefined> {
  const cached = await findState(lab, lessons, cache);
  const seen = cached && lab.prepared && readSeen(cached, lab.prepared.addresses());
  return seen && stateFactsOf(seen, lab.plan);
}
