/** The lesson list: the progress and duration of each lesson, and the time that is left. */
import { type Lesson, taskKey } from '../../lesson/lesson.ts';
import { currentLesson, type Session } from '../../session/session.ts';
import { columns } from '../../terminal/width.ts';
import type { Sheet } from '../layout/sheet.ts';
import { type Line, type Piece, piece, touchable, wrap } from '../layout/wrap.ts';
import { messages } from '../messages.ts';
import { hang } from '../tasks/verdict.ts';

export function lessonsSheet(session: Session, cursor: number, width: number): Sheet {
  const { lessons } = session;
  const summary = wrap([piece(summaryOf(session), 'detail')], width);
  const wide = Math.max(...lessons.map(({ words }) => columns(words.title)));
  const hasColumns = width >= wide + columnsBeside;
  const rows = lessons.map((lesson, at) => {
    const mark = cursorMark(at === cursor);
    const title = piece(lesson.words.title, at === cursor ? 'chosen' : 'text');
    const gap = piece(' '.repeat(wide - columns(lesson.words.title) + 2));
    const lead = [mark, glyphOf(session, lesson), piece(` ${String(lesson.number).padStart(2)}  `, 'detail')];
    const about = piece(aboutOf(session, lesson, hasColumns), 'detail');
    const text = hasColumns ? [title, gap, about] : [title, piece('\n'), about];
    return touchable(hang(lead, text, width), { row: at });
  });
  const isLast = cursor === lessons.length;
  const end: Line = [cursorMark(isLast), piece('      '), piece(messages.end.title, isLast ? 'chosen' : 'text')];
  const lines = [...summary, [], ...rows.flat(), [], ...touchable([end], { row: lessons.length })];
  const focus = isLast ? lines.length - 1 : summary.length + 1 + rows.slice(0, cursor + 1).flat().length - 1;
  return { title: messages.lessons, lines, whole: true, focus };
}

const columnsBeside = 44; // cursor, glyph and number before a title; tasks, minutes and standing after it

const cursorMark = (isHere: boolean): Piece => piece(isHere ? '▸ ' : '  ', 'key');

function glyphOf(session: Session, lesson: Lesson): Piece {
  const standing = lessonStanding(session, lesson);
  if (standing === 'done' || standing === 'assisted') return piece('✔', 'good');
  return standing === 'begun' ? piece('●', 'note') : piece('○', 'detail');
}

/** '2 of 3   10 min   done, with help' */
function aboutOf(session: Session, lesson: Lesson, inColumns: boolean): string {
  const here = lesson === currentLesson(session) ? messages.youAreHere : '';
  const standing = lessonStanding(session, lesson);
  const words = [here && standing === 'begun' ? '' : messages.lesson[standing], here].filter(Boolean).join(', ');
  const tasks = messages.progress(doneIn(session, lesson), lesson.tasks.length);
  const minutes = messages.minutes(lesson.minutes);
  if (inColumns) return `${tasks.padEnd(8)}${minutes.padStart(7)}   ${words}`.trimEnd();
  return [tasks, minutes, words].filter(Boolean).join(' · ');
}

function summaryOf(session: Session): string {
  const { lessons } = session;
  const all = lessons.reduce((sum, { tasks }) => sum + tasks.length, 0);
  const done = lessons.reduce((sum, lesson) => sum + doneIn(session, lesson), 0);
  return messages.lessonsDone(done, all, minutesLeft(session));
}

/** The minutes of all lessons that are not done. */
export const minutesLeft = (session: Session): number =>
  session.lessons
    .filter((lesson) => doneIn(session, lesson) < lesson.tasks.length)
    .reduce((sum, { minutes }) => sum + minutes, 0);

const doneIn = ({ learner: { progress } }: Pick<Session, 'learner'>, { id, tasks }: Lesson): number =>
  tasks.filter((task) => progress.done[taskKey(id, task.id)]).length;

export function lessonStanding(session: Pick<Session, 'learner'>, lesson: Lesson): keyof typeof messages.lesson {
  const { done, opened } = session.learner.progress;
  const count = doneIn(session, lesson);
  if (count === lesson.tasks.length)
    return lesson.tasks.some(({ id }) => done[taskKey(lesson.id, id)]?.assisted) ? 'assisted' : 'done';
  return opened[lesson.id] || count > 0 ? 'begun' : 'fresh';
}
