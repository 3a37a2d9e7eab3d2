/** The tasks in few lines: one line for each title, and as much of the current verdict as fits. */
import { currentTask, isComplete, type Session } from '../../session/session.ts';
import { boundOf, cut, indented, oneLine, window } from '../layout/fit.ts';
import { type Line, piece } from '../layout/wrap.ts';
import { messages } from '../messages.ts';
import type { ProseContext } from '../page/prose.ts';
import { doingLine, goesOnWords, taskLines, verdictPartsOf } from './tasks.ts';
import { titlePieces, type VerdictPart } from './verdict.ts';

/** `isShort`: part of the text is left out. */
export type Compact = { readonly lines: readonly Line[]; readonly isShort: boolean };

/** Returns `height` lines. When the titles alone need more, it returns those around the current task. */
export function compactTasks(session: Session, prose: ProseContext, height: number): Compact {
  const { tasks, lookProblem } = session;
  const { width } = prose;
  if (lookProblem || tasks.length === 0) return firstOf(taskLines(session, prose), height);
  const broken = new Set(session.broken.map(({ key }) => key));
  const titles = tasks.map((state, at) =>
    oneLine([piece(`${at + 1} `, 'detail'), ...titlePieces(state, broken.has(state.key))], width),
  );
  const doing = doingLine(session);
  if (doing) return lastOf([...titles, doing], height);
  const current = currentTask(session);
  if (!current || (isComplete(session) && session.selected === null))
    return lastOf([...titles, [piece(`${messages.complete} `, 'good'), piece(goesOnWords(session))]], height);
  const at = tasks.indexOf(current);
  const room = Math.max(height - titles.length, Math.min(height - 1, leastVerdict));
  const parts = verdictPartsOf(current, broken.has(current.key), session, width - 2);
  const verdict = fitting(parts, room, width - 2);
  const lines = [...titles.slice(0, at + 1), ...indented(verdict.lines, 2), ...titles.slice(at + 1)];
  const from = Math.max(at + 1 + verdict.lines.length - height, 0);
  return { lines: window(lines, from, height), isShort: verdict.isShort || lines.length > height };
}

const leastVerdict = 3; // lines of the verdict that are shown even if titles of other tasks do not fit

/**
 * Leaves out parts of a verdict until the rest fits: first the reason, then the place, the layers and what is wanted;
 * then it shortens what was seen. What to do next goes last.
 */
function fitting(parts: readonly VerdictPart[], room: number, width: number): Compact {
  const versions = shorterVersions(parts, width).map((some) => some.flatMap(({ lines }) => lines));
  const whole = versions.findIndex(({ length }) => length <= room);
  if (whole >= 0) return { lines: versions[whole] ?? [], isShort: whole > 0 };
  const shortest = versions.at(-1) ?? [];
  const last = shortest[room - 1];
  return { lines: last ? [...shortest.slice(0, room - 1), shortened(last, width)] : [], isShort: true };
}

/** Versions of a verdict, each shorter than the one before. */
function shorterVersions(parts: readonly VerdictPart[], width: number): readonly (readonly VerdictPart[])[] {
  const without = droppable.map((_, count) => {
    const dropped = droppable.slice(0, count + 1);
    return parts.filter(({ label }) => !dropped.includes(label));
  });
  const brief = (without.at(-1) ?? parts).map((part) => (part.label === 'seen' ? inOneLine(part, width) : part));
  const todo = brief.filter(({ label }) => label !== 'seen');
  return [parts, ...without, brief, ...(todo.length > 0 ? [todo, todo.slice(0, 1)] : [])];
}

const droppable: readonly VerdictPart['label'][] = ['why', 'where', 'layers', 'want', 'also'];

function inOneLine({ label, lines: [first = [], ...more] }: VerdictPart, width: number): VerdictPart {
  return { label, lines: [more.length > 0 ? shortened(first, width) : first] };
}

const shortened = (line: Line, width: number): Line => [...cut(line, width - 2), piece(' …', 'detail')];

const firstOf = (lines: readonly Line[], height: number): Compact => ({
  lines: window(lines, 0, height),
  isShort: lines.length > height,
});

const lastOf = (lines: readonly Line[], height: number): Compact => ({
  lines: window(lines, boundOf(lines, height), height),
  isShort: lines.length > height,
});
