/** What keys mean in the log view, where that depends on more than their name: letters of a search, steps, digits of the story. */
import type { Intent } from '../../session/intent.ts';
import type { Session } from '../../session/session.ts';
import { mostCauses } from './story.ts';
import type { LogStep, VisibleLog } from './visible.ts';

export const typing = ({ overlay }: Session): boolean => overlay?.kind === 'log' && overlay.search?.typing === true;
export const inStory = ({ overlay }: Session): boolean => overlay?.kind === 'log' && overlay.story;
export const isInLog = (session: Session): boolean =>
  session.overlay?.kind === 'log' && !inStory(session) && !typing(session);
export const searching = (session: Session): boolean =>
  isInLog(session) && session.overlay?.kind === 'log' && session.overlay.search !== null;

/** What a key does to the pattern; undefined where none is typed, or where the table knows the key. */
export function typedIn({ overlay }: Session, name: string): Intent | undefined {
  if (overlay?.kind !== 'log' || !overlay.search?.typing) return undefined;
  const { text } = overlay.search;
  if (name === 'backspace') return { do: 'in log', move: { to: 'type', text: [...text].slice(0, -1).join('') } };
  const sign = name === 'space' ? ' ' : name;
  return [...sign].length === 1 ? { do: 'in log', move: { to: 'type', text: text + sign } } : undefined;
}

/** Where a step leads is known to what drew the lines. */
export const stepBy =
  (step: LogStep) =>
  (_: Session, { log }: { readonly log?: VisibleLog['step'] }): Intent => ({
    do: 'in log',
    move: log?.(step) ?? { to: 'end' },
  });

export function toCause({ overlay }: Session, _: unknown, name: string): Intent {
  const causes = overlay?.kind === 'log' ? (overlay.book.story?.causes.slice(0, mostCauses) ?? []) : [];
  const cause = causes[Number(name) - 1];
  return { do: 'in log', move: cause ? { to: 'record', server: cause.server, line: cause.line } : { to: 'story' } };
}
