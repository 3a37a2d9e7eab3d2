/** The keys of the overlays, but for the log view (log.ts). */
import type { Intent } from '../../session/intent.ts';
import { wantsSolution } from '../../session/overlays/hints.ts';
import { asksAgain } from '../../session/overlays/questions.ts';
import type { Session } from '../../session/session.ts';
import { messages } from '../messages.ts';
import { type Key, to } from './key.ts';
import { by, lineKeys, pageKeys } from './scroll.ts';

const labels = messages.keys;

export const quitKey: Key = { names: ['ctrl-c'], shown: '', label: labels.quit, intent: to({ do: 'quit' }) };
export const closeKey: Key = {
  names: ['esc', 'q'],
  shown: 'Esc',
  label: labels.close,
  intent: to({ do: 'close' }),
  line: 4,
};
const enterCloses: Key = { names: ['enter'], shown: 'Enter', label: labels.close, intent: to({ do: 'close' }) };
/** The keys that open a sheet from the lesson close any of them. */
export const closedBy = (...names: readonly string[]): Key => ({
  names,
  shown: '',
  label: labels.close,
  intent: to({ do: 'close' }),
});
export const openers = ['g', 'l', 'm', 'v', '?', ','];

const scrollKeys = [...lineKeys, ...pageKeys];

// biome-ignore format: a table
const cursorKeys: readonly Key[] = [
  { names: ['up', 'k'], shown: '↑', label: labels.up, intent: to({ do: 'move', by: -1 }) },
  { names: ['down', 'j'], shown: '↑↓', label: labels.choose, intent: to({ do: 'move', by: 1 }), line: 2 },
];

// biome-ignore format: a table
export const welcomeKeys: readonly Key[] = [
  ...scrollKeys,
  { names: ['enter'], shown: 'Enter', label: labels.begin, intent: to({ do: 'accept' }), line: 1 },
  { names: ['?'], shown: '?', label: labels.help, intent: to({ do: 'help' }), line: 3 },
  { names: ['q'], shown: 'q', label: labels.quit, intent: to({ do: 'quit' }), line: 2 },
  quitKey,
];

export const helpKeys: readonly Key[] = [...scrollKeys, closeKey, enterCloses, closedBy(...openers), quitKey];

export const problemKeys: readonly Key[] = [...scrollKeys, closeKey, enterCloses, quitKey];

// biome-ignore format: a table
export const settingsKeys: readonly Key[] = [
  { names: ['right', 'l', 'enter', 'space'], shown: '← →', label: labels.change, intent: to({ do: 'change setting', by: 1 }), line: 1 },
  { names: ['left', 'h'], shown: '←', label: labels.change, intent: to({ do: 'change setting', by: -1 }) },
  ...cursorKeys,
  closeKey,
  closedBy('g', 'm', 'v', '?', ','),
  quitKey,
];

// biome-ignore format: a table
export const lessonListKeys: readonly Key[] = [
  ...cursorKeys,
  { names: ['enter'], shown: 'Enter', label: labels.open, intent: to({ do: 'accept' }), line: 1 },
  closeKey,
  closedBy(...openers),
  quitKey,
];

// biome-ignore format: a table
export const endKeys: readonly Key[] = [
  ...scrollKeys,
  { names: ['w'], shown: 'w', label: labels.report, intent: to({ do: 'report' }), line: 1 },
  closeKey,
  enterCloses,
  closedBy(...openers),
  quitKey,
];

// biome-ignore format: a table
export const layersKeys: readonly Key[] = [
  ...pageKeys,
  { names: ['e'], shown: 'e', label: labels.edit, intent: to({ do: 'edit' }), line: 1 },
  ...cursorKeys,
  closeKey,
  enterCloses,
  quitKey,
];

const hintLabel = (session: Session): string => (wantsSolution(session) ? labels.doIt : labels.moreHints);

// biome-ignore format: a table
export const hintsKeys: readonly Key[] = [
  ...scrollKeys,
  { names: ['h'], shown: 'h', label: hintLabel, intent: to({ do: 'hint' }), line: 1 },
  closeKey,
  enterCloses,
  quitKey,
];

const hasTextAbove = ({ overlay, tasks }: Session): boolean =>
  overlay?.kind === 'question' && tasks.some(({ key, words }) => key === overlay.task && words.blocks.length > 0);
const choice = (_: Session, __: unknown, name: string): Intent => ({ do: 'choose', choice: name });
const afterAnswer = (session: Session): string =>
  session.overlay?.kind === 'question' && asksAgain(session, session.overlay) ? labels.tryAgain : labels.goOn;

// biome-ignore format: a table
const logAndMapKeys: readonly Key[] = [
  { names: ['l'], shown: 'l', label: labels.log, intent: to({ do: 'log' }), line: 6 },
  { names: ['m'], shown: 'm', label: labels.map, intent: to({ do: 'map' }), line: 6 },
];

// biome-ignore format: a table
export const questionKeys: readonly Key[] = [
  ...cursorKeys,
  { names: ['enter'], shown: 'Enter', label: labels.answer, intent: to({ do: 'accept' }), line: 1 },
  { names: ['a', 'b', 'c', 'd', 'e', 'f'], shown: 'a b c', label: labels.answerAtOnce, intent: choice, line: 5 },
  { names: ['pageup'], shown: 'PgUp', label: labels.wordsAbove, when: hasTextAbove, intent: by(0, -1), line: 6 },
  { names: ['pageup'], shown: 'PgUp', label: labels.pages, when: (session) => !hasTextAbove(session), intent: by(0, -1) },
  ...pageKeys.filter(({ names }) => !names.includes('pageup')),
  ...logAndMapKeys,
  closeKey,
  quitKey,
];

// biome-ignore format: a table
export const answeredKeys: readonly Key[] = [
  ...scrollKeys,
  { names: ['enter'], shown: 'Enter', label: afterAnswer, intent: to({ do: 'accept' }), line: 1 },
  ...logAndMapKeys,
  closeKey,
  quitKey,
];

// biome-ignore format: a table
export const confirmKeys: readonly Key[] = [
  ...scrollKeys,
  { names: ['y'], shown: 'y', label: labels.yes, intent: to({ do: 'accept' }), line: 1 },
  { names: ['n'], shown: 'n', label: labels.no, intent: to({ do: 'decline' }), line: 2 },
  closeKey,
  quitKey,
];

// biome-ignore format: a table
export const confirmQuitKeys: readonly Key[] = [
  ...scrollKeys,
  { names: ['l', 'q', 'ctrl-c', 'enter'], shown: 'l', label: labels.leave, intent: to({ do: 'accept' }), line: 1 },
  { names: ['s'], shown: 's', label: labels.stop, intent: to({ do: 'stop servers' }), line: 2 },
  { names: ['esc'], shown: 'Esc', label: labels.stay, intent: to({ do: 'close' }), line: 3 },
];

// biome-ignore format: a table
export const mapKeys: readonly Key[] = [
  ...scrollKeys,
  { names: ['c'], shown: 'c', label: labels.slowCommit, intent: to({ do: 'commit' }), line: 1 },
  closeKey,
  enterCloses,
  closedBy(...openers),
  quitKey,
];

// biome-ignore format: a table
export const changesKeys: readonly Key[] = [
  { names: ['tab', 'left', 'right'], shown: 'Tab', label: labels.otherState, intent: to({ do: 'move', by: 1 }), line: 1 },
  ...scrollKeys,
  closeKey,
  enterCloses,
  closedBy(...openers),
  quitKey,
];

const playLabel = ({ overlay, learner }: Session): string => {
  if (!learner.settings.motion) return labels.stepOn;
  return overlay?.kind === 'commit' && overlay.plays ? labels.pausePlay : labels.play;
};

// biome-ignore format: a table
export const commitKeys: readonly Key[] = [
  { names: ['left'], shown: '←', label: labels.level, intent: to({ do: 'level', by: -1 }) },
  { names: ['right'], shown: '← →', label: labels.level, intent: to({ do: 'level', by: 1 }), line: 2 },
  { names: ['space', 'down', 'j'], shown: 'Space', label: labels.stepOn, intent: to({ do: 'move', by: 1 }), line: 1 },
  { names: ['up', 'k'], shown: '↑', label: labels.stepBack, intent: to({ do: 'move', by: -1 }), line: 6 },
  { names: ['pageup'], shown: 'PgUp', label: labels.pageUp, intent: by(0, -1) },
  { names: ['pagedown'], shown: 'PgDn', label: labels.pageDown, intent: by(0, 1) },
  { names: ['enter'], shown: 'Enter', label: playLabel, intent: to({ do: 'accept' }), line: 5 },
  closeKey,
  quitKey,
];
