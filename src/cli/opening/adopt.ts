/**
 * Containers with the tutorial's literal name and mount, which the learner may have made by hand. The learner is asked
 * whether such a container is the lab's; lab.json keeps the answer by the container's id.
 */
import type { ForeignContainer } from '../../lab/docker/container-view.ts';
import { readLab } from '../../lab/folder.ts';
import type { Lab } from '../../lab/lab.ts';
import { changeLab } from '../../lab/lock/operation-lock.ts';
import type { Invocation } from '../command.ts';
import { askYes } from '../confirm.ts';

/** Asks once for each of them, on a terminal. */
export async function adopt(invocation: Invocation, lab: Lab): Promise<void> {
  if (lab.plan.engine !== 'docker' || !invocation.io.terminal) return;
  for (const one of await candidates(lab))
    if (!(one.foreign.id in (readLab(invocation.dir)?.adopted ?? {}))) await askAbout(invocation, one);
}

type Candidate = { readonly name: string; readonly foreign: ForeignContainer };

export async function candidates(lab: Lab): Promise<readonly Candidate[]> {
  const { servers } = await lab.observe();
  return Object.values(servers).flatMap(({ name, foreign }) => (foreign?.mayBeTheLabs ? [{ name, foreign }] : []));
}

export async function askAbout({ io, signal, dir }: Invocation, { name, foreign }: Candidate): Promise<boolean> {
  io.out(`There is a container "${foreign.name}" (${foreign.image}), made as the tutorial makes it.`);
  const yes = await askYes(`Is it the ${name} of this lab? The workshop may stop and remove it then. [y/N] `, signal);
  await keepAnswer(dir, foreign.id, yes, signal);
  return yes;
}

/** A screen that is open takes it into account at its next look. */
export const keepAnswer = (dir: string, id: string, yes: boolean, signal: AbortSignal): Promise<void> =>
  changeLab(dir, (now) => ({ ...now, adopted: { ...now.adopted, [id]: yes } }), signal);
