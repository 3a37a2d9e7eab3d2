/** What a learner does without the workshop: the docker program on the tests' engine, and containers made by hand. */
import { join } from 'node:path';
import { inject } from 'vitest';
import type { Lab } from '../../src/lab/lab.ts';
import { until } from '../../src/lab/machine/until.ts';
import { mountTarget, type ServerPlan, serverPlan, volumeName } from '../../src/lab/plan/plan.ts';
import { type Docker, dockerAt } from './container.ts';
import type {} from './global.ts';

const engine = inject('docker');
const plain = dockerAt('why' in engine ? '' : engine.socketPath);

/** Resolves with docker's stdout; throws with its message when it fails. */
export async function docker(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await plain(...args);
  if (status !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}
export const dockerMay: Docker = plain;

/** `docker inspect` with sorted mounts, because Docker's order of mounts varies. */
export const inspected = async (name: string): Promise<unknown> =>
  JSON.parse(await docker('inspect', name), (key, value) =>
    key === 'Mounts' && Array.isArray(value)
      ? value.toSorted((a, b) => (a.Destination < b.Destination ? -1 : 1))
      : value,
  );

/** Waits for a condition; throws with the present state at the deadline. */
export async function comes(what: string, condition: () => Promise<boolean>, deadlineMs = 30_000): Promise<void> {
  if (!(await until(condition, { deadlineMs, everyMs: 50 }))) throw new Error(`not within ${deadlineMs} ms: ${what}`);
}

export const planOf = (lab: Lab, server: string): ServerPlan & { readonly container: string } => {
  const plan = serverPlan(lab.plan, server);
  return { ...plan, container: plan.container ?? plan.name };
};

/** The mount of the lessons' "docker run -v". */
export const mountOf = (lab: Lab, server: string, dir = lab.dir): string => {
  const source =
    lab.plan.docker?.storage === 'volume' ? volumeName(lab.plan, server) : join(dir, planOf(lab, server).data);
  return `${source}:${mountTarget(lab.plan.major)}`;
};

export const imageIn = (lab: Lab): string => lab.plan.docker?.image ?? '';
export const networkIn = (lab: Lab): string => lab.plan.docker?.network ?? '';

/** Options of "docker run" as lesson 2 has them, but for the name. */
export function asInLesson2(lab: Lab, server: string): string[] {
  const { port, password, database } = planOf(lab, server);
  return [
    ...['--network', networkIn(lab), '-p', `${lab.plan.host}:${port}:5432`],
    ...['-e', `POSTGRES_PASSWORD=${password}`, '-e', `POSTGRES_DB=${database}`, '-v', mountOf(lab, server)],
  ];
}

export const makeNetwork = (lab: Lab): Promise<string> => docker('network', 'create', networkIn(lab));

export const view = async (lab: Lab, server = 'master') => {
  const found = (await lab.observe()).servers[server];
  if (!found) throw new Error(`no view of ${server}`);
  return found;
};
export const stateOf = async (lab: Lab, server = 'master') => (await view(lab, server)).process.state;
