/** answer: saves the learner's choice for a question of the current lesson, and explains it. */
import { ProblemError } from '../../../lab/problem.ts';
import { applyChanges, lessonHere } from '../../../learner/progress.ts';
import { taskKey } from '../../../lesson/lesson.ts';
import { questionsOf } from '../../../lesson/task.ts';
import type { Run } from '../../command.ts';
import { atMost, openLab } from '../../opening/access.ts';
import { judge, lookAndKeep, plainOf } from '../../opening/evaluate.ts';
import { renderAnswer, renderNext, renderQuestion } from '../../plain.ts';

export const answer: Run = async (invocation) => {
  atMost(invocation, 2, 'answer <question> <choice>');
  const { io, args } = invocation;
  const opened = await openLab(invocation);
  const lesson = lessonHere(opened.lessons, opened.learner.progress);
  const questions = lesson.tasks.flatMap((task, index) =>
    questionsOf({ task, words: lesson.words.tasks[index] ?? noWords }),
  );
  const question = questions.find(({ id }) => id === args[0]);
  if (!question) {
    const known = questions.map(({ id }) => id).join(', ');
    throw new ProblemError(
      {
        what: args[0] === undefined ? 'Which question?' : `Lesson ${lesson.number} has no question "${args[0]}".`,
        fix: known ? `It asks: ${known}.` : 'It asks nothing.',
      },
      2,
    );
  }
  const plain = plainOf(opened, opened.learner, invocation);
  const choice = question.choices.find(({ id }) => id === args[1]?.toLowerCase());
  if (!choice) {
    io.out(renderQuestion(question, plain));
    throw new ProblemError(
      {
        what: args[1] === undefined ? 'Which choice?' : `There is no choice "${args[1]}".`,
        fix: `repl-workshop answer ${question.id} ${question.choices.map(({ id }) => id).join('|')}`,
      },
      2,
    );
  }
  const at = new Date().toISOString();
  const { seen, learner } = await lookAndKeep(opened, (before) =>
    applyChanges(before, [
      { kind: 'answer', question: taskKey(lesson.id, question.id), answer: { choice: choice.id, at } },
    ]),
  );
  io.out(renderAnswer(choice, plain));
  io.out(renderNext(judge(opened, lesson, seen, learner), learner, plainOf(opened, learner, invocation, seen.now)));
  return choice.right ? 0 : 1;
};

const noWords = { title: '', blocks: [], hints: [], questions: [] };
