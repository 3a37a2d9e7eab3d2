/** The tasks of a lesson with their verdicts; the current one is open. */

import { stepWords } from '../lesson/step.ts';
import { maskText } from '../postgres/mask.ts';
import { isFinished, type TaskState } from '../session/judge.ts';
import { currentLesson, currentTask, isComplete, type Session } from '../session/session.ts';
import { indented } from './fit.ts';
import { messages } from './messages.ts';
import { layout, type ProseContext } from './prose.ts';
import { hang, titleLines, verdictLines } from './verdict.ts';
import { type Line, piece, touchable, wrap } from './wrap.ts';

export function taskLines(session: Session, prose: ProseContext): readonly Line[] {
  const { tasks, plan, deed, blind } = session;
  const { width } = prose;
  if (blind) return verdictLines({ kind: 'unknown', problem: blind }, plan, width);
  if (tasks.length === 0) return [[piece(messages.looking, 'detail')]];
  const indent = width < 50 ? 2 : 4;
  const current = currentTask(session);
  const broken = new Set(session.broken.map(({ key }) => key));
  const lines = tasks.flatMap((state, at): readonly Line[] => {
    const isBroken = broken.has(state.key);
    const title = touchable(titleLines(state, isBroken, `${at + 1} `, width), { key: `${at + 1}` });
    const isOpen = isBroken || (state === current && !(isComplete(session) && session.selected === null));
    return isOpen ? [...title, ...indented(verdictOf(state, isBroken, session, width - indent), indent)] : title;
  });
  const working = deed ? [[], [piece(messages.deed[deed.do], 'warning')]] : [];
  const isWell = isComplete(session) && !tasks.some(({ key }) => broken.has(key));
  return [...lines, ...working, ...(isWell && !deed ? completeLines(session, prose) : [])];
}

/** A finished task that is not broken says what was seen when it was done: looks in between are no news. */
function verdictOf(state: TaskState, broken: boolean, { plan }: Session, width: number): readonly Line[] {
  const { verdict, done } = state;
  return verdictLines(
    done && !broken && verdict.kind !== 'pass' ? { kind: 'pass', seen: done.seen } : verdict,
    plan,
    width,
  );
}

/** The two sentences of the lesson, where the eye is when the last task passes. */
function completeLines(session: Session, prose: ProseContext): readonly Line[] {
  const { remember } = currentLesson(session).words;
  return [
    [],
    [piece(`${messages.complete} `, 'good'), piece(messages.goesOn)],
    ...(remember.length > 0 ? [[], ...layout(remember, prose)] : []),
  ];
}

export const progressWords = ({ tasks }: Session): string =>
  messages.progress(tasks.filter(isFinished).length, tasks.length);

/** What broke under the learner's feet: a task of an earlier lesson. */
export function bannerLines({ broken, plan, lessons, kept }: Session, width: number): readonly Line[] {
  const [first, ...more] = broken.filter(({ lesson }) => lesson.id !== (kept.progress.lesson || lessons[0]?.id));
  if (first?.verdict.kind !== 'fail') return [];
  const { verdict, lesson, words } = first;
  return [
    ...hang(
      [piece('✖ ', 'trouble')],
      [piece(messages.brokenGround(lesson.number, words.title, more.length), 'trouble')],
      width,
    ),
    ...hang([piece('  ')], [piece(maskText(verdict.seen))], width),
    ...verdict.next
      .slice(0, 1)
      .flatMap((step) => hang([piece('  → ', 'key')], [piece(stepWords(step, plan), 'code')], width)),
  ];
}

/** One line on the current task, for a screen that shows something else. */
export function statusLine(session: Session, width: number): Line {
  const current = currentTask(session);
  if (!current || isComplete(session))
    return current ? [piece('✔ ', 'good'), piece(`${messages.complete} ${messages.goesOn}`)] : [];
  const seen = current.verdict.kind === 'fail' ? [piece(': ', 'detail'), piece(current.verdict.seen, 'trouble')] : [];
  const [title = []] = titleLines(current, false, '', width);
  return wrap([...title, ...seen], width)[0] ?? [];
}
