/** A port of the lab on which none of its servers listens: any user of the machine may answer there. */
import { join } from 'node:path';
import type { LabPlan } from '../plan/plan.ts';
import { livePostmaster } from './server/postmaster.ts';

const thisMachine: readonly string[] = ['127.0.0.1', 'localhost', '::1'];

/** False for what is no address of the plan's. */
export function isUnattended(dir: string, { servers }: LabPlan, host: string, port: number): boolean {
  if (!thisMachine.includes(host) || !servers.some((server) => server.port === port)) return false;
  return !servers.some(({ data }) => livePostmaster(join(dir, data))?.port === port);
}
