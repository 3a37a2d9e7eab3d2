/** The verdict of a task of any kind, and the questions of answer tasks. */
import type { Journal, Seen } from '../check/journal.ts';
import type { Verdict } from '../check/verdict.ts';
import type { Block, Choice, Question, Span, TaskWords } from './format/words.ts';
import { type Lesson, type Task, taskKey } from './lesson.ts';

/** A task with its words: both have the same index in the lesson. */
export type TaskOfLesson = { readonly lesson: Lesson; readonly task: Task; readonly words: TaskWords };

export function tasksOf(lesson: Lesson): readonly TaskOfLesson[] {
  return lesson.tasks.map((task, index) => {
    const words = lesson.words.tasks[index];
    if (!words) throw new Error(`task ${taskKey(lesson.id, task.id)} has no words in lesson.md`);
    return { lesson, task, words };
  });
}

/** An event task that has passed once is in the journal and passes from then on. */
export function verdictOf(one: TaskOfLesson, seen: Seen): Verdict {
  const { lesson, task } = one;
  if (task.kind === 'answer') return judgeAnswers(one, seen.journal);
  const kept = task.kind === 'event' ? seen.journal.events[taskKey(lesson.id, task.id)] : undefined;
  if (kept) return { kind: 'pass', seen: kept.seen };
  return seen.now.unseen ? { kind: 'unknown', problem: seen.now.unseen } : task.check(seen);
}

export const questionsOf = ({ task, words }: Pick<TaskOfLesson, 'task' | 'words'>): readonly Question[] =>
  task.kind === 'answer' ? words.questions.filter(({ id }) => task.questions.includes(id)) : [];

export const choiceTaken = (lesson: Lesson, question: Question, journal: Journal): Choice | undefined =>
  question.choices.find(({ id }) => id === journal.answers[taskKey(lesson.id, question.id)]?.choice);

/** The first question without a right answer; undefined when there is none. */
export const nextQuestion = (one: TaskOfLesson, journal: Journal): Question | undefined =>
  questionsOf(one).find((question) => !choiceTaken(one.lesson, question, journal)?.right);

function judgeAnswers(one: TaskOfLesson, journal: Journal): Verdict {
  const questions = questionsOf(one);
  const question = nextQuestion(one, journal);
  if (!question)
    return {
      kind: 'pass',
      seen: questions.length === 1 ? 'answered, and right' : `all ${questions.length} answered, and right`,
    };
  const which =
    questions.length === 1 ? 'the question' : `question ${questions.indexOf(question) + 1} of ${questions.length}`;
  const taken = choiceTaken(one.lesson, question, journal);
  const next = [{ do: 'answer', question: question.id }] as const;
  if (!taken)
    return {
      kind: 'fail',
      cause: 'not-answered',
      seen: `${which} has no answer yet`,
      want: 'what you expect; a wrong guess costs nothing',
      next,
    };
  const seen = `to ${which} you said: ${spansText(taken.says)}`;
  return { kind: 'fail', cause: 'wrong-answer', seen, want: 'another answer', why: blocksText(taken.because), next };
}

const spansText = (spans: readonly Span[]): string => spans.map(({ text }) => text).join('');
const blocksText = (blocks: readonly Block[]): string =>
  blocks.flatMap((block) => (block.kind === 'paragraph' ? [spansText(block.spans)] : [])).join(' ');
