/** The keys: one table that finds what a key means, draws the key line, and is the help. */

import { hintsOf } from '../../learner/hints.ts';
import { questionsOf } from '../../lesson/answers.ts';
import { isAllowed, scrolling } from '../../session/handle-intent.ts';
import type { LogMove } from '../../session/log/state.ts';
import { measuredDistance } from '../../session/overlays/confirm.ts';
import { wantsSolution } from '../../session/overlays/hints.ts';
import { asksAgain } from '../../session/overlays/questions.ts';
import {
  currentLesson,
  currentTask,
  type Intent,
  isComplete,
  isWide,
  type Overlay,
  type Pane,
  type ScrollTarget,
  type Session,
} from '../../session/session.ts';
import { codeAtHand, nextCodes, nextStep } from '../../session/steps.ts';
import { isTyping } from '../../session/terminal.ts';
import { dividedBy } from '../layout/divide.ts';
import { columns, type Line, type Piece, piece, touchable } from '../layout/wrap.ts';
import { inStory, isInLog, searching, stepBy, toCause, typedIn, typing } from '../log/keys.ts';
import type { LogSight } from '../log/sight.ts';
import { messages } from '../messages.ts';
import { blockBy, blockToCopy, losesBlock, type Sight } from '../page/reading.ts';
import type { Rect } from '../terminal.ts';

/** How far each part of the drawn frame can be scrolled, in lines, and how many lines it shows. */
export type Reach = {
  readonly bounds: Readonly<Record<ScrollTarget, number>>;
  readonly tops: Readonly<Record<ScrollTarget, number>>; // the first lines in sight
  readonly page: number;
  readonly tasks: readonly number[]; // the lines where the words of each task begin
  readonly sight: Sight; // of the words
  readonly terminal: Rect | null; // null: not in sight
  readonly areas: readonly Touchable[]; // the first that a place lies in counts
  readonly log?: LogSight['step']; // where a step leads in the log view
};

/** A part of the frame that the wheel scrolls, and that a click chooses. */
export type Touchable = Rect & { readonly scrolls?: ScrollTarget; readonly pane?: Pane };

const nowhere = { words: 0, tasks: 0, terminal: 0, overlay: 0 };
export const noReach: Reach = {
  bounds: nowhere,
  tops: nowhere,
  page: 0,
  tasks: [],
  sight: { top: 0, height: 0, of: 0, codes: [] },
  terminal: null,
  areas: [],
};

export type Key = {
  readonly group: 'lesson' | 'terminal' | 'overlay'; // the help lists the lesson's; over it lies what is open or chosen
  readonly names: readonly string[]; // as the terminal's reader names them: 'n', 'N', 'up', 'enter', 'ctrl-c'
  readonly shown: string;
  readonly label: string | ((session: Session) => string);
  readonly when: (session: Session) => boolean;
  readonly intent: (session: Session, reach: Reach, name: string) => Intent;
  readonly line?: number; // place in the key line where room is short: 1 goes last
  readonly help?: keyof typeof messages.helpFor;
};

export function intentOf(name: string, session: Session, reach: Reach): Intent | undefined {
  const inLogSearch = typedIn(session, name);
  if (inLogSearch) return inLogSearch;
  const key = keys.find(({ names, when }) => names.includes(name) && when(session));
  return key ? key.intent(session, reach, name) : isSearching(session) ? letter(session, name) : undefined;
}

/** All that is no key of a search is a letter of it. */
function letter({ search }: Session, name: string): Intent | undefined {
  const sign = name === 'space' ? ' ' : name;
  return search && [...sign].length === 1 ? { do: 'search on', text: search.text + sign } : undefined;
}

/** The keys that mean something now and are shown. */
export function shownKeys(session: Session): readonly Key[] {
  const meant = keys.filter(
    ({ when, intent, names }) => when(session) && isAllowed(session, intent(session, noReach, names[0] ?? '')),
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

const working = (session: Session): boolean => inLesson(session) && session.deed !== null && !session.stopping;
const measures = (session: Session): boolean => inLesson(session) && measuredDistance(session) !== undefined;

const to = (intent: Intent) => (): Intent => intent;
const log = (move: LogMove) => to({ do: 'in log', move });

/** Scrolling by lines, or by pages, within what the frame shows. */
const by =
  (lines: number, pages = 0) =>
  (session: Session, reach: Reach): Intent => {
    const far = lines + Math.ceil(pages * Math.max(reach.page - 2, 1));
    return scrolled(session, reach, scrolling(session), far);
  };

/** As far as there is something to see. */
export function scrolled(session: Session, { bounds, tops, sight }: Reach, what: ScrollTarget, lines: number): Intent {
  const to = Math.max(0, Math.min(tops[what] + lines, bounds[what]));
  const place = what === 'words' ? { of: sight.of, loses: losesBlock(session, sight, to) } : {};
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

const readTask: Key['intent'] = (_, { tasks, bounds, sight }, name) => {
  const index = Number(name) - 1;
  return { do: 'task', index, line: Math.min(tasks[index] ?? 0, bounds.words), of: sight.of };
};

const searchOn =
  (by: 1 | -1): Key['intent'] =>
  () => ({ do: 'search on', by });
const shorter: Key['intent'] = ({ search }) => ({ do: 'search on', text: search?.text.slice(0, -1) ?? '' });
/** The page stays where the search has led. */
const stay: Key['intent'] = (_, { sight }) => ({ do: 'scroll', to: sight.top, of: sight.of });
const useBlock: Key['intent'] = ({ block }, { sight }) => ({ do: 'use', code: sight.codes[block ?? -1] ?? null });
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
  const { all, shown } = hintsOf(task, session.kept.progress);
  return messages.keys.hint(shown.length, all.length);
};

const playLabel = ({ overlay, kept }: Session): string => {
  if (!kept.settings.motion) return messages.keys.stepOn;
  return overlay?.kind === 'commit' && overlay.plays ? messages.keys.pausePlay : messages.keys.play;
};

const afterAnswer = (session: Session): string =>
  session.overlay?.kind === 'question' && asksAgain(session, session.overlay)
    ? messages.keys.tryAgain
    : messages.keys.goOn;

const nextLabel = (session: Session): string => {
  if (!isComplete(session)) return m.next;
  return currentLesson(session) === session.lessons.at(-1) ? m.learnt : m.nextLesson;
};

const inVi = (session: Session): boolean =>
  isTyping(session) && session.terminal?.programs.at(-1)?.run === 'edit' && /^(vi|vim|nvim|view)$/.test(session.editor);
const inPsql = (session: Session): boolean => isTyping(session) && session.terminal?.programs.at(-1)?.run === 'psql';

const zoomLabel = ({ terminal }: Session): string => (terminal?.zoomed ? messages.keys.unzoom : messages.keys.zoom);

const m = messages.keys;
const l = messages.logView.keys;

// biome-ignore format: a table
const keys: readonly Key[] = [
  { group: 'overlay', names: ['esc'], shown: 'Esc', label: m.stopDeed, when: working, intent: to({ do: 'stop deed' }), line: 0 },
  { group: 'overlay', names: ['enter'], shown: 'Enter', label: m.useCode, when: hasBlock, intent: useBlock, line: 3 },
  { group: 'overlay', names: ['c'], shown: 'c', label: m.copy, when: hasBlock, intent: (session, { sight }) => blockToCopy(session, sight), line: 3 },
  { group: 'overlay', names: ['esc'], shown: 'Esc', label: m.noBlock, when: hasBlock, intent: to({ do: 'block', index: null }), line: 4 },
  { group: 'overlay', names: ['enter'], shown: 'Enter', label: m.useCode, when: hasStep, intent: useStep, line: 3 },
  { group: 'overlay', names: ['c'], shown: 'c', label: m.copy, when: hasStep, intent: copyStep, line: 3 },
  { group: 'overlay', names: ['esc'], shown: 'Esc', label: m.noBlock, when: hasStep, intent: to({ do: 'step', index: null }), line: 4 },
  { group: 'lesson', names: ['M'], shown: 'M', label: m.measure, when: measures, intent: to({ do: 'measure' }), line: 4, help: 'measure' },
  { group: 'lesson', names: ['n'], shown: 'n', label: nextLabel, when: inLesson, intent: to({ do: 'next' }), line: 3 },
  { group: 'lesson', names: ['enter'], shown: 'Enter', label: m.answer, when: isQuestion, intent: to({ do: 'answer' }), line: 4 },
  { group: 'lesson', names: ['h'], shown: 'h', label: hintLabel, when: inLesson, intent: to({ do: 'hint' }), line: 5, help: 'hint' },
  { group: 'lesson', names: ['t'], shown: 't', label: m.shell, when: inLesson, intent: to({ do: 'shell' }), line: 6, help: 'shell' },
  { group: 'lesson', names: ['z'], shown: 'z', label: m.zoom, when: besideTerminal, intent: to({ do: 'zoom' }), help: 'zoom' },
  { group: 'lesson', names: ['e'], shown: 'e', label: m.edit, when: inLesson, intent: to({ do: 'edit' }), line: 7, help: 'edit' },
  { group: 'lesson', names: ['p'], shown: 'p', label: m.psql, when: inLesson, intent: to({ do: 'psql' }), line: 10, help: 'psql' },
  { group: 'lesson', names: ['l'], shown: 'l', label: m.log, when: inLesson, intent: to({ do: 'log' }), line: 8, help: 'log' },
  { group: 'lesson', names: ['m'], shown: 'm', label: m.map, when: inLesson, intent: to({ do: 'map' }), line: 9, help: 'map' },
  { group: 'lesson', names: ['tab'], shown: 'Tab', label: m.pane, when: inLesson, intent: to({ do: 'pane' }), line: 4, help: 'pane' },
  { group: 'lesson', names: ['g'], shown: 'g', label: m.lessons, when: inLesson, intent: to({ do: 'lessons' }), line: 11 },
  { group: 'lesson', names: ['s'], shown: 's', label: m.solve, when: inLesson, intent: to({ do: 'solve' }), line: 13, help: 'solve' },
  { group: 'lesson', names: ['r'], shown: 'r', label: m.reset, when: inLesson, intent: to({ do: 'reset' }), line: 14, help: 'reset' },
  { group: 'lesson', names: ['b'], shown: 'b', label: m.back, when: inLesson, intent: to({ do: 'back' }), line: 12 },
  { group: 'lesson', names: ['N'], shown: 'N', label: m.skip, when: inLesson, intent: to({ do: 'skip' }) },
  { group: 'lesson', names: ['1', '2', '3', '4'], shown: '1-4', label: m.task, when: inLesson, intent: readTask, help: 'task' },
  { group: 'lesson', names: ['left'], shown: '←', label: m.server, when: inLesson, intent: to({ do: 'server', by: -1 }), help: 'server' },
  { group: 'lesson', names: ['right'], shown: '→', label: m.server, when: inLesson, intent: to({ do: 'server', by: 1 }), help: 'server' },
  { group: 'lesson', names: ['/'], shown: '/', label: m.search, when: inLesson, intent: (_, { sight }) => ({ do: 'search', from: sight.top }), line: 15, help: 'search' },
  { group: 'lesson', names: ['d'], shown: 'd', label: m.doNext, when: hasNext, intent: useStep, line: 12, help: 'doNext' },
  { group: 'overlay', names: [']', '}'], shown: ']', label: m.nextBlock, when: seesTasks, intent: toStep(1), line: 16 },
  { group: 'overlay', names: ['[', '{'], shown: '[', label: m.lastBlock, when: seesTasks, intent: toStep(-1) },
  { group: 'lesson', names: [']', '}'], shown: ']', label: m.nextBlock, when: inLesson, intent: (session, { sight }) => blockBy(1, session, sight), line: 16, help: 'block' },
  { group: 'lesson', names: ['[', '{'], shown: '[', label: m.lastBlock, when: inLesson, intent: (session, { sight }) => blockBy(-1, session, sight) },
  { group: 'lesson', names: ['c'], shown: 'c', label: m.copy, when: hasNoBlock, intent: (session, { sight }) => blockToCopy(session, sight), line: 17, help: 'copy' },
  { group: 'overlay', names: ['up', 'k'], shown: '↑', label: m.selectTask, when: seesTasks, intent: to({ do: 'select task', by: -1 }) },
  { group: 'overlay', names: ['down', 'j'], shown: '↑↓', label: m.selectTask, when: seesTasks, intent: to({ do: 'select task', by: 1 }), line: 4 },
  { group: 'lesson', names: ['enter'], shown: 'Enter', label: m.layers, when: seesVerdict, intent: to({ do: 'layers' }), line: 3, help: 'layers' },
  { group: 'lesson', names: ['<'], shown: '<', label: m.division, when: dividing, intent: (session) => ({ do: 'divide', left: dividedBy(session, -1) }) },
  { group: 'lesson', names: ['>'], shown: '>', label: m.division, when: dividing, intent: (session) => ({ do: 'divide', left: dividedBy(session, 1) }) },
  { group: 'lesson', names: ['='], shown: '=', label: m.usualWidth, when: dividing, intent: to({ do: 'divide', left: null }) },
  { group: 'terminal', names: ['pageup'], shown: '', label: m.pageUp, when: justLeft, intent: terminalPage(-1) },
  { group: 'terminal', names: ['pagedown'], shown: '', label: m.pageDown, when: justLeft, intent: terminalPage(1) },
  { group: 'lesson', names: ['up', 'k'], shown: '↑', label: m.lines, when: scrollable, intent: by(-1) },
  { group: 'lesson', names: ['down', 'j'], shown: '↓', label: m.lines, when: scrollable, intent: by(1) },
  { group: 'lesson', names: ['pageup'], shown: 'PgUp', label: m.pages, when: pageable, intent: by(0, -1) },
  { group: 'lesson', names: ['pagedown', 'space'], shown: 'Space', label: m.pages, when: pageable, intent: by(0, 1) },
  { group: 'lesson', names: ['ctrl-u'], shown: '^u', label: m.halfPages, when: pageable, intent: by(0, -0.5) },
  { group: 'lesson', names: ['ctrl-d'], shown: '^d', label: m.halfPages, when: pageable, intent: by(0, 0.5) },
  { group: 'lesson', names: ['home'], shown: 'Home', label: m.ends, when: pageable, intent: by(-Number.MAX_SAFE_INTEGER) },
  { group: 'lesson', names: ['end'], shown: 'End', label: m.ends, when: pageable, intent: by(Number.MAX_SAFE_INTEGER) },
  { group: 'lesson', names: [','], shown: ',', label: m.settings, when: inLesson, intent: to({ do: 'settings' }), line: 15, help: 'settings' },
  { group: 'lesson', names: ['?'], shown: '?', label: m.help, when: inLesson, intent: to({ do: 'help' }), line: 1 },
  { group: 'lesson', names: ['q', 'ctrl-c'], shown: 'q', label: m.quit, when: inLesson, intent: to({ do: 'quit' }), line: 2 },

  { group: 'terminal', names: ['ctrl-]'], shown: 'Ctrl-]', label: m.lesson, when: isTyping, intent: to({ do: 'leave terminal' }), line: 1 },
  { group: 'terminal', names: ['ctrl-]'], shown: '', label: m.shell, when: besideTerminal, intent: to({ do: 'shell' }) },
  { group: 'terminal', names: [], shown: 'Ctrl-] z', label: zoomLabel, when: isTyping, intent: to({ do: 'zoom' }), line: 2 },
  { group: 'terminal', names: [], shown: 'Ctrl-] PgUp', label: m.scrollBack, when: isTyping, intent: terminalPage(-1), line: 5 },
  { group: 'terminal', names: [], shown: 'i', label: m.viWrites, when: inVi, intent: to({ do: 'edit' }), line: 3 },
  { group: 'terminal', names: [], shown: 'Esc :wq', label: m.viLeaves, when: inVi, intent: to({ do: 'edit' }), line: 2 },
  { group: 'terminal', names: [], shown: '\\q', label: m.leavePsql, when: inPsql, intent: to({ do: 'psql' }), line: 4 },
  { group: 'overlay', names: ['enter', 'down'], shown: 'Enter', label: m.nextHit, when: isSearching, intent: searchOn(1), line: 2 },
  { group: 'overlay', names: ['up'], shown: '↑', label: m.lastHit, when: isSearching, intent: searchOn(-1), line: 3 },
  { group: 'overlay', names: ['backspace'], shown: '', label: '', when: isSearching, intent: shorter },
  { group: 'overlay', names: ['esc'], shown: 'Esc', label: m.close, when: isSearching, intent: stay, line: 1 },

  { group: 'overlay', names: ['enter', 'space'], shown: 'Enter', label: m.begin, when: over('welcome'), intent: to({ do: 'accept' }), line: 1 },
  { group: 'overlay', names: ['?'], shown: '?', label: m.help, when: over('welcome'), intent: to({ do: 'help' }), line: 3 },
  { group: 'overlay', names: ['q'], shown: 'q', label: m.quit, when: over('welcome'), intent: to({ do: 'quit' }), line: 2 },
  { group: 'overlay', names: ['right', 'l', 'enter', 'space'], shown: '← →', label: m.change, when: over('settings'), intent: to({ do: 'change', by: 1 }), line: 1 },
  { group: 'overlay', names: ['left', 'h'], shown: '←', label: m.change, when: over('settings'), intent: to({ do: 'change', by: -1 }) },
  { group: 'overlay', names: ['e'], shown: 'e', label: m.edit, when: over('layers'), intent: to({ do: 'edit' }), line: 1 },
  { group: 'overlay', names: ['w'], shown: 'w', label: m.report, when: over('end'), intent: to({ do: 'report' }), line: 1 },
  { group: 'overlay', names: ['h'], shown: 'h', label: (session) => (wantsSolution(session) ? m.doIt : m.moreHints), when: over('hints'), intent: to({ do: 'hint' }), line: 1 },
  { group: 'overlay', names: ['up', 'k'], shown: '↑', label: m.up, when: picking, intent: to({ do: 'move', by: -1 }) },
  { group: 'overlay', names: ['down', 'j'], shown: '↑↓', label: m.choose, when: picking, intent: to({ do: 'move', by: 1 }), line: 2 },
  { group: 'overlay', names: ['enter'], shown: 'Enter', label: m.answer, when: answering, intent: to({ do: 'accept' }), line: 1 },
  { group: 'overlay', names: ['a', 'b', 'c', 'd', 'e', 'f'], shown: 'a b c', label: m.answerAtOnce, when: answering, intent: (_, __, name) => ({ do: 'choose', choice: name }), line: 5 },
  { group: 'overlay', names: ['pageup'], shown: 'PgUp', label: m.wordsAbove, when: hasWordsAbove, intent: by(0, -1), line: 6 },
  { group: 'overlay', names: ['enter', 'space'], shown: 'Enter', label: afterAnswer, when: answered, intent: to({ do: 'accept' }), line: 1 },
  { group: 'overlay', names: ['l'], shown: 'l', label: m.log, when: over('question'), intent: to({ do: 'log' }), line: 6 },
  { group: 'overlay', names: ['m'], shown: 'm', label: m.map, when: over('question'), intent: to({ do: 'map' }), line: 6 },
  { group: 'overlay', names: ['enter'], shown: 'Enter', label: m.open, when: over('lessons'), intent: to({ do: 'accept' }), line: 1 },
  { group: 'overlay', names: ['c'], shown: 'c', label: m.slowCommit, when: over('map'), intent: to({ do: 'commit' }), line: 1 },
  { group: 'overlay', names: ['left'], shown: '←', label: m.level, when: over('commit'), intent: to({ do: 'level', by: -1 }) },
  { group: 'overlay', names: ['right'], shown: '← →', label: m.level, when: over('commit'), intent: to({ do: 'level', by: 1 }), line: 2 },
  { group: 'overlay', names: ['space', 'down', 'j'], shown: 'Space', label: m.stepOn, when: over('commit'), intent: to({ do: 'move', by: 1 }), line: 1 },
  { group: 'overlay', names: ['up', 'k'], shown: '↑', label: m.stepBack, when: over('commit'), intent: to({ do: 'move', by: -1 }), line: 6 },
  { group: 'overlay', names: ['pageup'], shown: 'PgUp', label: m.pageUp, when: over('commit'), intent: by(0, -1) },
  { group: 'overlay', names: ['pagedown'], shown: 'PgDn', label: m.pageDown, when: over('commit'), intent: by(0, 1) },
  { group: 'overlay', names: ['enter'], shown: 'Enter', label: playLabel, when: over('commit'), intent: to({ do: 'accept' }), line: 5 },
  { group: 'overlay', names: ['enter'], shown: 'Enter', label: l.note, when: isInLog, intent: log({ to: 'note' }), line: 2 },
  { group: 'overlay', names: ['a'], shown: 'a', label: l.allNotes, when: isInLog, intent: log({ to: 'all notes' }), line: 8 },
  { group: 'overlay', names: ['tab', 'right'], shown: '← →', label: l.server, when: isInLog, intent: log({ to: 'server', by: 1 }), line: 6 },
  { group: 'overlay', names: ['left'], shown: '←', label: l.server, when: isInLog, intent: log({ to: 'server', by: -1 }) },
  { group: 'overlay', names: ['f'], shown: 'f', label: l.filter, when: isInLog, intent: log({ to: 'next filter' }), line: 3 },
  { group: 'overlay', names: ['/'], shown: '/', label: l.search, when: isInLog, intent: log({ to: 'search' }), line: 5 },
  { group: 'overlay', names: ['n'], shown: 'n N', label: l.hits, when: searching, intent: log({ to: 'hit', by: 1 }), line: 1 },
  { group: 'overlay', names: ['N'], shown: 'N', label: l.hits, when: searching, intent: log({ to: 'hit', by: -1 }) },
  { group: 'overlay', names: ['s'], shown: 's', label: l.story, when: isInLog, intent: log({ to: 'story' }), line: 7 },
  { group: 'overlay', names: ['up', 'k'], shown: '↑', label: m.up, when: isInLog, intent: stepBy({ lines: -1 }) },
  { group: 'overlay', names: ['down', 'j'], shown: '↓', label: m.down, when: isInLog, intent: stepBy({ lines: 1 }) },
  { group: 'overlay', names: ['pageup'], shown: 'PgUp', label: m.pageUp, when: isInLog, intent: stepBy({ pages: -1 }) },
  { group: 'overlay', names: ['pagedown', 'space'], shown: 'Space', label: m.pageDown, when: isInLog, intent: stepBy({ pages: 1 }) },
  { group: 'overlay', names: ['home'], shown: 'Home', label: m.top, when: isInLog, intent: stepBy('home') },
  { group: 'overlay', names: ['end', 'G'], shown: 'End', label: l.follow, when: isInLog, intent: log({ to: 'end' }), line: 9 },
  { group: 'overlay', names: ['enter'], shown: 'Enter', label: l.keep, when: typing, intent: log({ to: 'keep' }), line: 1 },
  { group: 'overlay', names: ['esc'], shown: 'Esc', label: l.clear, when: (session) => typing(session) || searching(session), intent: log({ to: 'clear' }), line: 4 },
  { group: 'overlay', names: ['q'], shown: 'q', label: m.close, when: searching, intent: to({ do: 'close' }) },
  { group: 'overlay', names: [...'123456789'], shown: '1-9', label: l.go, when: inStory, intent: toCause, line: 1 },
  { group: 'overlay', names: ['s', 'esc', 'q', 'enter'], shown: 's', label: l.records, when: inStory, intent: log({ to: 'story' }), line: 2 },
  { group: 'overlay', names: ['y'], shown: 'y', label: m.yes, when: confirming(false), intent: to({ do: 'accept' }), line: 1 },
  { group: 'overlay', names: ['n'], shown: 'n', label: m.no, when: confirming(false), intent: to({ do: 'decline' }), line: 2 },
  { group: 'overlay', names: ['l', 'q', 'ctrl-c', 'enter'], shown: 'l', label: m.leave, when: confirming(true), intent: to({ do: 'accept' }), line: 1 },
  { group: 'overlay', names: ['s'], shown: 's', label: m.stop, when: confirming(true), intent: to({ do: 'stop servers' }), line: 2 },
  { group: 'overlay', names: ['esc'], shown: 'Esc', label: m.stay, when: confirming(true), intent: to({ do: 'close' }), line: 3 },
  { group: 'overlay', names: ['esc', 'q'], shown: 'Esc', label: m.close, when: (session) => session.overlay !== null && !confirming(true)(session) && !over('welcome')(session) && !typing(session) && !searching(session) && !inStory(session), intent: to({ do: 'close' }), line: 4 },
  { group: 'overlay', names: ['enter'], shown: 'Enter', label: m.close, when: over('hints', 'help', 'map', 'end', 'problem', 'layers'), intent: to({ do: 'close' }) },
  { group: 'overlay', names: ['g', 'l', 'm', '?', ','], shown: '', label: m.close, when: over('lessons', 'log', 'map', 'settings', 'help', 'end'), intent: to({ do: 'close' }) },
  { group: 'overlay', names: ['ctrl-c'], shown: '', label: m.quit, when: (session) => !inLesson(session), intent: to({ do: 'quit' }) },
];

/** For the help. */
export const keysOfLesson: readonly Key[] = keys.filter(({ group }) => group === 'lesson');
