/** What goes wrong in these labs: the mistakes of the lessons, and what happens to containers. */
import { emptyJournal } from '../../../src/check/journal.ts';
import { readerHere } from '../../../src/cli/opening/access.ts';
import type { ContainerView } from '../../../src/lab/docker/container-view.ts';
import type { Lab } from '../../../src/lab/lab.ts';
import { planSeen } from '../../../src/lab/plan/plan-seen.ts';
import { applyAction, openRunner } from '../../../src/lesson/apply.ts';
import { isFor } from '../../../src/lesson/format/fill.ts';
import type { Lesson } from '../../../src/lesson/lesson.ts';
import { NotHere } from '../../lead-out/world.ts';
import type { Random } from '../../postgres/against/random.ts';
import { docker } from '../learner.ts';

/** `task`: where it is made; null: after the last one. */
export type Wrong = { readonly name: string; readonly task: string | null; make(lab: Lab): Promise<void> };

/** It makes a container of the lesson's own. */
const makesOwn = /docker (run -d|rm|create)|"do":"create"/;

/** One that fits the lesson; undefined: none does. */
export function wrongIn(lesson: Lesson, lab: Lab, random: Random): Wrong | undefined {
  const listed = lesson.mistakes.filter(
    ({ actions, only }) =>
      isFor(only, readerHere(lab.plan)) &&
      actions.length > 0 &&
      actions.every((action) => action.do !== 'answer' && action.do !== 'measure') &&
      !makesOwn.test(JSON.stringify(actions)),
  );
  if (random.chance(0.3) || listed.length === 0) return happening(random);
  const { id, actions, caught } = random.pick(listed);
  return {
    name: `${lesson.number} ${id}`,
    task: caught.task,
    async make(of) {
      const runner = openRunner(of, emptyJournal); // a statement that waits ends with its server
      runner.plan.value = planSeen(of.plan, await of.observe());
      for (const action of actions) await applyAction(runner, lesson.id, action).catch(leftOut);
    },
  };
}

const leftOut = ({ message }: Error): never => {
  throw new NotHere(message);
};

const happenings: Readonly<Record<string, (name: string, of: ContainerView) => Promise<unknown>>> = {
  stopped: (name) => docker('stop', name),
  paused: (name) => docker('pause', name),
  killed: (name) => docker('kill', name),
  'without a network': (name, { networks }) => docker('network', 'disconnect', networks[0]?.name ?? '', name),
};

function happening(random: Random): Wrong {
  const on = random.pick(['master', 'slave']);
  const what = random.pick(Object.keys(happenings));
  return {
    name: `${on} ${what}`,
    task: null,
    async make(lab) {
      const container = (await lab.observe()).servers[on]?.container;
      if (container) await happenings[what]?.(container.name, container).catch(leftOut);
    },
  };
}
