/** Detects a port of the lab on which none of its servers listens: any user of the machine could listen there. */
import { join } from 'node:path';
import type { LabPlan } from '../plan/plan.ts';
import { livePostmaster } from './server/postmaster.ts';

const thisMachine: readonly string[] = ['127.0.0.1', 'localhost', '::1'];

/** Returns false for an address that is not in the plan. */
export function isUnattended(dir: string, { servers }: LabPlan, host: string, port: number): boolean {
  if (!thisMachine.includes(host) || !servers.some((server) => server.port === port)) return false;
  return !servers.some(({ data }) => livePostmaster(join(dir, data))?.port === port);
}
