/** The lint's rules about names in lesson.md: the causes of hints, and the tasks that answer a question. */
import type { Block } from '../format/words.ts';
import type { LessonFacts, Task } from '../lesson.ts';
import { joinNames, pairs, type Rule, say } from './rule.ts';

const hintsNameCauses: Rule = ({ facts, words }) =>
  pairs(facts, words).flatMap(([task, { hints }]) =>
    hints.flatMap(({ causes = [], blocks }) => [
      ...causes
        .filter((cause) => !causesOf(task).includes(cause))
        .map(
          (cause) =>
            `a hint of task "${task.id}" is for the cause "${cause}", which its check never gives: name one of ${joinNames(causesOf(task))}`,
        ),
      ...say(
        causes.length > 0 && blocks.some(isCode),
        `the hint of task "${task.id}" for "${joinNames(causes)}" gives the answer away: leave its fence to a later hint, and say why and where`,
      ),
    ]),
  );

const isCode = ({ kind }: Block): boolean => kind === 'code';

export const causesOf = (task: Task): readonly string[] =>
  task.kind === 'answer' ? ['wrong-answer', 'not-answered'] : task.check.causes;

const predictionsAreShown: Rule = ({ facts, words, known }) =>
  words.tasks.flatMap(({ questions }) =>
    questions.flatMap(({ id, shows }) =>
      say(
        shows !== undefined && !namesTask(shows, facts, known.tasks),
        `question "${id}" is shown by "${shows}", which is no task that looks at servers: write "task-id" of this lesson, or "lesson-id/task-id"`,
      ),
    ),
  );

function namesTask(name: string, { tasks }: LessonFacts, all: readonly string[]): boolean {
  if (name.includes('/')) return all.includes(name);
  return tasks.some(({ id, kind }) => id === name && kind !== 'answer');
}

export const nameRules: readonly Rule[] = [hintsNameCauses, predictionsAreShown];
