/** What an engine does for prepared states. */
import { createHash } from 'node:crypto';
import type { LabPlan } from '../plan/plan.ts';
import { secretsOf } from '../secrets/secrets.ts';
import type { CachedState } from './cache.ts';
import type { Addresses, PreparedState } from './state.ts';

export interface PreparedServers {
  /** What a state and a lab must have in common, as plain JSON; it contains no secret in clear. */
  traits(): Promise<readonly unknown[]>;
  /** Stops the servers cleanly, copies their data directories to a new folder, and starts them again. */
  save(folder: string): Promise<Pick<PreparedState, 'running' | 'from' | 'containers' | 'network'>>;
  addresses(): Addresses; // of this lab
  spareKey(): string | undefined; // of the state that stands ready in the lab's folder
  /** Replaces the spare. `inTurn` runs the exchange when no operation uses the old one; without it, at once. */
  makeSpare(cached: CachedState, inTurn?: (exchange: () => Promise<void>) => Promise<void>): Promise<void>;
  /**
   * Puts the spare, whose state this is, in the place of the lab's own data directories, which must be out of the way,
   * and starts the servers that run in it. Throws a ProblemError when one does not start.
   */
  place(state: PreparedState): Promise<void>;
  clear(): Promise<void>; // stops the servers, and removes the spare and what a failed `place` has left
}

/** What the files of every state contain of its plan; without addresses, which are settled. */
export function traitsOf(plan: LabPlan): readonly unknown[] {
  const secrets = createHash('sha256').update(secretsOf(plan).join('\n')).digest('hex');
  const { user, applicationName } = plan.replication;
  return [secrets, user, applicationName, plan.servers.map(({ name, data, database }) => [name, data, database])];
}
