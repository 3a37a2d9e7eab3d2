/** What lies over a lesson for a while: questions, hints, the lesson list, the story of a log, the keys. */

import { type Lesson, taskKey } from '../lesson/lesson.ts';
import { currentLesson, type Overlay, type Planned, type Session } from '../session/session.ts';
import { commitSheet } from './commit.ts';
import { hintsSheet } from './hints.ts';
import { helpLines } from './keys.ts';
import { layersSheet } from './layers.ts';
import { storySheet } from './log-story.ts';
import { mapSheet } from './map.ts';
import { messages } from './messages.ts';
import type { ProseContext } from './prose.ts';
import { questionSheet } from './question.ts';
import { hang, verdictLines } from './verdict.ts';
import { type Line, piece, wrap } from './wrap.ts';

/** `whole`: it takes the whole body also on a wide screen. `focus`: the last line that must be seen; `least`: the first, where both have no room. */
export type Sheet = {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly whole: boolean;
  readonly focus?: number;
  readonly foot?: readonly Line[]; // stays in sight below it
  readonly least?: number;
};

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
      return { title: messages.help, lines: helpLines(session), whole: true };
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

function lessonsSheet(session: Session, cursor: number, width: number): Sheet {
  const rows = session.lessons.map((lesson, at): readonly Line[] => {
    const how = lessonStanding(session, lesson);
    const sign =
      how === 'done' || how === 'assisted' ? piece('✔ ', 'good') : piece(how === 'begun' ? '● ' : '  ', 'note');
    const title = piece(lesson.words.title, at === cursor ? 'chosen' : 'text');
    const here = lesson === currentLesson(session) ? messages.youAreHere : '';
    const word = [messages.minutes(lesson.minutes), messages.lesson[how], here].filter(Boolean).join(', ');
    return hang(
      [piece(at === cursor ? '▸' : ' ', 'key'), piece(`${String(lesson.number).padStart(2)} `, 'detail'), sign],
      [title, piece(`  ${word}`, 'detail')],
      width,
    );
  });
  return { title: messages.lessons, lines: rows.flat(), whole: true, focus: rows.slice(0, cursor).flat().length };
}

export function lessonStanding(
  { kept: { progress } }: Pick<Session, 'kept'>,
  lesson: Lesson,
): keyof typeof messages.lesson {
  const done = lesson.tasks.flatMap(({ id }) => progress.done[taskKey(lesson.id, id)] ?? []);
  if (done.length === lesson.tasks.length) return done.some(({ assisted }) => assisted) ? 'assisted' : 'done';
  return progress.opened[lesson.id] || done.length > 0 ? 'begun' : 'fresh';
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
