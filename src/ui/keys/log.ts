/** The keys of the log view, of its search, and of its story. */
import type { Intent } from '../../session/intent.ts';
import type { Session } from '../../session/session.ts';
import { mostCauses } from '../log/story.ts';
import type { LogStep, VisibleLog } from '../log/visible.ts';
import { messages } from '../messages.ts';
import { inLog, type Key } from './key.ts';
import { closedBy, closeKey, openers, quitKey } from './overlays.ts';
import { lineKeys, pageKeys } from './scroll.ts';

const labels = messages.logView.keys;
const usual = messages.keys;

const hasSearch = ({ overlay }: Session): boolean => overlay?.kind === 'log' && overlay.search !== null;
const hasNoSearch = (session: Session): boolean => !hasSearch(session);

/** Where a step leads depends on the drawn lines, so the log view of the last frame computes it. */
export const stepBy =
  (step: LogStep) =>
  (_: Session, { log }: { readonly log?: VisibleLog['step'] }): Intent => ({
    do: 'in log',
    move: log?.(step) ?? { to: 'end' },
  });

// biome-ignore format: a table
export const logKeys: readonly Key[] = [
  { names: ['enter'], shown: 'Enter', label: labels.note, intent: inLog({ to: 'note' }), line: 2 },
  { names: ['a'], shown: 'a', label: labels.allNotes, intent: inLog({ to: 'all notes' }), line: 8 },
  { names: ['tab', 'right'], shown: '← →', label: labels.server, intent: inLog({ to: 'server', by: 1 }), line: 6 },
  { names: ['left'], shown: '←', label: labels.server, intent: inLog({ to: 'server', by: -1 }) },
  { names: ['f'], shown: 'f', label: labels.filter, intent: inLog({ to: 'next filter' }), line: 3 },
  { names: ['/'], shown: '/', label: labels.search, intent: inLog({ to: 'search' }), line: 5 },
  { names: ['n'], shown: 'n N', label: labels.hits, when: hasSearch, intent: inLog({ to: 'hit', by: 1 }), line: 1 },
  { names: ['N'], shown: 'N', label: labels.hits, when: hasSearch, intent: inLog({ to: 'hit', by: -1 }) },
  { names: ['s'], shown: 's', label: labels.story, intent: inLog({ to: 'story' }), line: 7 },
  { names: ['up', 'k'], shown: '↑', label: usual.up, intent: stepBy({ lines: -1 }) },
  { names: ['down', 'j'], shown: '↓', label: usual.down, intent: stepBy({ lines: 1 }) },
  { names: ['pageup'], shown: 'PgUp', label: usual.pageUp, intent: stepBy({ pages: -1 }) },
  { names: ['pagedown', 'space'], shown: 'Space', label: usual.pageDown, intent: stepBy({ pages: 1 }) },
  { names: ['home'], shown: 'Home', label: usual.top, intent: stepBy('home') },
  { names: ['end', 'G'], shown: 'End', label: labels.follow, intent: inLog({ to: 'end' }), line: 9 },
  { names: ['esc'], shown: 'Esc', label: labels.clear, when: hasSearch, intent: inLog({ to: 'clear' }), line: 4 },
  { ...closeKey, names: ['esc'], when: hasNoSearch },
  closedBy('q', ...openers),
  quitKey,
];

// biome-ignore format: a table
export const logSearchKeys: readonly Key[] = [
  { names: ['enter'], shown: 'Enter', label: labels.keep, intent: inLog({ to: 'keep' }), line: 1 },
  { names: ['esc'], shown: 'Esc', label: labels.clear, intent: inLog({ to: 'clear' }), line: 4 },
  quitKey,
];

/** Changes the text of the log search by a key that is in no table: backspace, or one typed character. */
export function typedInLog({ overlay }: Session, name: string): Intent | undefined {
  const text = overlay?.kind === 'log' ? (overlay.search?.text ?? '') : '';
  if (name === 'backspace') return { do: 'in log', move: { to: 'type', text: [...text].slice(0, -1).join('') } };
  const character = name === 'space' ? ' ' : name;
  return [...character].length === 1 ? { do: 'in log', move: { to: 'type', text: text + character } } : undefined;
}

function toCause({ overlay }: Session, _: unknown, name: string): Intent {
  const causes = overlay?.kind === 'log' ? (overlay.buffer.story?.causes.slice(0, mostCauses) ?? []) : [];
  const cause = causes[Number(name) - 1];
  return { do: 'in log', move: cause ? { to: 'record', server: cause.server, line: cause.line } : { to: 'story' } };
}

// biome-ignore format: a table
export const logStoryKeys: readonly Key[] = [
  ...lineKeys,
  ...pageKeys,
  { names: [...'123456789'], shown: '1-9', label: labels.go, intent: toCause, line: 1 },
  { names: ['s', 'esc', 'q', 'enter'], shown: 's', label: labels.records, intent: inLog({ to: 'story' }), line: 2 },
  closedBy(...openers),
  quitKey,
];
