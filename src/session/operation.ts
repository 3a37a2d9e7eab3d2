/** What the screen shows after an operation has ended. */
import type { Notice } from './notice.ts';
import type { Operation, PlannedOperation, Session, SessionEvent } from './session.ts';
import { withProblem } from './transition.ts';

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
  return operation.do === 'reset'
    ? { ...done, pane: 'words', block: null, scroll: { ...done.scroll, words: 0 } }
    : done;
}

function doneNotice(session: Session, operation: Operation): Notice {
  switch (operation.do) {
    case 'solve':
      return { kind: 'solved', title: titleOf(session, operation) };
    case 'reset':
      return { kind: 'reset done', title: titleOf(session, operation) };
    case 'measure':
      return { kind: 'measured' };
  }
}

function titleOf({ lessons }: Session, operation: PlannedOperation): string {
  const [lessonId, taskId] = operation.do === 'solve' ? operation.task.split('/') : [operation.lesson];
  const lesson = lessons.find(({ id }) => id === lessonId);
  const index = lesson?.tasks.findIndex(({ id }) => id === taskId) ?? -1;
  return (index < 0 ? lesson?.words.title : lesson?.words.tasks[index]?.title) ?? '';
}
