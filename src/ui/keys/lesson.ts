/** The keys of the lesson, of the search in its page, and of the terminal beside it. */
import { hintsOf } from '../../learner/hints.ts';
import { questionsOf } from '../../lesson/task.ts';
import { canStop } from '../../session/operation.ts';
import { measuredDistance } from '../../session/overlays/confirm.ts';
import { codeAtHand, nextCodes, nextStep } from '../../session/page/steps.ts';
import { currentLesson, currentTask, isComplete, isWide, type Session } from '../../session/session.ts';
import { isFolded } from '../../session/view/folded.ts';
import { dividedBy } from '../layout/divide.ts';
import { messages } from '../messages.ts';
import { blockBy, blockToCopy } from '../page/reading.ts';
import { type Key, to } from './key.ts';
import { lineKeys, otherPageKeys, pageUpDown, terminalPage, whenever } from './scroll.ts';

const labels = messages.keys;

const hasBlock = ({ block }: Session): boolean => block !== null;
const inTasks = ({ pane }: Session): boolean => pane === 'tasks';
const hasStep = (session: Session): boolean =>
  !hasBlock(session) && inTasks(session) && session.step !== null && nextCodes(session)[session.step] != null;
const hasNeither = (session: Session): boolean => !hasBlock(session) && !hasStep(session);
const isQuestion = (session: Session): boolean => {
  const task = currentTask(session);
  return hasNeither(session) && task !== undefined && questionsOf(task).length > 0;
};
const hasFolded = (session: Session): boolean => {
  const task = currentTask(session);
  return hasNeither(session) && task !== undefined && isFolded(session, task);
};
const isVerdict = (session: Session): boolean =>
  hasNeither(session) && inTasks(session) && !isQuestion(session) && !hasFolded(session);
const hasNext = (session: Session): boolean => codeAtHand(session) !== null;
const canMeasure = (session: Session): boolean => measuredDistance(session) !== undefined;
const hasTerminal = ({ terminal }: Session): boolean => terminal !== null;
const justLeft = ({ terminal }: Session): boolean => terminal?.justLeft === true;
const not =
  (condition: (session: Session) => boolean) =>
  (session: Session): boolean =>
    !condition(session);
const idleAnd =
  (condition: (session: Session) => boolean) =>
  (session: Session): boolean =>
    !canStop(session) && condition(session);

const nextLabel = (session: Session): string => {
  if (!isComplete(session)) return labels.next;
  return currentLesson(session) === session.lessons.at(-1) ? labels.learnt : labels.nextLesson;
};

const hintLabel = (session: Session): string => {
  const task = currentTask(session);
  if (!task) return labels.hint(0, 0);
  const { all, shown } = hintsOf(task, session.learner.progress);
  return labels.hint(shown.length, all.length);
};

const readTask: Key['intent'] = (_, { tasks, maxScroll, visible }, name) => {
  const index = Number(name) - 1;
  const line = Math.min(tasks[index] ?? 0, maxScroll.words);
  return { do: 'task', index, line, pageLines: visible.pageLines };
};

const useBlock: Key['intent'] = ({ block }, { visible }) => ({ do: 'use', code: visible.codes[block ?? -1] ?? null });
const copyBlock: Key['intent'] = (session, { visible }) => blockToCopy(session, visible);
const toBlock =
  (by: 1 | -1): Key['intent'] =>
  (session, { visible }) =>
    blockBy(by, session, visible);
const useStep: Key['intent'] = (session) => ({ do: 'use', code: codeAtHand(session) });
const copyStep: Key['intent'] = (session) => {
  const { text = '' } = codeAtHand(session) ?? {};
  return { do: 'copy', block: text === '' ? null : { index: null, text } };
};
const toStep =
  (by: 1 | -1): Key['intent'] =>
  (session) => ({ do: 'step', index: nextStep(session, by) });
const divide =
  (by: 1 | -1): Key['intent'] =>
  (session) => ({ do: 'divide', left: dividedBy(session, by) });

// biome-ignore format: a table
export const lessonKeys: readonly Key[] = [
  { names: ['esc'], shown: 'Esc', label: labels.stopOperation, when: canStop, intent: to({ do: 'stop operation' }), line: 0, unlisted: true },
  { names: ['enter'], shown: 'Enter', label: labels.useCode, when: hasBlock, intent: useBlock, line: 3, unlisted: true },
  { names: ['c'], shown: 'c', label: labels.copy, when: hasBlock, intent: copyBlock, line: 3, unlisted: true },
  { names: ['esc'], shown: 'Esc', label: labels.noBlock, when: idleAnd(hasBlock), intent: to({ do: 'block', index: null }), line: 4, unlisted: true },
  { names: ['enter'], shown: 'Enter', label: labels.useCode, when: hasStep, intent: useStep, line: 3, unlisted: true },
  { names: ['c'], shown: 'c', label: labels.copy, when: hasStep, intent: copyStep, line: 3, unlisted: true },
  { names: ['esc'], shown: 'Esc', label: labels.noBlock, when: idleAnd(hasStep), intent: to({ do: 'step', index: null }), line: 4, unlisted: true },
  { names: ['M'], shown: 'M', label: labels.measure, when: canMeasure, intent: to({ do: 'measure' }), line: 4, help: 'measure' },
  { names: ['n'], shown: 'n', label: nextLabel, intent: to({ do: 'next' }), line: 3 },
  { names: ['enter'], shown: 'Enter', label: labels.answer, when: isQuestion, intent: to({ do: 'answer' }), line: 4 },
  { names: ['h'], shown: 'h', label: hintLabel, intent: to({ do: 'hint' }), line: 5, help: 'hint' },
  { names: ['t'], shown: 't', label: labels.shell, intent: to({ do: 'shell' }), line: 6, help: 'shell' },
  { names: ['z'], shown: 'z', label: labels.zoom, when: hasTerminal, intent: to({ do: 'zoom' }), help: 'zoom' },
  { names: ['e'], shown: 'e', label: labels.edit, intent: to({ do: 'edit' }), line: 7, help: 'edit' },
  { names: ['p'], shown: 'p', label: labels.psql, intent: to({ do: 'psql' }), line: 10, help: 'psql' },
  { names: ['l'], shown: 'l', label: labels.log, intent: to({ do: 'log' }), line: 8, help: 'log' },
  { names: ['m'], shown: 'm', label: labels.map, intent: to({ do: 'map' }), line: 9, help: 'map' },
  { names: ['v'], shown: 'v', label: labels.changes, intent: to({ do: 'changes' }), line: 18, help: 'changes' },
  { names: ['tab'], shown: 'Tab', label: labels.pane, intent: to({ do: 'next pane' }), line: 4, help: 'pane' },
  { names: ['g'], shown: 'g', label: labels.lessons, intent: to({ do: 'lessons' }), line: 11 },
  { names: ['s'], shown: 's', label: labels.solve, intent: to({ do: 'solve' }), line: 13, help: 'solve' },
  { names: ['r'], shown: 'r', label: labels.reset, intent: to({ do: 'reset' }), line: 14, help: 'reset' },
  { names: ['u'], shown: 'u', label: labels.undo, intent: to({ do: 'undo' }), help: 'undo' },
  { names: ['U'], shown: 'U', label: labels.redo, intent: to({ do: 'redo' }), help: 'redo' },
  { names: ['b'], shown: 'b', label: labels.back, intent: to({ do: 'back' }), line: 12 },
  { names: ['N'], shown: 'N', label: labels.skip, intent: to({ do: 'skip' }) },
  { names: ['1', '2', '3', '4'], shown: '1-4', label: labels.task, intent: readTask, help: 'task' },
  { names: ['left'], shown: '←', label: labels.server, intent: to({ do: 'server', by: -1 }), help: 'server' },
  { names: ['right'], shown: '→', label: labels.server, intent: to({ do: 'server', by: 1 }), help: 'server' },
  { names: ['/'], shown: '/', label: labels.search, intent: (_, { visible }) => ({ do: 'search', from: visible.top }), line: 15, help: 'search' },
  { names: ['d'], shown: 'd', label: labels.doNext, when: hasNext, intent: useStep, line: 12, help: 'doNext' },
  { names: ['enter'], shown: 'Enter', label: labels.unfold, when: hasFolded, intent: to({ do: 'unfold' }), line: 3, unlisted: true },
  { names: [']', '}'], shown: ']', label: labels.nextBlock, when: inTasks, intent: toStep(1), line: 16, unlisted: true },
  { names: ['[', '{'], shown: '[', label: labels.lastBlock, when: inTasks, intent: toStep(-1), unlisted: true },
  { names: [']', '}'], shown: ']', label: labels.nextBlock, when: not(inTasks), intent: toBlock(1), line: 16, help: 'block' },
  { names: ['[', '{'], shown: '[', label: labels.lastBlock, when: not(inTasks), intent: toBlock(-1) },
  { names: ['c'], shown: 'c', label: labels.copy, when: hasNeither, intent: copyBlock, line: 17, help: 'copy' },
  { names: ['up', 'k'], shown: '↑', label: labels.selectTask, when: inTasks, intent: to({ do: 'select task', by: -1 }), unlisted: true },
  { names: ['down', 'j'], shown: '↑↓', label: labels.selectTask, when: inTasks, intent: to({ do: 'select task', by: 1 }), line: 4, unlisted: true },
  { names: ['enter'], shown: 'Enter', label: labels.layers, when: isVerdict, intent: to({ do: 'layers' }), line: 3, help: 'layers' },
  { names: ['<'], shown: '<', label: labels.division, when: isWide, intent: divide(-1) },
  { names: ['>'], shown: '>', label: labels.division, when: isWide, intent: divide(1) },
  { names: ['='], shown: '=', label: labels.usualWidth, when: isWide, intent: to({ do: 'divide', left: null }) },
  { names: ['pageup'], shown: '', label: labels.pageUp, when: justLeft, intent: terminalPage(-1), unlisted: true },
  { names: ['pagedown'], shown: '', label: labels.pageDown, when: justLeft, intent: terminalPage(1), unlisted: true },
  ...whenever(not(inTasks), lineKeys),
  ...whenever(not(justLeft), pageUpDown),
  ...otherPageKeys,
  { names: [','], shown: ',', label: labels.settings, intent: to({ do: 'settings' }), line: 15, help: 'settings' },
  { names: ['?'], shown: '?', label: labels.help, intent: to({ do: 'help' }), line: 1 },
  { names: ['q', 'ctrl-c'], shown: 'q', label: labels.quit, intent: to({ do: 'quit' }), line: 2 },
  { names: ['ctrl-]'], shown: '', label: labels.shell, when: hasTerminal, intent: to({ do: 'shell' }), unlisted: true },
];

const searchOn =
  (by: 1 | -1): Key['intent'] =>
  () => ({ do: 'search on', by });
const deleteCharacter: Key['intent'] = ({ search }) => ({ do: 'search on', text: search?.text.slice(0, -1) ?? '' });
/** Ends the search and leaves the page at the line where the search has scrolled to. */
const endSearch: Key['intent'] = (_, { visible }) => ({ do: 'scroll', to: visible.top, pageLines: visible.pageLines });

// biome-ignore format: a table
export const searchKeys: readonly Key[] = [
  { names: ['enter', 'down'], shown: 'Enter', label: labels.nextHit, intent: searchOn(1), line: 2 },
  { names: ['up'], shown: '↑', label: labels.lastHit, intent: searchOn(-1), line: 3 },
  { names: ['backspace'], shown: '', label: '', intent: deleteCharacter },
  { names: ['esc'], shown: 'Esc', label: labels.close, intent: endSearch, line: 1 },
];

const programOnTop = ({ terminal }: Session) => terminal?.programs.at(-1)?.run;
const inVi = (session: Session): boolean =>
  programOnTop(session) === 'edit' && /^(vi|vim|nvim|view)$/.test(session.editor);
const inPsql = (session: Session): boolean => programOnTop(session) === 'psql';
const zoomLabel = ({ terminal }: Session): string => (terminal?.zoomed ? labels.unzoom : labels.zoom);

/** Rows without names are only shown: the program reads these keys, or the learner types Ctrl-] first. */
// biome-ignore format: a table
export const terminalKeys: readonly Key[] = [
  { names: ['ctrl-]'], shown: 'Ctrl-]', label: labels.lesson, intent: to({ do: 'leave terminal' }), line: 1 },
  { names: [], shown: 'Ctrl-] z', label: zoomLabel, intent: to({ do: 'zoom' }), line: 2 },
  { names: [], shown: 'Ctrl-] PgUp', label: labels.scrollBack, intent: terminalPage(-1), line: 5 },
  { names: [], shown: 'i', label: labels.viWrites, when: inVi, intent: to({ do: 'edit' }), line: 3 },
  { names: [], shown: 'Esc :wq', label: labels.viLeaves, when: inVi, intent: to({ do: 'edit' }), line: 2 },
  { names: [], shown: '\\q', label: labels.leavePsql, when: inPsql, intent: to({ do: 'psql' }), line: 4 },
];
