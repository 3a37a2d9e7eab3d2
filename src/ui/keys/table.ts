/** The key table of each mode. The intent of a key, the key line and the help come from these tables. */
import { isAllowed } from '../../session/allowed.ts';
import type { Intent } from '../../session/intent.ts';
import type { Session } from '../../session/session.ts';
import { columns } from '../../terminal/width.ts';
import { emptyViewport, type Viewport } from '../layout/viewport.ts';
import { type Line, type Piece, piece, touchable } from '../layout/wrap.ts';
import type { Key } from './key.ts';
import { lessonKeys, searchKeys, terminalKeys } from './lesson.ts';
import { logKeys, logSearchKeys, logStoryKeys, typedInLog } from './log.ts';
import { type Mode, modeOf } from './mode.ts';
import * as overlays from './overlays.ts';

export const keys: Readonly<Record<Mode, readonly Key[]>> = {
  lesson: lessonKeys,
  search: [...searchKeys, overlays.quitKey],
  terminal: terminalKeys,
  welcome: overlays.welcomeKeys,
  help: overlays.helpKeys,
  settings: overlays.settingsKeys,
  lessons: overlays.lessonListKeys,
  end: overlays.endKeys,
  layers: overlays.layersKeys,
  hints: overlays.hintsKeys,
  question: overlays.questionKeys,
  answered: overlays.answeredKeys,
  confirm: overlays.confirmKeys,
  'confirm quit': overlays.confirmQuitKeys,
  problem: overlays.problemKeys,
  map: overlays.mapKeys,
  changes: overlays.changesKeys,
  commit: overlays.commitKeys,
  log: logKeys,
  'log search': logSearchKeys,
  'log story': logStoryKeys,
};

/** The modes in which text is typed, with the intent of a key that is in no table. */
const textInput: Readonly<Partial<Record<Mode, (session: Session, name: string) => Intent | undefined>>> = {
  search: typedInSearch,
  'log search': typedInLog,
};

function typedInSearch({ search }: Session, name: string): Intent | undefined {
  const character = name === 'space' ? ' ' : name;
  return search && [...character].length === 1 ? { do: 'search on', text: search.text + character } : undefined;
}

/** The rows of the session's mode whose condition is true. */
const activeRows = (session: Session): readonly Key[] =>
  keys[modeOf(session)].filter(({ when }) => when?.(session) ?? true);

export function keyIntent(name: string, session: Session, viewport: Viewport): Intent | undefined {
  const key = activeRows(session).find(({ names }) => names.includes(name));
  return key ? key.intent(session, viewport, name) : textInput[modeOf(session)]?.(session, name);
}

/** The keys of the key line before it is fitted to a width. */
export const shownKeys = (session: Session): readonly Key[] =>
  activeRows(session).filter(
    ({ line, intent, names }) =>
      line !== undefined && isAllowed(session, intent(session, emptyViewport, names[0] ?? '')),
  );

/** Returns the key line for this width. Where it is too narrow, the keys with the highest `line` are left out. */
export function keyLine(session: Session, width: number): Line {
  const active = shownKeys(session);
  const byRank = active.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
  // One column more, because the last key ends with a space.
  const count = byRank.findIndex((_, at) => widthOf(byRank.slice(0, at + 1), session) > width + 1);
  const shown = new Set(count < 0 ? byRank : byRank.slice(0, count));
  return active.filter((key) => shown.has(key)).flatMap((key) => keyPieces(key, session));
}

const widthOf = (shown: readonly Key[], session: Session): number =>
  shown.flatMap((key) => keyPieces(key, session)).reduce((sum, { text }) => sum + columns(text), 0);

const keyPieces = (key: Key, session: Session): readonly Piece[] => {
  const pieces = [piece(` ${key.shown}`, 'key'), piece(` ${labelOf(key, session)} `, 'detail')];
  return touchable([pieces], { key: key.names[0] ?? '' }).flat();
};

export const labelOf = ({ label }: Key, session: Session): string =>
  typeof label === 'string' ? label : label(session);

/** The keys in the help. */
export const listedKeys: readonly Key[] = lessonKeys.filter(({ unlisted }) => !unlisted);
