/** The tasks in few lines, to leave room for the terminal: a line for each title, and as much of the current verdict as fits. */
import type { TaskState } from '../session/judge.ts';
import { currentTask, isComplete, type Session } from '../session/session.ts';
import { boundOf, cut, indented, oneLine, window } from './fit.ts';
import { messages } from './messages.ts';
import type { ProseContext } from './prose.ts';
import { doingLine, taskLines, verdictOf } from './tasks.ts';
import { titlePieces } from './verdict.ts';
import { type Line, piece } from './wrap.ts';

/** `height` lines; where the titles alone take more, those around the current task. */
export function compactTasks(session: Session, prose: ProseContext, height: number): readonly Line[] {
  const { tasks, blind } = session;
  const { width } = prose;
  if (blind || tasks.length === 0) return window(taskLines(session, prose), 0, height);
  const broken = new Set(session.broken.map(({ key }) => key));
  const titles = tasks.map((state, at) =>
    oneLine([piece(`${at + 1} `, 'detail'), ...titlePieces(state, broken.has(state.key))], width),
  );
  const doing = doingLine(session);
  if (doing) return endOf([...titles, doing], height);
  const current = currentTask(session);
  if (!current || (isComplete(session) && session.selected === null))
    return endOf([...titles, [piece(`${messages.complete} `, 'good'), piece(messages.goesOn)]], height);
  const at = tasks.indexOf(current);
  const room = Math.max(height - titles.length, 0);
  const isBroken = broken.has(current.key);
  const verdicts = shorterAndShorter(current).map((state) => verdictOf(state, isBroken, session, width - 2));
  const verdict = fitting(indented(verdicts.find(({ length }) => length <= room) ?? verdicts[0] ?? [], 2), room, width);
  return window(
    [...titles.slice(0, at + 1), ...verdict, ...titles.slice(at + 1)],
    Math.max(at - height + 1, 0),
    height,
  );
}

/** What to do next is the last to go: without the reason, then without the layers and the place. Tab shows all. */
function shorterAndShorter(state: TaskState): readonly TaskState[] {
  const { verdict } = state;
  if (verdict.kind !== 'fail') return [state];
  const { why: _why, ...brief } = verdict;
  const { layers: _layers, at: _at, ...briefest } = brief;
  return [state, { ...state, verdict: brief }, { ...state, verdict: briefest }];
}

const endOf = (lines: readonly Line[], height: number): readonly Line[] =>
  window(lines, boundOf(lines, height), height);

/** What is left out is said: Tab shows it. */
const fitting = (lines: readonly Line[], room: number, width: number): readonly Line[] =>
  lines.length <= room || room === 0
    ? lines.slice(0, room)
    : [...lines.slice(0, room - 1), shortened(lines[room - 1] ?? [], width)];

const shortened = (line: Line, width: number): Line => [...cut(line, width - 2), piece(' …', 'detail')];
