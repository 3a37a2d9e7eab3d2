/** The sheet of each overlay. An open log has no sheet (log/view.ts draws it), except for its story. */
import { currentLesson, type Overlay, type PlannedOperation, type Session } from '../../session/session.ts';
import { commitSheet } from '../commit/commit.ts';
import type { Sheet } from '../layout/sheet.ts';
import { piece, wrap } from '../layout/wrap.ts';
import { storySheet } from '../log/story.ts';
import { mapSheet } from '../map/map.ts';
import { messages } from '../messages.ts';
import type { ProseContext } from '../page/prose.ts';
import { hintsSheet } from '../tasks/hints.ts';
import { layersSheet } from '../tasks/layers.ts';
import { questionSheet } from '../tasks/question.ts';
import { hang, verdictLines } from '../tasks/verdict.ts';
import { changesSheet } from './changes.ts';
import { endSheet } from './ending.ts';
import { helpLines } from './help.ts';
import { lessonsSheet } from './lesson-list.ts';
import { preferencesSheet } from './preferences.ts';
import { welcomeSheet } from './welcome.ts';

export function sheetOf(
  overlay: Overlay,
  session: Session,
  prose: ProseContext,
  planOf: (operation: PlannedOperation) => readonly string[],
): Sheet {
  switch (overlay.kind) {
    case 'map':
      return mapSheet(session, prose.width);
    case 'changes':
      return changesSheet(session, overlay, prose);
    case 'commit':
      return commitSheet(session, overlay, prose.width);
    case 'help':
      return { title: messages.help, lines: helpLines(session, prose.width), whole: true };
    case 'welcome':
      return welcomeSheet(session, prose.width);
    case 'settings':
      return preferencesSheet(session, overlay.cursor, prose.width);
    case 'end':
      return endSheet(session, prose.width);
    case 'lessons':
      return lessonsSheet(session, overlay.cursor, prose.width);
    case 'layers':
      return layersSheet(session, overlay, prose.width);
    case 'hints': {
      const state = session.tasks.find(({ key }) => key === overlay.task);
      return hintsSheet(state, overlay.newest, session.learner.progress, prose);
    }
    case 'log':
      return storySheet(overlay, prose.width);
    case 'question':
      return questionSheet(session, overlay, prose);
    case 'confirm':
      return confirmSheet(session, overlay, prose.width, planOf);
    case 'problem': {
      const lines = verdictLines({ kind: 'unknown', problem: overlay.problem }, session.plan, prose.width);
      return { title: messages.problem, lines, whole: false };
    }
  }
}

function confirmSheet(
  session: Session,
  { what }: Extract<Overlay, { kind: 'confirm' }>,
  width: number,
  planOf: (operation: PlannedOperation) => readonly string[],
): Sheet {
  const lesson = currentLesson(session);
  const task = what.do === 'solve' ? session.tasks.find(({ key }) => key === what.task)?.words.title : undefined;
  const [title = '', ...more] = messages.confirm(
    what,
    { number: lesson.number, title: lesson.words.title },
    task ?? '',
  );
  const plan = what.do === 'skip' || what.do === 'quit' ? [] : planOf(what);
  const lines = [
    ...more.flatMap((text) => wrap([piece(text)], width)),
    ...(plan.length > 0 ? [[], [piece(messages.plan, 'strong')]] : []),
    ...plan.flatMap((step) => hang([piece('  ')], [piece(step, 'code')], width)),
  ];
  return { title, lines, whole: false };
}
