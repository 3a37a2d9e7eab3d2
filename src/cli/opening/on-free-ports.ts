/** New labs that are made at one moment plan the same ports, and only one of them gets these. The others go on with ports of their own. */
import type { Fail } from '../../check/verdict.ts';
import { lostPorts } from '../../lab/plan/plan-ports.ts';
import { isPortFree } from '../../lab/plan/ports.ts';
import { ProblemError } from '../../lab/problem.ts';
import type { OpenedLab } from '../../learner/opened-lab.ts';
import type { Invocation } from '../command.ts';
import { openWhole } from './access.ts';

const mostTries = 8;

/**
 * Opens the lab and does the deed. It is done again where it fails, and a server of the lab that has never run has lost its port: the lab gets another
 * one. And where a server could not have its port, and all of the lab's are free by now: other labs begin and end theirs at this moment.
 */
export async function onFreePorts<T>(invocation: Invocation, deed: (opened: OpenedLab) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    const opened = await openWhole(invocation, { anywhere: tries > 1 });
    try {
      return await deed(opened);
    } catch (error) {
      const { dir, plan } = opened.lab;
      if (!(error instanceof ProblemError) || tries === mostTries || invocation.signal.aborted) throw error;
      if ((await lostPorts(dir, plan)).length > 0) continue;
      if (!isForAPort(error) || !(await areFree(plan.servers.map(({ port }) => port)))) throw error;
    }
  }
}

/** What the deed was stuck at stands in the error's cause. */
function isForAPort({ cause }: Error): boolean {
  if (cause instanceof Error) return isForAPort(cause);
  return (cause as Partial<Fail> | undefined)?.cause === 'port-taken';
}

const areFree = async (ports: readonly number[]): Promise<boolean> =>
  (await Promise.all(ports.map((port) => isPortFree(port)))).every((free) => free);
