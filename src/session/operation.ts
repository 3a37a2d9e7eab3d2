/** What the screen shows after an operation has ended. */
import type { Notice } from './notice.ts';
import type { Operation, PlannedOperation, Session, SessionEvent } from './session.ts';
import { withProblem } from './transition.ts';

/** Whether an operation is under way that can be stopped, and is not. A step of undo or redo takes a moment only. */
export const canStop = ({ operation, stopping }: Session): boolean =>
  operation !== null && operation.do !== 'undo' && operation.do !== 'redo' && !stopping;

export function operationEnded(
  session: Session,
  { operation, problem, stopped }: Extract<SessionEvent, { kind: 'operation ended' }>,
): Session {
  const saves = session.saves + 1; // the operation has written the learner's files: a look under way has read old ones
  const ended: Session = {
    ...session,
    operation: null,
    stepProgress: null,
    stopping: false,
    saves,
    startOf: '',
    advice: [],
    failing: [],
    broken: [],
  };
  if (problem) return withProblem(ended, problem);
  if (stopped) return { ...ended, notice: { kind: 'stopped' } };
  const done: Session = {
    ...ended,
    overlay: null,
    under: null,
    selected: null,
    notice: doneNotice(session, operation),
  };
  return operation.do === 'reset' || operation.do === 'undo' || operation.do === 'redo'
    ? { ...done, pane: 'words', block: null, scroll: { ...done.scroll, words: 0 } }
    : done;
}

function doneNotice(session: Session, operation: Operation): Notice {
  switch (operation.do) {
    case 'solve':
      return { kind: 'solved', title: titleOf(session, operation) };
    case 'reset':
      return { kind: 'reset done', title: titleOf(session, operation) };
    case 'undo':
      return { kind: 'undo done' };
    case 'redo':
      return { kind: 'redo done' };
    case 'measure':
      return { kind: 'measured' };
  }
}

function titleOf({ lessons }: Session, operation: Extract<PlannedOperation, { do: 'solve' | 'reset' }>): string {
  const [lessonId, taskId] = operation.do === 'solve' ? operation.task.split('/') : [operation.lesson];
  const lesson = lessons.find(({ id }) => id === lessonId);
  const index = lesson?.tasks.findIndex(({ id }) => id === taskId) ?? -1;
  return (index < 0 ? lesson?.words.title : lesson?.words.tasks[index]?.title) ?? '';
}
