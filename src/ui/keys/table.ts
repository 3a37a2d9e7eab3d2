/** What a key means, by mode; the key line and the help are drawn from the same tables. */
import { isAllowed } from '../../session/handle-intent.ts';
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
  commit: overlays.commitKeys,
  log: logKeys,
  'log search': logSearchKeys,
  'log story': logStoryKeys,
};

/** Where text is typed: what a key means that is in no table. */
const typing: Readonly<Partial<Record<Mode, (session: Session, name: string) => Intent | undefined>>> = {
  search: typedInSearch,
  'log search': typedInLog,
};

function typedInSearch({ search }: Session, name: string): Intent | undefined {
  const character = name === 'space' ? ' ' : name;
  return search && [...character].length === 1 ? { do: 'search on', text: search.text + character } : undefined;
}

/** The rows that mean something now. */
const meant = (session: Session): readonly Key[] => keys[modeOf(session)].filter(({ when }) => when?.(session) ?? true);

export function keyIntent(name: string, session: Session, viewport: Viewport): Intent | undefined {
  const key = meant(session).find(({ names }) => names.includes(name));
  return key ? key.intent(session, viewport, name) : typing[modeOf(session)]?.(session, name);
}

/** The keys of the key line, also those for which there is no room. */
export const shownKeys = (session: Session): readonly Key[] =>
  meant(session).filter(
    ({ line, intent, names }) =>
      line !== undefined && isAllowed(session, intent(session, emptyViewport, names[0] ?? '')),
  );

/** As many keys as have room. */
export function keyLine(session: Session, width: number): Line {
  const active = shownKeys(session);
  const byRank = active.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
  const count = byRank.findIndex((_, at) => widthOf(byRank.slice(0, at + 1), session) > width + 1); // the last one ends with a space
  const shown = new Set(count < 0 ? byRank : byRank.slice(0, count));
  return active.filter((key) => shown.has(key)).flatMap((key) => drawn(key, session));
}

const widthOf = (shown: readonly Key[], session: Session): number =>
  shown.flatMap((key) => drawn(key, session)).reduce((sum, { text }) => sum + columns(text), 0);

const drawn = (key: Key, session: Session): readonly Piece[] => {
  const pieces = [piece(` ${key.shown}`, 'key'), piece(` ${labelOf(key, session)} `, 'detail')];
  return touchable([pieces], { key: key.names[0] ?? '' }).flat();
};

export const labelOf = ({ label }: Key, session: Session): string =>
  typeof label === 'string' ? label : label(session);

/** For the help. */
export const listedKeys: readonly Key[] = lessonKeys.filter(({ unlisted }) => !unlisted);
