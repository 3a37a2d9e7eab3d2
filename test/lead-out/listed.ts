/** The mistakes that lessons list, as mutations. */
import lessonsHere from '../../lessons/index.ts';
import { emptyJournal } from '../../src/check/journal.ts';
import { readerHere } from '../../src/cli/opening/access.ts';
import { applyAction, openRunner } from '../../src/lesson/apply.ts';
import { isFor } from '../../src/lesson/format/fill.ts';
import type { Lesson, Mistake } from '../../src/lesson/lesson.ts';
import type { Random } from '../postgres/against/random.ts';
import type { Mutation } from './families/kind.ts';
import { NotHere, type World } from './world.ts';

/** Answers and measurements are in the journal, not in the lab. */
const isOfTheLab = ({ actions }: Mistake): boolean =>
  actions.length > 0 && actions.every((action) => action.do !== 'answer' && action.do !== 'measure');

const listedIn = (world: World, lesson: Lesson): readonly Mistake[] =>
  lesson.mistakes.filter((one) => isOfTheLab(one) && isFor(one.only, readerHere(world.lab.plan)));

const made = (lesson: Lesson, mistake: Mistake): Mutation => ({
  name: `listed: ${lesson.number} ${mistake.id}`,
  async apply(world) {
    const runner = openRunner(world.lab, emptyJournal); // a statement that waits ends with its server
    for (const action of mistake.actions)
      await applyAction(runner, lesson.id, action).catch((error: Error) => {
        throw new NotHere(error.message);
      });
  },
});

/** A mistake of this lesson, and the task at which it is made. */
export function ownMistake(
  world: World,
  lesson: Lesson,
  random: Random,
): { task: string; mutation: Mutation } | undefined {
  const all = listedIn(world, lesson);
  if (all.length === 0) return undefined;
  const mistake = random.pick(all);
  return { task: mistake.caught.task, mutation: made(lesson, mistake) };
}

/** A mistake of an earlier lesson. */
export function earlierMistake(world: World, number: number, random: Random): Mutation | undefined {
  const all = lessonsHere
    .filter((lesson) => lesson.number < number)
    .flatMap((lesson) => listedIn(world, lesson).map((mistake) => made(lesson, mistake)));
  return all.length === 0 ? undefined : random.pick(all);
}
