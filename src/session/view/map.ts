/** Transitions of the map and the slow commit: opening, stepping, playing. Pure. */
import type { CommitLevel } from '../../postgres/sync/sync.ts';
import type { Session } from '../session.ts';
import { notify, show, type Transition } from '../transition.ts';
import {
  atLevel,
  commitLevelOf,
  isLast,
  type Journey,
  journeyOf,
  primaryOf,
  type SlowCommit,
  stepped,
} from './commit.ts';

export const openMap = (session: Session): Transition => show(session, { kind: 'map' });

export function openCommit(session: Session): Transition {
  const primary = session.now && primaryOf(session.now, session.plan);
  if (!primary) return notify(session, { kind: 'no primary' });
  return show(session, { kind: 'commit', level: commitLevelOf(primary.sql), step: 0, plays: false });
}

export function journeyHere({ now, plan }: Session, level: CommitLevel): Journey | undefined {
  const primary = now && primaryOf(now, plan);
  return now && primary ? journeyOf(now, primary, level) : undefined;
}

export const stepCommit = (session: Session, commit: SlowCommit, by: 1 | -1): Transition => [
  { ...session, overlay: { ...stepped(commit, journeyHere(session, commit.level), by), plays: false } },
  [],
];

export const turnLevel = (session: Session, commit: SlowCommit, by: 1 | -1): Transition => [
  { ...session, overlay: atLevel(commit, by) },
  [],
];

/** Enter plays or pauses the commit, and plays a finished one from the start; without motion it takes one step. */
export function playCommit(session: Session, commit: SlowCommit): Transition {
  if (!session.learner.settings.motion) return stepCommit(session, commit, 1);
  const journey = journeyHere(session, commit.level);
  const step = journey && isLast(journey, commit.step) ? 0 : commit.step;
  return [{ ...session, overlay: { ...commit, step, plays: !commit.plays } }, []];
}

/** A tick of the clock takes the next step of a commit that plays. */
export function played(session: Session): Session {
  const { overlay } = session;
  if (overlay?.kind !== 'commit' || !overlay.plays) return session;
  return { ...session, overlay: stepped(overlay, journeyHere(session, overlay.level), 1) };
}
