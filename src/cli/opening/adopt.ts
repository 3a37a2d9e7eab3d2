/**
 * Containers with the tutorial's literal name and mount, which the learner may have made by hand. The learner is asked
 * once whether such a container is the lab's; lab.json keeps the answer by the container's id.
 */
import { readLab } from '../../lab/folder.ts';
import type { Lab } from '../../lab/lab.ts';
import { changeLab } from '../../lab/lock/operation-lock.ts';
import type { Invocation } from '../command.ts';
import { askYes } from '../confirm.ts';

export async function adopt({ io, dir, signal }: Invocation, lab: Lab): Promise<void> {
  if (lab.plan.engine !== 'docker' || !io.terminal) return;
  const { servers } = await lab.observe();
  for (const { name, foreign } of Object.values(servers)) {
    const file = readLab(dir);
    if (!file || !foreign?.mayBeTheLabs || foreign.id in (file.adopted ?? {})) continue;
    io.out(`There is a container "${foreign.name}" (${foreign.image}), made as the tutorial makes it.`);
    const yes = await askYes(`Is it the ${name} of this lab? The workshop may stop and remove it then. [y/N] `, signal);
    await changeLab(dir, (now) => ({ ...now, adopted: { ...now.adopted, [foreign.id]: yes } }), signal);
  }
}
