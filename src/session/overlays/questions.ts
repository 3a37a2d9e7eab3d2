/** Questions on the screen: which one is asked, which choice was taken, and which question is next. */

import type { TaskState } from '../../learner/judge.ts';
import type { Question } from '../../lesson/format/words.ts';
import { taskKey } from '../../lesson/lesson.ts';
import { nextQuestion, questionsOf } from '../../lesson/task.ts';
import type { Overlay, Session } from '../session.ts';
import { andThen, clamp, notify, remember, show, type Transition } from '../transition.ts';

export type QuestionSheet = Extract<Overlay, { kind: 'question' }>;

export function ask(session: Session, state: TaskState | undefined): Transition {
  if (session.readOnly) return notify(session, { kind: 'only looking' });
  const question = state && (nextQuestion(state, session.learner.journal) ?? questionsOf(state)[0]);
  if (!question) return notify(session, { kind: 'no question' });
  return show(session, { kind: 'question', task: state.key, question: question.id, cursor: 0, taken: null });
}

/** The question of an overlay with its task; undefined when the lesson has changed meanwhile. */
export function questionAsked(
  session: Session,
  asked: QuestionSheet,
): { state: TaskState; question: Question } | undefined {
  const state = session.tasks.find(({ key }) => key === asked.task);
  const question = state?.words.questions.find(({ id }) => id === asked.question);
  return state && question && { state, question };
}

export function choose(session: Session, asked: QuestionSheet, choice: string): Transition {
  const found = questionAsked(session, asked);
  if (asked.taken !== null || !found?.question.choices.some(({ id }) => id === choice)) return [session, []];
  const question = taskKey(found.state.lesson.id, asked.question);
  const [answered] = show(session, { ...asked, taken: choice });
  const changes = [{ kind: 'answer', question, answer: { choice, at: session.clock } }] as const;
  return andThen(remember(answered, changes), (next) => settle(next, asked.task));
}

/** The last right answer completes a task of questions; that needs no look at the servers. */
function settle(session: Session, key: string): Transition {
  const state = session.tasks.find((task) => task.key === key);
  if (state?.verdict.kind !== 'pass' || state.done) return [session, []];
  return remember(session, [{ kind: 'done', task: key, done: { at: session.clock, seen: state.verdict.seen } }]);
}

/** Enter takes the choice under the cursor; from the explanation it goes on to the next question, or closes. */
export function acceptQuestion(session: Session, asked: QuestionSheet): Transition {
  const found = questionAsked(session, asked);
  if (asked.taken === null) return choose(session, asked, found?.question.choices[asked.cursor]?.id ?? '');
  const closed: Session = { ...session, overlay: null };
  return found && nextQuestion(found.state, session.learner.journal) ? ask(closed, found.state) : [closed, []];
}

/** True when Enter asks the same question again, as after a wrong answer. */
export function asksAgain(session: Session, asked: QuestionSheet): boolean {
  const found = questionAsked(session, asked);
  return found !== undefined && nextQuestion(found.state, session.learner.journal)?.id === asked.question;
}

export function moveChoice(session: Session, asked: QuestionSheet, by: 1 | -1): Transition {
  const count = questionAsked(session, asked)?.question.choices.length ?? 0;
  return show(session, { ...asked, cursor: clamp(asked.cursor + by, count) });
}
