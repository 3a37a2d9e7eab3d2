/** What lies over a lesson for a while: questions, hints, the lesson list, the story of a log, settings, the keys. */
import { currentLesson, type Overlay, type Planned, type Session } from '../session/session.ts';
import { commitSheet } from './commit.ts';
import { endSheet } from './ending.ts';
import { helpLines } from './help.ts';
import { hintsSheet } from './hints.ts';
import { layersSheet } from './layers.ts';
import { lessonsSheet } from './lesson-list.ts';
import { storySheet } from './log-story.ts';
import { mapSheet } from './map.ts';
import { messages } from './messages.ts';
import { preferencesSheet } from './preferences.ts';
import type { ProseContext } from './prose.ts';
import { questionSheet } from './question.ts';
import type { Sheet } from './sheet.ts';
import { hang, verdictLines } from './verdict.ts';
import { welcomeSheet } from './welcome.ts';
import { piece, wrap } from './wrap.ts';

export function sheetOf(
  overlay: Overlay,
  session: Session,
  prose: ProseContext,
  planOf: (deed: Planned) => readonly string[],
): Sheet {
  switch (overlay.kind) {
    case 'map':
      return mapSheet(session, prose.width);
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
      return hintsSheet(state, overlay.newest, session.kept.progress, prose);
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
  planOf: (deed: Planned) => readonly string[],
): Sheet {
  const lesson = currentLesson(session);
  const task = what.do === 'solve' ? session.tasks.find(({ key }) => key === what.task)?.words.title : undefined;
  const [title = '', ...more] = messages.confirm(
    what,
    { number: lesson.number, title: lesson.words.title },
    task ?? '',
  );
  const plan = what.do === 'solve' || what.do === 'reset' ? planOf(what) : [];
  const lines = [
    ...more.flatMap((text) => wrap([piece(text)], width)),
    ...(plan.length > 0 ? [[], [piece(messages.plan, 'strong')]] : []),
    ...plan.flatMap((step) => hang([piece('  ')], [piece(step, 'code')], width)),
  ];
  return { title, lines, whole: false };
}
