/** The states with which a lab is compared: the start of a lesson, and what the lesson's own solutions lead to. */
import type { Observation } from '../lab/observation.ts';
import type { Problem } from '../lab/problem.ts';
import type { ServerDifference } from '../lab/state/difference.ts';
import { type StateFacts, stateFactsOf } from '../lab/state/facts.ts';
import { readStart } from '../lab/state/starts.ts';
import type { Lesson } from '../lesson/lesson.ts';
import type { OpenedLab } from './opened-lab.ts';
import { preparedFacts } from './operations/prepared-facts.ts';

export type ComparedWith = 'start' | 'solution';

/** `at`: when the state with which the lab was compared was seen; of a solution, when it was prepared. */
export type StateComparison = {
  readonly with: ComparedWith;
  readonly lesson: string;
  readonly at: string;
  readonly servers: readonly ServerDifference[];
};

export const hasNoChange = ({ servers }: StateComparison): boolean => servers.every(({ parts }) => parts.length === 0);

/**
 * From the start to now, or from now to the solution. Resolves with a problem where the other state is not known.
 * Writes nothing.
 */
export async function compareState(
  opened: Pick<OpenedLab, 'lab' | 'lessons' | 'cache'>,
  now: Observation,
  against: ComparedWith,
  lesson: Lesson,
): Promise<StateComparison | Problem> {
  const { lab, lessons } = opened;
  const solved = lessons.filter(({ number }) => number <= lesson.number);
  const facts =
    against === 'start'
      ? await startFacts(opened, lesson)
      : ((await preparedFacts(opened, solved)) ?? noSolution(lesson));
  if ('what' in facts) return facts;
  const { differenceOf } = await import('../lab/state/difference.ts');
  const here = stateFactsOf(now, lab.plan);
  const servers = against === 'start' ? differenceOf(facts, here) : differenceOf(here, facts);
  return { with: against, lesson: lesson.id, at: facts.at, servers };
}

/** As it was kept; else as it is prepared. */
async function startFacts(
  opened: Pick<OpenedLab, 'lab' | 'lessons' | 'cache'>,
  { id, number }: Lesson,
): Promise<StateFacts | Problem> {
  const read = readStart(opened.lab.dir, id);
  if (read.kind === 'value') return read.value;
  if (read.kind === 'unreadable')
    return {
      what: `starts.json cannot be read (${read.why}), so the start of lesson ${number} is not known.`,
      fix: 'Open the workshop ("repl-workshop"): it sets the file aside, and begins a new one.',
    };
  const before = opened.lessons.filter((lesson) => lesson.number < number);
  const prepared = await preparedFacts(opened, before);
  if (prepared) return prepared;
  return {
    what: `The state at the start of lesson ${number} was not kept.`,
    fix: `It is kept when you come to a lesson by the screen, next, goto or reset. "repl-workshop goto ${number}" makes that start again ("repl-workshop undo" brings this state back).`,
  };
}

const noSolution = ({ number }: Lesson): Problem => ({
  what: `The state that the solutions of lesson ${number} lead to is not prepared on this machine.`,
  fix: `"repl-workshop prepare" prepares it; "repl-workshop solve ${number} --dry-run" says what the solutions of the tasks would do.`,
});
