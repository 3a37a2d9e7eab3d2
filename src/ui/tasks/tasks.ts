/** The tasks of a lesson; the verdict of the current task is open. */

import { planSeen } from '../../lab/plan/plan-seen.ts';
import { shownText } from '../../lab/secrets/secrets.ts';
import { isFinished, type TaskState } from '../../learner/judge.ts';
import { stepWords } from '../../lesson/step.ts';
import { adviceOf } from '../../session/advice.ts';
import { currentLesson, currentTask, isComplete, type Session } from '../../session/session.ts';
import { unscrolled } from '../../session/transition.ts';
import { brokenFile } from '../../session/view/broken-file.ts';
import { elseSeen } from '../../session/view/else-seen.ts';
import { isFolded } from '../../session/view/folded.ts';
import { indented, oneLine } from '../layout/fit.ts';
import { type Line, lineColumns, piece, touchable } from '../layout/wrap.ts';
import { messages } from '../messages.ts';
import { layout, type ProseContext } from '../page/prose.ts';
import { type Area, textPane } from '../page/reading.ts';
import {
  type ComeBack,
  hang,
  nextWords,
  titleLines,
  titlePieces,
  type VerdictPart,
  verdictLines,
  verdictParts,
} from './verdict.ts';

export const taskLines = (session: Session, prose: ProseContext): readonly Line[] => tasksPart(session, prose).lines;

/** The tasks pane; the current task is in sight until the learner scrolls. `height` gets the number of all lines. */
export function tasksPane(session: Session, prose: ProseContext, height: (lines: number) => number): Area {
  const { lines, current } = tasksPart(session, prose);
  const shown = height(lines.length);
  const { tasks: top } = session.scroll;
  return textPane(lines, top === unscrolled ? Math.min(current.first, current.last - shown + 1) : top, shown);
}

type Part = { readonly lines: readonly Line[]; readonly current: { readonly first: number; readonly last: number } };

function tasksPart(session: Session, prose: ProseContext): Part {
  const { tasks, plan, lookProblem, passed, pane } = session;
  const { width } = prose;
  const top = { first: 0, last: 0 };
  if (lookProblem) return { lines: verdictLines({ kind: 'unknown', problem: lookProblem }, plan, width), current: top };
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

/** A line about the operation that changes the lab, here or in another terminal; null when there is none. */
export const doingLine = ({ operation, changedElsewhere }: Session): Line | null =>
  operation
    ? [piece(messages.operation[operation.do], 'warning')]
    : changedElsewhere
      ? [piece(messages.elsewhere, 'warning')]
      : null;

const verdictOf = (state: TaskState, broken: boolean, session: Session, width: number): readonly Line[] =>
  verdictPartsOf(state, broken, session, width).flatMap(({ lines }) => lines);

/** A finished task that is not broken shows what was seen when it was done, whatever the last look saw. */
export function verdictPartsOf(
  state: TaskState,
  broken: boolean,
  session: Session,
  width: number,
): readonly VerdictPart[] {
  const { verdict, done } = state;
  const { plan, now, step, pane } = session;
  const isCurrent = pane === 'tasks' && state.key === currentTask(session)?.key;
  const shown = done && !broken && verdict.kind !== 'pass' ? ({ kind: 'pass', seen: done.seen } as const) : verdict;
  return verdictParts(shown, planSeen(plan, now), width, {
    step: isCurrent ? step : null,
    folded: isFolded(session, state),
    comeBack: comeBackOf(session, state),
  });
}

/** undefined: the verdict is new, or its advice was not followed yet. */
export function comeBackOf(
  { advice, now }: Session,
  state: TaskState,
  begin: () => string = () => messages.beginAgain,
): ComeBack | undefined {
  if (!now || state.verdict.kind !== 'fail' || !adviceOf(advice, state)?.insufficient) return undefined;
  return { seen: elseSeen(now, state.verdict.seen), begin: begin() };
}

/** Below the last task when all are done: how to go on, and the lesson's sentences to remember. */
function completeLines(session: Session, prose: ProseContext): readonly Line[] {
  const { remember } = currentLesson(session).words;
  const line = [piece(`${messages.complete} `, 'good'), piece(goesOnWords(session))];
  const rest = prose.width - lineColumns(line) - 1;
  return [
    [],
    session.passed && rest > 0 ? [...line, piece(` ${'━'.repeat(rest)}`, 'good')] : line,
    ...(remember.length > 0 ? [[], ...layout(remember, prose)] : []),
  ];
}

/** After the last lesson comes the summary of what was learnt. */
export const goesOnWords = (session: Session): string =>
  currentLesson(session) === session.lessons.at(-1) ? messages.goesOnToEnd : messages.goesOn;

export const progressWords = ({ tasks }: Session): string =>
  messages.progress(tasks.filter(isFinished).length, tasks.length);

/**
 * A banner about a broken task of an earlier lesson, else about a configuration file that the server cannot load. It is
 * one line when it needs more than `rows`. No banner when the last look failed.
 */
export function bannerLines(session: Session, width: number, rows = Number.POSITIVE_INFINITY): readonly Line[] {
  const { broken, lookProblem, plan, now, lessons, learner } = session;
  if (lookProblem) return [];
  const [first, ...more] = broken.filter(({ lesson }) => lesson.id !== (learner.progress.lesson || lessons[0]?.id));
  const task = first?.verdict.kind === 'fail' ? first : undefined;
  const verdict = task?.verdict.kind === 'fail' ? task.verdict : brokenFile(session);
  if (!verdict) return [];
  const text = task
    ? messages.brokenPrerequisites(task.lesson.number, task.words.title, more.length)
    : messages.brokenFile;
  const title = [piece(text, 'trouble')];
  const comeBack = task && comeBackOf(session, task);
  const again = comeBack ? [messages.notEnough, ...comeBack.seen, comeBack.begin] : [];
  const lines = [
    ...hang([piece('! ', 'trouble')], title, width),
    ...hang([piece('  ')], [piece(shownText(verdict.seen, plan))], width),
    ...again.flatMap((one) => hang([piece('  ')], [piece(shownText(one, plan), 'warning')], width)),
    ...verdict.next
      .slice(0, 1)
      .flatMap((step) => hang([piece('  → ', 'key')], [piece(stepWords(step, planSeen(plan, now)), 'code')], width)),
  ];
  return lines.length > rows ? [oneLine([piece('! ', 'trouble'), ...title, piece('\n…')], width)] : lines;
}

/**
 * The current task in one line and its next step in another, below a screen that shows something else. With one row the
 * next step is shown, and the title if it fits.
 */
export function statusLines(session: Session, width: number, rows: number): readonly Line[] {
  const doing = doingLine(session);
  if (doing) return [doing];
  const current = currentTask(session);
  if (!current || isComplete(session))
    return [current ? [piece('✔ ', 'good'), piece(`${messages.complete} ${goesOnWords(session)}`)] : []];
  const { verdict, done } = current;
  const isBroken = session.broken.some(({ key }) => key === current.key);
  if (verdict.kind !== 'fail' || (done && !isBroken)) return [oneLine([...titlePieces(current, isBroken)], width)];
  const seen = [piece(': ', 'detail'), piece(shownText(verdict.seen, session.plan), 'trouble')];
  const title = titlePieces(current, isBroken);
  const steps = verdict.next.map((step) => nextWords(step, planSeen(session.plan, session.now)));
  const [next, ...more] = isFolded(session, current) ? [messages.folded] : steps;
  if (next === undefined) return [oneLine([...title, ...seen], width)];
  const todo = [piece('→ ', 'key'), piece(next, 'code'), ...(more.length > 0 ? [piece(' …', 'detail')] : [])];
  if (rows > 1) return [oneLine([...title, ...seen], width), oneLine(todo, width)];
  const short = [...title, piece(' '), ...todo];
  return [oneLine(lineColumns(short) <= width ? short : [...title.slice(0, 2), ...todo], width)];
}

export const statusLine = (session: Session, width: number): Line => statusLines(session, width, 2)[0] ?? [];
