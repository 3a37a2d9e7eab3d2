/**
 * The state to which the solutions of a lesson, and of those before it, lead, as it would be in this lab: with its
 * paths, ports and passwords. Resolves with undefined where it is not prepared.
 */
import type { LabPlan } from '../lab/plan/plan.ts';
import type { StateFacts } from '../lab/state/facts.ts';
import type { Lesson } from '../lesson/lesson.ts';

type Place = { readonly dir: string; readonly plan: LabPlan };

export const solutionFacts = async (_lab: Place, _lesson: Lesson): Promise<StateFacts | undefined> => undefined;
