/** The tasks of a lesson with their verdicts; the current one is open. */

import { planSeen } from '../lab/plan-seen.ts';
import { stepWords } from '../lesson/step.ts';
import { maskText } from '../postgres/mask.ts';
import { isFinished, type TaskState } from '../session/judge.ts';
import { unscrolled } from '../session/moves.ts';
import { currentLesson, currentTask, isComplete, type Session } from '../session/session.ts';
import { indented, oneLine } from './fit.ts';
import { messages } from './messages.ts';
import { layout, type ProseContext } from './prose.ts';
import { type Area, textPane } from './reading.ts';
import { hang, titleLines, titlePieces, verdictLines } from './verdict.ts';
import { type Line, lineColumns, piece, touchable } from './wrap.ts';

export const taskLines = (session: Session, prose: ProseContext): readonly Line[] => tasksPart(session, prose).lines;

/** In a part of the screen: the current task is in sight until it is scrolled. */
export function tasksPane(session: Session, prose: ProseContext, height: (lines: number) => number): Area {
  const { lines, current } = tasksPart(session, prose);
  const shown = height(lines.length);
  const { tasks: top } = session.scroll;
  return textPane(lines, top === unscrolled ? Math.min(current.first, current.last - shown + 1) : top, shown);
}

type Part = { readonly lines: readonly Line[]; readonly current: { readonly first: number; readonly last: number } };

function tasksPart(session: Session, prose: ProseContext): Part {
  const { tasks, plan, blind, passed, pane } = session;
  const { width } = prose;
  const top = { first: 0, last: 0 };
  if (blind) return { lines: verdictLines({ kind: 'unknown', problem: blind }, plan, width), current: top };
  if (tasks.length === 0) return { lines: [[piece(messages.looking, 'detail')]], current: top };
  const indent = width < 50 ? 2 : 4;
  const current = currentTask(session);
  const broken = new Set(session.broken.map(({ key }) => key));
  const parts = tasks.map((state, at): readonly Line[] => {
    const isBroken = broken.has(state.key);
    const mark = pane === 'tasks' && state === current ? '▸' : ' ';
    const titled = titleLines(state, isBroken, `${at + 1}${mark}`, width, passed?.tasks.includes(state.key));
    const title = touchable(titled, { key: `${at + 1}` });
    const isOpen = isBroken || (state === current && !(isComplete(session) && session.selected === null));
    return isOpen ? [...title, ...indented(verdictOf(state, isBroken, session, width - indent), indent)] : title;
  });
  const doing = doingLine(session);
  const working = doing ? [[], doing] : [];
  const isWell = isComplete(session) && !tasks.some(({ key }) => broken.has(key));
  const lines = [...parts.flat(), ...working, ...(isWell && !doing ? completeLines(session, prose) : [])];
  const at = current ? tasks.indexOf(current) : 0;
  const first = parts.slice(0, at).flat().length;
  return { lines, current: { first, last: first + (parts[at]?.length ?? 1) - 1 } };
}

/** What the workshop does to the lab at this moment. */
export const doingLine = ({ deed, elsewhere }: Session): Line | null =>
  deed ? [piece(messages.deed[deed.do], 'warning')] : elsewhere ? [piece(messages.elsewhere, 'warning')] : null;

/** A finished task that is not broken says what was seen when it was done: looks in between are no news. */
export function verdictOf(state: TaskState, broken: boolean, session: Session, width: number): readonly Line[] {
  const { verdict, done } = state;
  const { plan, now, step, pane } = session;
  const isCurrent = pane === 'tasks' && state.key === currentTask(session)?.key;
  return verdictLines(
    done && !broken && verdict.kind !== 'pass' ? { kind: 'pass', seen: done.seen } : verdict,
    planSeen(plan, now),
    width,
    { step: isCurrent ? step : null },
  );
}

/** The two sentences of the lesson, where the eye is when the last task passes. */
function completeLines(session: Session, prose: ProseContext): readonly Line[] {
  const { remember } = currentLesson(session).words;
  const says = [piece(`${messages.complete} `, 'good'), piece(messages.goesOn)];
  const rest = prose.width - lineColumns(says) - 1;
  return [
    [],
    session.passed && rest > 0 ? [...says, piece(` ${'━'.repeat(rest)}`, 'good')] : says,
    ...(remember.length > 0 ? [[], ...layout(remember, prose)] : []),
  ];
}

export const progressWords = ({ tasks }: Session): string =>
  messages.progress(tasks.filter(isFinished).length, tasks.length);

/** What broke under the learner's feet: a task of an earlier lesson; on a small screen only which. Whoever cannot look does not know. */
export function bannerLines(
  { broken, blind, plan, now, lessons, kept }: Session,
  width: number,
  rows = Number.POSITIVE_INFINITY,
): readonly Line[] {
  if (blind) return [];
  const [first, ...more] = broken.filter(({ lesson }) => lesson.id !== (kept.progress.lesson || lessons[0]?.id));
  if (first?.verdict.kind !== 'fail') return [];
  const { verdict, lesson, words } = first;
  const which = [piece(messages.brokenGround(lesson.number, words.title, more.length), 'trouble')];
  const lines = [
    ...hang([piece('! ', 'trouble')], which, width),
    ...hang([piece('  ')], [piece(maskText(verdict.seen))], width),
    ...verdict.next
      .slice(0, 1)
      .flatMap((step) => hang([piece('  → ', 'key')], [piece(stepWords(step, planSeen(plan, now)), 'code')], width)),
  ];
  return lines.length > rows ? [oneLine([piece('! ', 'trouble'), ...which], width)] : lines;
}

/** One line on the current task, for a screen that shows something else. */
export function statusLine(session: Session, width: number): Line {
  const doing = doingLine(session);
  if (doing) return doing;
  const current = currentTask(session);
  if (!current || isComplete(session))
    return current ? [piece('✔ ', 'good'), piece(`${messages.complete} ${messages.goesOn}`)] : [];
  const { verdict, done } = current;
  const isBroken = session.broken.some(({ key }) => key === current.key);
  const fails = verdict.kind === 'fail' && (isBroken || !done);
  const seen = fails ? [piece(': ', 'detail'), piece(maskText(verdict.seen), 'trouble')] : [];
  return oneLine([...titlePieces(current, isBroken), ...seen], width);
}
