/** The keys: one table that finds what a key means, draws the key line, and is the help. */

import { hintsOf } from '../../learner/hints.ts';
import { questionsOf } from '../../lesson/task.ts';
import { isAllowed, scrolling } from '../../session/handle-intent.ts';
import type { Intent, Pane, ScrollTarget } from '../../session/intent.ts';
import type { LogMove } from '../../session/log/state.ts';
import { measuredDistance } from '../../session/overlays/confirm.ts';
import { wantsSolution } from '../../session/overlays/hints.ts';
import { asksAgain } from '../../session/overlays/questions.ts';
import { codeAtHand, nextCodes, nextStep } from '../../session/page/steps.ts';
import { currentLesson, currentTask, isComplete, isWide, type Overlay, type Session } from '../../session/session.ts';
import { isTyping } from '../../session/terminal.ts';
import { dividedBy } from '../layout/divide.ts';
import { columns, type Line, type Piece, piece, touchable } from '../layout/wrap.ts';
import { inStory, isInLog, searching, stepBy, toCause, typedIn, typing } from '../log/keys.ts';
import type { VisibleLog } from '../log/visible.ts';
import { messages } from '../messages.ts';
import { blockBy, blockToCopy, dropsBlock, type VisiblePage } from '../page/reading.ts';
import type { Rect } from '../terminal.ts';

/** How far each part of the drawn frame can be scrolled, in lines, and how many lines it shows. */
export type Viewport = {
  readonly maxScroll: Readonly<Record<ScrollTarget, number>>;
  readonly scrollTop: Readonly<Record<ScrollTarget, number>>; // the first lines in sight
  readonly page: number;
  readonly tasks: readonly number[]; // the lines where the words of each task begin
  readonly visible: VisiblePage; // of the words
  readonly terminal: Rect | null; // null: not in sight
  readonly areas: readonly Touchable[]; // the first that a place lies in counts
  readonly log?: VisibleLog['step']; // where a step leads in the log view
};

/** A part of the frame that the wheel scrolls, and that a click chooses. */
export type Touchable = Rect & { readonly scrolls?: ScrollTarget; readonly pane?: Pane };

const nowhere = { words: 0, tasks: 0, terminal: 0, overlay: 0 };
export const emptyViewport: Viewport = {
  maxScroll: nowhere,
  scrollTop: nowhere,
  page: 0,
  tasks: [],
  visible: { top: 0, height: 0, pageLines: 0, codes: [] },
  terminal: null,
  areas: [],
};

export type Key = {
  readonly group: 'lesson' | 'terminal' | 'overlay'; // the help lists the lesson's; over it lies what is open or chosen
  readonly names: readonly string[]; // as the terminal's reader names them: 'n', 'N', 'up', 'enter', 'ctrl-c'
  readonly shown: string;
  readonly label: string | ((session: Session) => string);
  readonly when: (session: Session) => boolean;
  readonly intent: (session: Session, viewport: Viewport, name: string) => Intent;
  readonly line?: number; // place in the key line where room is short: 1 goes last
  readonly help?: keyof typeof messages.helpFor;
};

export function keyIntent(name: string, session: Session, viewport: Viewport): Intent | undefined {
  const inLogSearch = typedIn(session, name);
  if (inLogSearch) return inLogSearch;
  const key = keys.find(({ names, when }) => names.includes(name) && when(session));
  return key ? key.intent(session, viewport, name) : isSearching(session) ? letter(session, name) : undefined;
}

/** All that is no key of a search is a letter of it. */
function letter({ search }: Session, name: string): Intent | undefined {
  const sign = name === 'space' ? ' ' : name;
  return search && [...sign].length === 1 ? { do: 'search on', text: search.text + sign } : undefined;
}

/** The keys that mean something now and are shown. */
export function shownKeys(session: Session): readonly Key[] {
  const meant = keys.filter(
    ({ when, intent, names }) => when(session) && isAllowed(session, intent(session, emptyViewport, names[0] ?? '')),
  );
  return meant.filter((key) => key.line !== undefined && isFirstOf(meant, key));
}

/** The keys that mean something now, as many as have room. */
export function keyLine(session: Session, width: number): Line {
  const active = shownKeys(session);
  const byRank = active.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
  const count = byRank.findIndex((_, at) => widthOf(byRank.slice(0, at + 1), session) > width + 1); // the last one ends with a space
  const shown = new Set(count < 0 ? byRank : byRank.slice(0, count));
  return active.filter((key) => shown.has(key)).flatMap((key) => drawn(key, session));
}

/** A key means one thing at a time: what stands first in the table. */
const isFirstOf = (meant: readonly Key[], key: Key): boolean =>
  meant.find(({ names }) => names.includes(key.names[0] ?? '')) === key || key.names.length === 0;

const widthOf = (shown: readonly Key[], session: Session): number =>
  shown.flatMap((key) => drawn(key, session)).reduce((sum, { text }) => sum + columns(text), 0);

const drawn = (key: Key, session: Session): readonly Piece[] => {
  const look = [piece(` ${key.shown}`, 'key'), piece(` ${labelOf(key, session)} `, 'detail')];
  return touchable([look], { key: key.names[0] ?? '' }).flat();
};

export const labelOf = ({ label }: Key, session: Session): string =>
  typeof label === 'string' ? label : label(session);

const inLesson = (session: Session): boolean =>
  session.overlay === null && session.search === null && !isTyping(session);
const isSearching = (session: Session): boolean =>
  session.overlay === null && session.search !== null && !isTyping(session);
const hasBlock = (session: Session): boolean => inLesson(session) && session.block !== null;
const hasNext = (session: Session): boolean => inLesson(session) && codeAtHand(session) !== null;
const hasStep = (session: Session): boolean =>
  seesTasks(session) && session.step !== null && nextCodes(session)[session.step] != null;
const hasNoBlock = (session: Session): boolean => inLesson(session) && session.block === null;
const besideTerminal = (session: Session): boolean => inLesson(session) && session.terminal !== null;
const justLeft = (session: Session): boolean => inLesson(session) && session.terminal?.justLeft === true;
const dividing = (session: Session): boolean => inLesson(session) && isWide(session);
const over =
  (...kinds: readonly Overlay['kind'][]) =>
  ({ overlay }: Session): boolean =>
    overlay !== null && kinds.includes(overlay.kind);
const confirming =
  (quitting: boolean) =>
  ({ overlay }: Session): boolean =>
    overlay?.kind === 'confirm' && (overlay.what.do === 'quit') === quitting;
const answering = ({ overlay }: Session): boolean => overlay?.kind === 'question' && overlay.taken === null;
const answered = ({ overlay }: Session): boolean => overlay?.kind === 'question' && overlay.taken !== null;
const hasWordsAbove = (session: Session): boolean => {
  const { overlay, tasks } = session;
  return (
    answering(session) &&
    tasks.some(({ key, words }) => overlay?.kind === 'question' && key === overlay.task && words.blocks.length > 0)
  );
};
const readable = (session: Session): boolean =>
  !isSearching(session) && !isTyping(session) && (!over('log')(session) || inStory(session));
const listing = over('lessons', 'settings', 'layers');
const scrollable = (session: Session): boolean =>
  !listing(session) && !over('commit')(session) && !answering(session) && readable(session);
const pageable = (session: Session): boolean => !over('lessons', 'settings', 'commit')(session) && readable(session);

/** The cursor keys move a cursor. */
export const picking = (session: Session): boolean => listing(session) || answering(session);

const isQuestion = (session: Session): boolean => {
  const task = currentTask(session);
  return inLesson(session) && task !== undefined && questionsOf(task).length > 0;
};

const working = (session: Session): boolean => inLesson(session) && session.operation !== null && !session.stopping;
const measures = (session: Session): boolean => inLesson(session) && measuredDistance(session) !== undefined;

const to = (intent: Intent) => (): Intent => intent;
const log = (move: LogMove) => to({ do: 'in log', move });

/** Scrolling by lines, or by pages, within what the frame shows. */
const by =
  (lines: number, pages = 0) =>
  (session: Session, viewport: Viewport): Intent => {
    const pageDistance = lines + Math.ceil(pages * Math.max(viewport.page - 2, 1));
    return scrolled(session, viewport, scrolling(session), pageDistance);
  };

/** As far as there is something to see. */
export function scrolled(
  session: Session,
  { maxScroll, scrollTop, visible }: Viewport,
  what: ScrollTarget,
  lines: number,
): Intent {
  const to = Math.max(0, Math.min(scrollTop[what] + lines, maxScroll[what]));
  const place = what === 'words' ? { pageLines: visible.pageLines, dropsBlock: dropsBlock(session, visible, to) } : {};
  return { do: 'scroll', what, to, ...place };
}

/** Pages of the terminal, whichever pane the keys are for. */
const terminalPage =
  (pages: number): Key['intent'] =>
  ({ terminal }, { terminal: place }) => {
    const { top = 0, bottom = 0 } = terminal?.view ?? {};
    const to = top + pages * Math.max((place?.rows ?? 0) - 2, 1);
    return { do: 'scroll terminal', to: Math.max(0, Math.min(to, bottom)) };
  };

const seesTasks = (session: Session): boolean => inLesson(session) && session.pane === 'tasks';
const seesVerdict = (session: Session): boolean => seesTasks(session) && !isQuestion(session);

const readTask: Key['intent'] = (_, { tasks, maxScroll, visible }, name) => {
  const index = Number(name) - 1;
  return { do: 'task', index, line: Math.min(tasks[index] ?? 0, maxScroll.words), pageLines: visible.pageLines };
};

const searchOn =
  (by: 1 | -1): Key['intent'] =>
  () => ({ do: 'search on', by });
const shorter: Key['intent'] = ({ search }) => ({ do: 'search on', text: search?.text.slice(0, -1) ?? '' });
/** The page stays where the search has led. */
const stay: Key['intent'] = (_, { visible }) => ({ do: 'scroll', to: visible.top, pageLines: visible.pageLines });
const useBlock: Key['intent'] = ({ block }, { visible }) => ({ do: 'use', code: visible.codes[block ?? -1] ?? null });
const useStep: Key['intent'] = (session) => ({ do: 'use', code: codeAtHand(session) });
const toStep =
  (by: 1 | -1): Key['intent'] =>
  (session) => ({ do: 'step', index: nextStep(session, by) });
const copyStep: Key['intent'] = (session) => {
  const { text = '' } = codeAtHand(session) ?? {};
  return { do: 'copy', block: text === '' ? null : { index: null, text } };
};

const hintLabel = (session: Session): string => {
  const task = currentTask(session);
  if (!task) return messages.keys.hint(0, 0);
  const { all, shown } = hintsOf(task, session.learner.progress);
  return messages.keys.hint(shown.length, all.length);
};

const playLabel = ({ overlay, learner }: Session): string => {
  if (!learner.settings.motion) return messages.keys.stepOn;
  return overlay?.kind === 'commit' && overlay.plays ? messages.keys.pausePlay : messages.keys.play;
};

const afterAnswer = (session: Session): string =>
  session.overlay?.kind === 'question' && asksAgain(session, session.overlay)
    ? messages.keys.tryAgain
    : messages.keys.goOn;

const nextLabel = (session: Session): string => {
  if (!isComplete(session)) return labels.next;
  return currentLesson(session) === session.lessons.at(-1) ? labels.learnt : labels.nextLesson;
};

const inVi = (session: Session): boolean =>
  isTyping(session) && session.terminal?.programs.at(-1)?.run === 'edit' && /^(vi|vim|nvim|view)$/.test(session.editor);
const inPsql = (session: Session): boolean => isTyping(session) && session.terminal?.programs.at(-1)?.run === 'psql';

const zoomLabel = ({ terminal }: Session): string => (terminal?.zoomed ? messages.keys.unzoom : messages.keys.zoom);

const labels = messages.keys;
const logLabels = messages.logView.keys;

// biome-ignore format: a table
const keys: readonly Key[] = [
  { group: 'overlay', names: ['esc'], shown: 'Esc', label: labels.stopDeed, when: working, intent: to({ do: 'stop operation' }), line: 0 },
  { group: 'overlay', names: ['enter'], shown: 'Enter', label: labels.useCode, when: hasBlock, intent: useBlock, line: 3 },
  { group: 'overlay', names: ['c'], shown: 'c', label: labels.copy, when: hasBlock, intent: (session, { visible }) => blockToCopy(session, visible), line: 3 },
  { group: 'overlay', names: ['esc'], shown: 'Esc', label: labels.noBlock, when: hasBlock, intent: to({ do: 'block', index: null }), line: 4 },
  { group: 'overlay', names: ['enter'], shown: 'Enter', label: labels.useCode, when: hasStep, intent: useStep, line: 3 },
  { group: 'overlay', names: ['c'], shown: 'c', label: labels.copy, when: hasStep, intent: copyStep, line: 3 },
  { group: 'overlay', names: ['esc'], shown: 'Esc', label: labels.noBlock, when: hasStep, intent: to({ do: 'step', index: null }), line: 4 },
  { group: 'lesson', names: ['M'], shown: 'M', label: labels.measure, when: measures, intent: to({ do: 'measure' }), line: 4, help: 'measure' },
  { group: 'lesson', names: ['n'], shown: 'n', label: nextLabel, when: inLesson, intent: to({ do: 'next' }), line: 3 },
  { group: 'lesson', names: ['enter'], shown: 'Enter', label: labels.answer, when: isQuestion, intent: to({ do: 'answer' }), line: 4 },
  { group: 'lesson', names: ['h'], shown: 'h', label: hintLabel, when: inLesson, intent: to({ do: 'hint' }), line: 5, help: 'hint' },
  { group: 'lesson', names: ['t'], shown: 't', label: labels.shell, when: inLesson, intent: to({ do: 'shell' }), line: 6, help: 'shell' },
  { group: 'lesson', names: ['z'], shown: 'z', label: labels.zoom, when: besideTerminal, intent: to({ do: 'zoom' }), help: 'zoom' },
  { group: 'lesson', names: ['e'], shown: 'e', label: labels.edit, when: inLesson, intent: to({ do: 'edit' }), line: 7, help: 'edit' },
  { group: 'lesson', names: ['p'], shown: 'p', label: labels.psql, when: inLesson, intent: to({ do: 'psql' }), line: 10, help: 'psql' },
  { group: 'lesson', names: ['l'], shown: 'l', label: labels.log, when: inLesson, intent: to({ do: 'log' }), line: 8, help: 'log' },
  { group: 'lesson', names: ['m'], shown: 'm', label: labels.map, when: inLesson, intent: to({ do: 'map' }), line: 9, help: 'map' },
  { group: 'lesson', names: ['tab'], shown: 'Tab', label: labels.pane, when: inLesson, intent: to({ do: 'next pane' }), line: 4, help: 'pane' },
  { group: 'lesson', names: ['g'], shown: 'g', label: labels.lessons, when: inLesson, intent: to({ do: 'lessons' }), line: 11 },
  { group: 'lesson', names: ['s'], shown: 's', label: labels.solve, when: inLesson, intent: to({ do: 'solve' }), line: 13, help: 'solve' },
  { group: 'lesson', names: ['r'], shown: 'r', label: labels.reset, when: inLesson, intent: to({ do: 'reset' }), line: 14, help: 'reset' },
  { group: 'lesson', names: ['b'], shown: 'b', label: labels.back, when: inLesson, intent: to({ do: 'back' }), line: 12 },
  { group: 'lesson', names: ['N'], shown: 'N', label: labels.skip, when: inLesson, intent: to({ do: 'skip' }) },
  { group: 'lesson', names: ['1', '2', '3', '4'], shown: '1-4', label: labels.task, when: inLesson, intent: readTask, help: 'task' },
  { group: 'lesson', names: ['left'], shown: '←', label: labels.server, when: inLesson, intent: to({ do: 'server', by: -1 }), help: 'server' },
  { group: 'lesson', names: ['right'], shown: '→', label: labels.server, when: inLesson, intent: to({ do: 'server', by: 1 }), help: 'server' },
  { group: 'lesson', names: ['/'], shown: '/', label: labels.search, when: inLesson, intent: (_, { visible }) => ({ do: 'search', from: visible.top }), line: 15, help: 'search' },
  { group: 'lesson', names: ['d'], shown: 'd', label: labels.doNext, when: hasNext, intent: useStep, line: 12, help: 'doNext' },
  { group: 'overlay', names: [']', '}'], shown: ']', label: labels.nextBlock, when: seesTasks, intent: toStep(1), line: 16 },
  { group: 'overlay', names: ['[', '{'], shown: '[', label: labels.lastBlock, when: seesTasks, intent: toStep(-1) },
  { group: 'lesson', names: [']', '}'], shown: ']', label: labels.nextBlock, when: inLesson, intent: (session, { visible }) => blockBy(1, session, visible), line: 16, help: 'block' },
  { group: 'lesson', names: ['[', '{'], shown: '[', label: labels.lastBlock, when: inLesson, intent: (session, { visible }) => blockBy(-1, session, visible) },
  { group: 'lesson', names: ['c'], shown: 'c', label: labels.copy, when: hasNoBlock, intent: (session, { visible }) => blockToCopy(session, visible), line: 17, help: 'copy' },
  { group: 'overlay', names: ['up', 'k'], shown: '↑', label: labels.selectTask, when: seesTasks, intent: to({ do: 'select task', by: -1 }) },
  { group: 'overlay', names: ['down', 'j'], shown: '↑↓', label: labels.selectTask, when: seesTasks, intent: to({ do: 'select task', by: 1 }), line: 4 },
  { group: 'lesson', names: ['enter'], shown: 'Enter', label: labels.layers, when: seesVerdict, intent: to({ do: 'layers' }), line: 3, help: 'layers' },
  { group: 'lesson', names: ['<'], shown: '<', label: labels.division, when: dividing, intent: (session) => ({ do: 'divide', left: dividedBy(session, -1) }) },
  { group: 'lesson', names: ['>'], shown: '>', label: labels.division, when: dividing, intent: (session) => ({ do: 'divide', left: dividedBy(session, 1) }) },
  { group: 'lesson', names: ['='], shown: '=', label: labels.usualWidth, when: dividing, intent: to({ do: 'divide', left: null }) },
  { group: 'terminal', names: ['pageup'], shown: '', label: labels.pageUp, when: justLeft, intent: terminalPage(-1) },
  { group: 'terminal', names: ['pagedown'], shown: '', label: labels.pageDown, when: justLeft, intent: terminalPage(1) },
  { group: 'lesson', names: ['up', 'k'], shown: '↑', label: labels.lines, when: scrollable, intent: by(-1) },
  { group: 'lesson', names: ['down', 'j'], shown: '↓', label: labels.lines, when: scrollable, intent: by(1) },
  { group: 'lesson', names: ['pageup'], shown: 'PgUp', label: labels.pages, when: pageable, intent: by(0, -1) },
  { group: 'lesson', names: ['pagedown', 'space'], shown: 'Space', label: labels.pages, when: pageable, intent: by(0, 1) },
  { group: 'lesson', names: ['ctrl-u'], shown: '^u', label: labels.halfPages, when: pageable, intent: by(0, -0.5) },
  { group: 'lesson', names: ['ctrl-d'], shown: '^d', label: labels.halfPages, when: pageable, intent: by(0, 0.5) },
  { group: 'lesson', names: ['home'], shown: 'Home', label: labels.ends, when: pageable, intent: by(-Number.MAX_SAFE_INTEGER) },
  { group: 'lesson', names: ['end'], shown: 'End', label: labels.ends, when: pageable, intent: by(Number.MAX_SAFE_INTEGER) },
  { group: 'lesson', names: [','], shown: ',', label: labels.settings, when: inLesson, intent: to({ do: 'settings' }), line: 15, help: 'settings' },
  { group: 'lesson', names: ['?'], shown: '?', label: labels.help, when: inLesson, intent: to({ do: 'help' }), line: 1 },
  { group: 'lesson', names: ['q', 'ctrl-c'], shown: 'q', label: labels.quit, when: inLesson, intent: to({ do: 'quit' }), line: 2 },

  { group: 'terminal', names: ['ctrl-]'], shown: 'Ctrl-]', label: labels.lesson, when: isTyping, intent: to({ do: 'leave terminal' }), line: 1 },
  { group: 'terminal', names: ['ctrl-]'], shown: '', label: labels.shell, when: besideTerminal, intent: to({ do: 'shell' }) },
  { group: 'terminal', names: [], shown: 'Ctrl-] z', label: zoomLabel, when: isTyping, intent: to({ do: 'zoom' }), line: 2 },
  { group: 'terminal', names: [], shown: 'Ctrl-] PgUp', label: labels.scrollBack, when: isTyping, intent: terminalPage(-1), line: 5 },
  { group: 'terminal', names: [], shown: 'i', label: labels.viWrites, when: inVi, intent: to({ do: 'edit' }), line: 3 },
  { group: 'terminal', names: [], shown: 'Esc :wq', label: labels.viLeaves, when: inVi, intent: to({ do: 'edit' }), line: 2 },
  { group: 'terminal', names: [], shown: '\\q', label: labels.leavePsql, when: inPsql, intent: to({ do: 'psql' }), line: 4 },
  { group: 'overlay', names: ['enter', 'down'], shown: 'Enter', label: labels.nextHit, when: isSearching, intent: searchOn(1), line: 2 },
  { group: 'overlay', names: ['up'], shown: '↑', label: labels.lastHit, when: isSearching, intent: searchOn(-1), line: 3 },
  { group: 'overlay', names: ['backspace'], shown: '', label: '', when: isSearching, intent: shorter },
  { group: 'overlay', names: ['esc'], shown: 'Esc', label: labels.close, when: isSearching, intent: stay, line: 1 },

  { group: 'overlay', names: ['enter', 'space'], shown: 'Enter', label: labels.begin, when: over('welcome'), intent: to({ do: 'accept' }), line: 1 },
  { group: 'overlay', names: ['?'], shown: '?', label: labels.help, when: over('welcome'), intent: to({ do: 'help' }), line: 3 },
  { group: 'overlay', names: ['q'], shown: 'q', label: labels.quit, when: over('welcome'), intent: to({ do: 'quit' }), line: 2 },
  { group: 'overlay', names: ['right', 'l', 'enter', 'space'], shown: '← →', label: labels.change, when: over('settings'), intent: to({ do: 'change setting', by: 1 }), line: 1 },
  { group: 'overlay', names: ['left', 'h'], shown: '←', label: labels.change, when: over('settings'), intent: to({ do: 'change setting', by: -1 }) },
  { group: 'overlay', names: ['e'], shown: 'e', label: labels.edit, when: over('layers'), intent: to({ do: 'edit' }), line: 1 },
  { group: 'overlay', names: ['w'], shown: 'w', label: labels.report, when: over('end'), intent: to({ do: 'report' }), line: 1 },
  { group: 'overlay', names: ['h'], shown: 'h', label: (session) => (wantsSolution(session) ? labels.doIt : labels.moreHints), when: over('hints'), intent: to({ do: 'hint' }), line: 1 },
  { group: 'overlay', names: ['up', 'k'], shown: '↑', label: labels.up, when: picking, intent: to({ do: 'move', by: -1 }) },
  { group: 'overlay', names: ['down', 'j'], shown: '↑↓', label: labels.choose, when: picking, intent: to({ do: 'move', by: 1 }), line: 2 },
  { group: 'overlay', names: ['enter'], shown: 'Enter', label: labels.answer, when: answering, intent: to({ do: 'accept' }), line: 1 },
  { group: 'overlay', names: ['a', 'b', 'c', 'd', 'e', 'f'], shown: 'a b c', label: labels.answerAtOnce, when: answering, intent: (_, __, name) => ({ do: 'choose', choice: name }), line: 5 },
  { group: 'overlay', names: ['pageup'], shown: 'PgUp', label: labels.wordsAbove, when: hasWordsAbove, intent: by(0, -1), line: 6 },
  { group: 'overlay', names: ['enter', 'space'], shown: 'Enter', label: afterAnswer, when: answered, intent: to({ do: 'accept' }), line: 1 },
  { group: 'overlay', names: ['l'], shown: 'l', label: labels.log, when: over('question'), intent: to({ do: 'log' }), line: 6 },
  { group: 'overlay', names: ['m'], shown: 'm', label: labels.map, when: over('question'), intent: to({ do: 'map' }), line: 6 },
  { group: 'overlay', names: ['enter'], shown: 'Enter', label: labels.open, when: over('lessons'), intent: to({ do: 'accept' }), line: 1 },
  { group: 'overlay', names: ['c'], shown: 'c', label: labels.slowCommit, when: over('map'), intent: to({ do: 'commit' }), line: 1 },
  { group: 'overlay', names: ['left'], shown: '←', label: labels.level, when: over('commit'), intent: to({ do: 'level', by: -1 }) },
  { group: 'overlay', names: ['right'], shown: '← →', label: labels.level, when: over('commit'), intent: to({ do: 'level', by: 1 }), line: 2 },
  { group: 'overlay', names: ['space', 'down', 'j'], shown: 'Space', label: labels.stepOn, when: over('commit'), intent: to({ do: 'move', by: 1 }), line: 1 },
  { group: 'overlay', names: ['up', 'k'], shown: '↑', label: labels.stepBack, when: over('commit'), intent: to({ do: 'move', by: -1 }), line: 6 },
  { group: 'overlay', names: ['pageup'], shown: 'PgUp', label: labels.pageUp, when: over('commit'), intent: by(0, -1) },
  { group: 'overlay', names: ['pagedown'], shown: 'PgDn', label: labels.pageDown, when: over('commit'), intent: by(0, 1) },
  { group: 'overlay', names: ['enter'], shown: 'Enter', label: playLabel, when: over('commit'), intent: to({ do: 'accept' }), line: 5 },
  { group: 'overlay', names: ['enter'], shown: 'Enter', label: logLabels.note, when: isInLog, intent: log({ to: 'note' }), line: 2 },
  { group: 'overlay', names: ['a'], shown: 'a', label: logLabels.allNotes, when: isInLog, intent: log({ to: 'all notes' }), line: 8 },
  { group: 'overlay', names: ['tab', 'right'], shown: '← →', label: logLabels.server, when: isInLog, intent: log({ to: 'server', by: 1 }), line: 6 },
  { group: 'overlay', names: ['left'], shown: '←', label: logLabels.server, when: isInLog, intent: log({ to: 'server', by: -1 }) },
  { group: 'overlay', names: ['f'], shown: 'f', label: logLabels.filter, when: isInLog, intent: log({ to: 'next filter' }), line: 3 },
  { group: 'overlay', names: ['/'], shown: '/', label: logLabels.search, when: isInLog, intent: log({ to: 'search' }), line: 5 },
  { group: 'overlay', names: ['n'], shown: 'n N', label: logLabels.hits, when: searching, intent: log({ to: 'hit', by: 1 }), line: 1 },
  { group: 'overlay', names: ['N'], shown: 'N', label: logLabels.hits, when: searching, intent: log({ to: 'hit', by: -1 }) },
  { group: 'overlay', names: ['s'], shown: 's', label: logLabels.story, when: isInLog, intent: log({ to: 'story' }), line: 7 },
  { group: 'overlay', names: ['up', 'k'], shown: '↑', label: labels.up, when: isInLog, intent: stepBy({ lines: -1 }) },
  { group: 'overlay', names: ['down', 'j'], shown: '↓', label: labels.down, when: isInLog, intent: stepBy({ lines: 1 }) },
  { group: 'overlay', names: ['pageup'], shown: 'PgUp', label: labels.pageUp, when: isInLog, intent: stepBy({ pages: -1 }) },
  { group: 'overlay', names: ['pagedown', 'space'], shown: 'Space', label: labels.pageDown, when: isInLog, intent: stepBy({ pages: 1 }) },
  { group: 'overlay', names: ['home'], shown: 'Home', label: labels.top, when: isInLog, intent: stepBy('home') },
  { group: 'overlay', names: ['end', 'G'], shown: 'End', label: logLabels.follow, when: isInLog, intent: log({ to: 'end' }), line: 9 },
  { group: 'overlay', names: ['enter'], shown: 'Enter', label: logLabels.keep, when: typing, intent: log({ to: 'keep' }), line: 1 },
  { group: 'overlay', names: ['esc'], shown: 'Esc', label: logLabels.clear, when: (session) => typing(session) || searching(session), intent: log({ to: 'clear' }), line: 4 },
  { group: 'overlay', names: ['q'], shown: 'q', label: labels.close, when: searching, intent: to({ do: 'close' }) },
  { group: 'overlay', names: [...'123456789'], shown: '1-9', label: logLabels.go, when: inStory, intent: toCause, line: 1 },
  { group: 'overlay', names: ['s', 'esc', 'q', 'enter'], shown: 's', label: logLabels.records, when: inStory, intent: log({ to: 'story' }), line: 2 },
  { group: 'overlay', names: ['y'], shown: 'y', label: labels.yes, when: confirming(false), intent: to({ do: 'accept' }), line: 1 },
  { group: 'overlay', names: ['n'], shown: 'n', label: labels.no, when: confirming(false), intent: to({ do: 'decline' }), line: 2 },
  { group: 'overlay', names: ['l', 'q', 'ctrl-c', 'enter'], shown: 'l', label: labels.leave, when: confirming(true), intent: to({ do: 'accept' }), line: 1 },
  { group: 'overlay', names: ['s'], shown: 's', label: labels.stop, when: confirming(true), intent: to({ do: 'stop servers' }), line: 2 },
  { group: 'overlay', names: ['esc'], shown: 'Esc', label: labels.stay, when: confirming(true), intent: to({ do: 'close' }), line: 3 },
  { group: 'overlay', names: ['esc', 'q'], shown: 'Esc', label: labels.close, when: (session) => session.overlay !== null && !confirming(true)(session) && !over('welcome')(session) && !typing(session) && !searching(session) && !inStory(session), intent: to({ do: 'close' }), line: 4 },
  { group: 'overlay', names: ['enter'], shown: 'Enter', label: labels.close, when: over('hints', 'help', 'map', 'end', 'problem', 'layers'), intent: to({ do: 'close' }) },
  { group: 'overlay', names: ['g', 'l', 'm', '?', ','], shown: '', label: labels.close, when: over('lessons', 'log', 'map', 'settings', 'help', 'end'), intent: to({ do: 'close' }) },
  { group: 'overlay', names: ['ctrl-c'], shown: '', label: labels.quit, when: (session) => !inLesson(session), intent: to({ do: 'quit' }) },
];

/** For the help. */
export const keysOfLesson: readonly Key[] = keys.filter(({ group }) => group === 'lesson');
