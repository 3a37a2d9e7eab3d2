/** The keys: one table that finds what a key means, draws the key line, and is the help. */
import { questionsOf } from '../lesson/answers.ts';
import { scrolling } from '../session/intents.ts';
import {
  currentTask,
  type Intent,
  isComplete,
  type Overlay,
  type Pane,
  type ScrollTarget,
  type Session,
} from '../session/session.ts';
import { messages } from './messages.ts';
import { columns, type Line, type Piece, piece, touchable } from './wrap.ts';

/** How far each part of the drawn frame can be scrolled, in lines, and how many lines it shows. */
export type Reach = {
  readonly bounds: Readonly<Record<ScrollTarget, number>>;
  readonly page: number;
  readonly tasks: readonly number[]; // the lines where the words of each task begin
  readonly areas?: readonly Area[]; // for the mouse
};

/** A part of the frame that the wheel scrolls, and that a click makes the chosen one. */
export type Area = {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly scrolls: ScrollTarget;
  readonly pane?: Pane;
};

type Key = {
  readonly group: 'lesson' | 'overlay'; // the help lists the lesson's
  readonly names: readonly string[]; // as the terminal's reader names them: 'n', 'N', 'up', 'enter', 'ctrl-c'
  readonly shown: string;
  readonly label: string | ((session: Session) => string);
  readonly when: (session: Session) => boolean;
  readonly intent: (session: Session, reach: Reach, name: string) => Intent;
  readonly line?: number; // place in the key line where room is short: 1 goes last
  readonly help?: keyof typeof messages.helpFor;
};

export function intentOf(name: string, session: Session, reach: Reach): Intent | undefined {
  return keys.find(({ names, when }) => names.includes(name) && when(session))?.intent(session, reach, name);
}

/** The keys that mean something now, as many as have room. */
export function keyLine(session: Session, width: number): Line {
  const active = keys.filter(({ line, when }) => line !== undefined && when(session));
  const byRank = active.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
  const count = byRank.findIndex((_, at) => widthOf(byRank.slice(0, at + 1), session) > width);
  const shown = new Set(count < 0 ? byRank : byRank.slice(0, count));
  return active.filter((key) => shown.has(key)).flatMap((key) => drawn(key, session));
}

const widthOf = (shown: readonly Key[], session: Session): number =>
  shown.flatMap((key) => drawn(key, session)).reduce((sum, { text }) => sum + columns(text), 0);

const drawn = (key: Key, session: Session): readonly Piece[] => {
  const look = [piece(` ${key.shown}`, 'key'), piece(` ${labelOf(key, session)} `, 'detail')];
  return touchable([look], { key: key.names[0] ?? '' }).flat();
};

export const labelOf = ({ label }: Key, session: Session): string =>
  typeof label === 'string' ? label : label(session);

const inLesson = ({ overlay }: Session): boolean => overlay === null;
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
const listing = over('lessons', 'settings');
const picking = (session: Session): boolean => listing(session) || answering(session);
const scrollable = (session: Session): boolean => !picking(session);

export { picking as isPicking };

const isQuestion = (session: Session): boolean => {
  const task = currentTask(session);
  return inLesson(session) && task !== undefined && questionsOf(task).length > 0;
};

const to = (intent: Intent) => (): Intent => intent;

/** Scrolling by lines, or by pages, within what the frame shows. */
const by =
  (lines: number, pages = 0) =>
  (session: Session, { bounds, page }: Reach): Intent => {
    const target = scrolling(session);
    const now = Math.min(session.scroll[target], bounds[target]);
    return {
      do: 'scroll',
      to: Math.max(0, Math.min(now + lines + Math.ceil(pages * Math.max(page - 2, 1)), bounds[target])),
    };
  };

const readTask: Key['intent'] = (_, { tasks, bounds }, name) => {
  const index = Number(name) - 1;
  return { do: 'task', index, line: Math.min(tasks[index] ?? 0, bounds.words) };
};

const hintLabel = (session: Session): string => {
  const task = currentTask(session);
  return messages.keys.hint(session.kept.progress.hints[task?.key ?? ''] ?? 0, task?.words.hints.length ?? 0);
};

const m = messages.keys;

// biome-ignore format: a table
const keys: readonly Key[] = [
  { group: 'lesson', names: ['n'], shown: 'n', label: (session) => (isComplete(session) ? m.nextLesson : m.next), when: inLesson, intent: to({ do: 'next' }), line: 3 },
  { group: 'lesson', names: ['enter'], shown: 'Enter', label: m.answer, when: isQuestion, intent: to({ do: 'answer' }), line: 4 },
  { group: 'lesson', names: ['h'], shown: 'h', label: hintLabel, when: inLesson, intent: to({ do: 'hint' }), line: 5, help: 'hint' },
  { group: 'lesson', names: ['t'], shown: 't', label: m.shell, when: inLesson, intent: to({ do: 'shell' }), line: 6, help: 'shell' },
  { group: 'lesson', names: ['e'], shown: 'e', label: m.edit, when: inLesson, intent: to({ do: 'edit' }), line: 7, help: 'edit' },
  { group: 'lesson', names: ['p'], shown: 'p', label: m.psql, when: inLesson, intent: to({ do: 'psql' }), line: 8, help: 'psql' },
  { group: 'lesson', names: ['l'], shown: 'l', label: m.log, when: inLesson, intent: to({ do: 'log' }), line: 9, help: 'log' },
  { group: 'lesson', names: ['tab'], shown: 'Tab', label: m.pane, when: inLesson, intent: to({ do: 'pane' }), line: 10 },
  { group: 'lesson', names: ['g'], shown: 'g', label: m.lessons, when: inLesson, intent: to({ do: 'lessons' }), line: 11 },
  { group: 'lesson', names: ['s'], shown: 's', label: m.solve, when: inLesson, intent: to({ do: 'solve' }), line: 13, help: 'solve' },
  { group: 'lesson', names: ['r'], shown: 'r', label: m.reset, when: inLesson, intent: to({ do: 'reset' }), line: 14, help: 'reset' },
  { group: 'lesson', names: ['b'], shown: 'b', label: m.back, when: inLesson, intent: to({ do: 'back' }), line: 12 },
  { group: 'lesson', names: ['N'], shown: 'N', label: m.skip, when: inLesson, intent: to({ do: 'skip' }) },
  { group: 'lesson', names: ['1', '2', '3', '4'], shown: '1-4', label: m.task, when: inLesson, intent: readTask, help: 'task' },
  { group: 'lesson', names: ['left'], shown: '←', label: m.server, when: inLesson, intent: to({ do: 'server', by: -1 }), help: 'server' },
  { group: 'lesson', names: ['right'], shown: '→', label: m.server, when: inLesson, intent: to({ do: 'server', by: 1 }), help: 'server' },
  { group: 'lesson', names: ['up', 'k'], shown: '↑ k', label: m.up, when: scrollable, intent: by(-1) },
  { group: 'lesson', names: ['down', 'j'], shown: '↓ j', label: m.down, when: scrollable, intent: by(1) },
  { group: 'lesson', names: ['pageup'], shown: 'PgUp', label: m.pageUp, when: scrollable, intent: by(0, -1) },
  { group: 'lesson', names: ['pagedown', 'space'], shown: 'Space', label: m.pageDown, when: scrollable, intent: by(0, 1) },
  { group: 'lesson', names: ['ctrl-d'], shown: '^d', label: m.halfDown, when: scrollable, intent: by(0, 0.5) },
  { group: 'lesson', names: ['ctrl-u'], shown: '^u', label: m.halfUp, when: scrollable, intent: by(0, -0.5) },
  { group: 'lesson', names: ['home'], shown: 'Home', label: m.top, when: scrollable, intent: by(-Number.MAX_SAFE_INTEGER) },
  { group: 'lesson', names: ['end'], shown: 'End', label: m.end, when: scrollable, intent: by(Number.MAX_SAFE_INTEGER) },
  { group: 'lesson', names: [','], shown: ',', label: m.settings, when: inLesson, intent: to({ do: 'settings' }), line: 15, help: 'settings' },
  { group: 'lesson', names: ['?'], shown: '?', label: m.help, when: inLesson, intent: to({ do: 'help' }), line: 1 },
  { group: 'lesson', names: ['q', 'ctrl-c'], shown: 'q', label: m.quit, when: inLesson, intent: to({ do: 'quit' }), line: 2 },

  { group: 'overlay', names: ['enter', 'space', 'esc'], shown: 'Enter', label: m.begin, when: over('welcome'), intent: to({ do: 'accept' }), line: 1 },
  { group: 'overlay', names: ['right', 'l', 'enter', 'space'], shown: '← →', label: m.change, when: over('settings'), intent: to({ do: 'change', by: 1 }), line: 1 },
  { group: 'overlay', names: ['left', 'h'], shown: '←', label: m.change, when: over('settings'), intent: to({ do: 'change', by: -1 }) },
  { group: 'overlay', names: ['q'], shown: 'q', label: m.quit, when: over('welcome'), intent: to({ do: 'quit' }), line: 2 },
  { group: 'overlay', names: ['h'], shown: 'h', label: m.moreHints, when: over('hints'), intent: to({ do: 'hint' }), line: 1 },
  { group: 'overlay', names: ['up', 'k'], shown: '↑', label: m.up, when: picking, intent: to({ do: 'move', by: -1 }) },
  { group: 'overlay', names: ['down', 'j'], shown: '↑↓', label: m.choose, when: picking, intent: to({ do: 'move', by: 1 }), line: 2 },
  { group: 'overlay', names: ['a', 'b', 'c', 'd', 'e', 'f'], shown: 'a b c', label: m.answer, when: answering, intent: (_, __, name) => ({ do: 'choose', choice: name }), line: 1 },
  { group: 'overlay', names: ['enter'], shown: 'Enter', label: m.answer, when: answering, intent: to({ do: 'accept' }), line: 3 },
  { group: 'overlay', names: ['enter', 'space'], shown: 'Enter', label: m.goOn, when: answered, intent: to({ do: 'accept' }), line: 1 },
  { group: 'overlay', names: ['enter'], shown: 'Enter', label: m.open, when: over('lessons'), intent: to({ do: 'accept' }), line: 1 },
  { group: 'overlay', names: ['tab', 'right'], shown: '← →', label: m.server, when: over('log'), intent: to({ do: 'move', by: 1 }), line: 2 },
  { group: 'overlay', names: ['left'], shown: '←', label: m.server, when: over('log'), intent: to({ do: 'move', by: -1 }) },
  { group: 'overlay', names: ['y'], shown: 'y', label: m.yes, when: confirming(false), intent: to({ do: 'accept' }), line: 1 },
  { group: 'overlay', names: ['n'], shown: 'n', label: m.no, when: confirming(false), intent: to({ do: 'refuse' }), line: 2 },
  { group: 'overlay', names: ['l', 'q', 'ctrl-c', 'enter'], shown: 'l', label: m.leave, when: confirming(true), intent: to({ do: 'accept' }), line: 1 },
  { group: 'overlay', names: ['s'], shown: 's', label: m.stop, when: confirming(true), intent: to({ do: 'refuse' }), line: 2 },
  { group: 'overlay', names: ['esc'], shown: 'Esc', label: m.stay, when: confirming(true), intent: to({ do: 'close' }), line: 3 },
  { group: 'overlay', names: ['esc', 'q'], shown: 'Esc', label: m.close, when: (session) => session.overlay !== null && !confirming(true)(session) && !over('welcome')(session), intent: to({ do: 'close' }), line: 4 },
  { group: 'overlay', names: ['enter'], shown: 'Enter', label: m.close, when: over('hints', 'help', 'log', 'end', 'problem'), intent: to({ do: 'close' }) },
  { group: 'overlay', names: ['g', 'l', '?', ','], shown: '', label: m.close, when: over('lessons', 'settings', 'log', 'help', 'end'), intent: to({ do: 'close' }) },
  { group: 'overlay', names: ['ctrl-c'], shown: '', label: m.quit, when: (session) => session.overlay !== null, intent: to({ do: 'quit' }) },
];

/** For the help. */
export const keysOfLesson: readonly Key[] = keys.filter(({ group }) => group === 'lesson');
