/**
 * New labs that are made at the same time plan the same ports, and only one of them gets these. The others get new
 * ports here.
 */
import type { Fail } from '../../check/verdict.ts';
import { lostPorts } from '../../lab/plan/plan-ports.ts';
import { isPortFree } from '../../lab/plan/ports.ts';
import { ProblemError } from '../../lab/problem.ts';
import type { OpenedLab } from '../../learner/opened-lab.ts';
import type { Invocation } from '../command.ts';
import { openWhole } from './access.ts';

const mostTries = 8;

/**
 * Opens the lab and runs the operation, and repeats both in two cases. First, another program has the port of a server
 * that has never run: the opening gives that server another port. Second, the operation failed because a port was
 * taken, and all ports of the lab are free again: another lab has just stopped its servers. Rejects with the error of
 * the last try.
 */
export async function onFreePorts<T>(invocation: Invocation, operation: (opened: OpenedLab) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    const opened = await openWhole(invocation, { anywhere: tries > 1 });
    try {
      return await operation(opened);
    } catch (error) {
      const { dir, plan } = opened.lab;
      if (!(error instanceof ProblemError) || tries === mostTries || invocation.signal.aborted) throw error;
      if ((await lostPorts(dir, plan)).length > 0) continue;
      if (!isPortTaken(error) || !(await areFree(plan.servers.map(({ port }) => port)))) throw error;
    }
  }
}

/** The verdict at which the operation failed is at the end of the error's chain of causes. */
function isPortTaken({ cause }: Error): boolean {
  if (cause instanceof Error) return isPortTaken(cause);
  return (cause as Partial<Fail> | undefined)?.cause === 'port-taken';
}

const areFree = async (ports: readonly number[]): Promise<boolean> =>
  (await Promise.all(ports.map((port) => isPortFree(port)))).every((free) => free);
