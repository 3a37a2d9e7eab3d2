/** New labs that are made at one moment plan the same ports, and only one of them gets these. The others go on with ports of their own. */
import { lostPorts } from '../lab/plan-ports.ts';
import { ProblemError } from '../lab/problem.ts';
import { openWhole } from './access.ts';
import type { Invocation } from './command.ts';
import type { Looking } from './looking.ts';

const mostTries = 8;

/** Opens the lab and does the deed. Where it fails, and a server of the lab that has never run has lost its port, the lab gets another one, and the deed is done again. */
export async function onFreePorts<T>(invocation: Invocation, deed: (looking: Looking) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    const looking = await openWhole(invocation, { anywhere: tries > 1 });
    try {
      return await deed(looking);
    } catch (error) {
      const { dir, plan } = looking.lab;
      const mayPass = error instanceof ProblemError && tries < mostTries && !invocation.signal.aborted;
      if (!mayPass || (await lostPorts(dir, plan)).length === 0) throw error;
    }
  }
}
