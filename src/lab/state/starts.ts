/**
 * The state of a lab at the start of each lesson, kept in starts.json at the first look after the learner has arrived
 * there. The file belongs to the learner's state: a backup contains it, and undo brings it back.
 */
import { join } from 'node:path';
import { isOperationPending, withOperationLock } from '../lock/operation-lock.ts';
import type { Observation } from '../observation.ts';
import type { LabPlan } from '../plan/plan.ts';
import { recordOf, schemaNumber, shape } from '../store/json.ts';
import { type ReadResult, readJson, writeJson } from '../store/store.ts';
import { isWhole, type StateFacts, stateFactsJson, stateFactsOf } from './facts.ts';

/** The schema of starts.json; by the lesson's id. */
export const startsJson = shape({ schema: schemaNumber, starts: recordOf(stateFactsJson) });

const startsFile = (dir: string): string => join(dir, 'starts.json');

export function readStart(dir: string, lesson: string): ReadResult<StateFacts> {
  const read = readJson(startsFile(dir), startsJson);
  if (read.kind !== 'value') return read;
  const start = read.value.starts[lesson];
  return start ? { kind: 'value', value: start } : { kind: 'absent' };
}

/**
 * Keeps the look as the lesson's start, if none is kept. A file that cannot be read stays as it is. Call it under the
 * lab's lock.
 */
export function writeStart(dir: string, lesson: string, now: Observation, plan: LabPlan): void {
  const read = readJson(startsFile(dir), startsJson);
  if (read.kind === 'unreadable' || !isWhole(now)) return;
  const starts = read.kind === 'value' ? read.value.starts : {};
  if (Object.hasOwn(starts, lesson)) return;
  writeJson(startsFile(dir), { schema: 1, starts: { ...starts, [lesson]: stateFactsOf(now, plan) } });
}

/** The same, under the lock. Nothing is written while an operation is pending: the lab is in the middle of it. */
export async function keepStart(dir: string, lesson: string, now: Observation, plan: LabPlan): Promise<void> {
  if (!isWhole(now) || readStart(dir, lesson).kind !== 'absent') return;
  await withOperationLock(dir, async () => {
    if (!isOperationPending(dir)) writeStart(dir, lesson, now, plan);
  });
}
