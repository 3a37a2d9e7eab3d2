/**
 * The slow commit: one commit on its way through primary and standby, station by station; where the client gets its
 * COMMIT, and how far the commit gets in this lab. Pure.
 */
import type { Observation, Sender, Sql } from '../../lab/observation.ts';
import type { LabPlan } from '../../lab/plan/plan.ts';
import { isProblem } from '../../lab/problem.ts';
import type { SyncNamesError } from '../../postgres/sync/names.ts';
import {
  type CommitLevel,
  type CommitWait,
  commitWait,
  evaluateSync,
  type SyncView,
} from '../../postgres/sync/sync.ts';
import { isReplayPaused, type Link, linksOf } from './links.ts';

export const levels: readonly CommitLevel[] = ['off', 'local', 'remote_write', 'on', 'remote_apply'];

export const stations = ['inserted', 'kept', 'sent', 'written', 'flushed', 'replayed'] as const;
export type Station = (typeof stations)[number];

/** The overlay of the slow commit. `step`: number of stations reached; 0: the client has just sent COMMIT. */
export type SlowCommit = {
  readonly kind: 'commit';
  readonly level: CommitLevel;
  readonly step: number;
  readonly plays: boolean; // each tick of the clock takes the next step
};

export type Journey = {
  readonly primary: Primary;
  readonly link: Link | null; // to a standby that the commit waits for, else to the first standby
  readonly wait: CommitWait<Sender> | SyncNamesError;
  readonly frees: Station | null; // the station that answers the client's COMMIT; null: the client waits for ever
  readonly last: Station; // the last station that the commit reaches
  readonly because: 'no standby' | 'not streaming' | 'paused' | null; // why it ends at `last`
};

export type Primary = { readonly name: string; readonly sql: Sql };

/** The server whose commits the map is about: a primary with a standby, else the first primary. */
export function primaryOf(now: Observation, plan: LabPlan): Primary | undefined {
  const primaries = plan.servers.flatMap(({ name }): readonly Primary[] => {
    const sql = now.servers[name]?.sql;
    return sql && !isProblem(sql) && !sql.inRecovery ? [{ name, sql }] : [];
  });
  return primaries.find(({ sql }) => sql.senders.length > 0) ?? primaries[0];
}

export const syncOf = ({ settings, senders }: Sql): SyncView<Sender> | SyncNamesError =>
  evaluateSync(settings.synchronous_standby_names?.value ?? '', senders);

/** The server's `synchronous_commit`. PostgreSQL also accepts other spellings of the boolean values, as 'true'. */
export function commitLevelOf({ settings }: Sql): CommitLevel {
  const value = settings.synchronous_commit?.value ?? 'on';
  return levels.find((level) => level === value) ?? 'on';
}

export function journeyOf(now: Observation, primary: Primary, level: CommitLevel): Journey {
  const { name, sql } = primary;
  const sync = syncOf(sql);
  const wait = 'message' in sync ? sync : commitWait(sync, level);
  const asked = 'of' in wait ? wait.of : [];
  const links = linksOf(now).filter(({ from, sender }) => from === name && sender && sender.state !== 'backup');
  const link = links.find(({ sender }) => sender && asked.includes(sender)) ?? links[0] ?? null;
  return { primary, link, wait, frees: freesAt(wait, level), ...lastOf(now, link) };
}

function freesAt(wait: Journey['wait'], level: CommitLevel): Station | null {
  if (level === 'off') return 'inserted';
  if ('message' in wait || wait.kind === 'asks nobody') return 'kept';
  if (wait.kind === 'stuck') return null;
  return ({ write: 'written', flush: 'flushed', replay: 'replayed' } as const)[wait.position];
}

function lastOf(now: Observation, link: Link | null): Pick<Journey, 'last' | 'because'> {
  if (!link?.sender) return { last: 'kept', because: 'no standby' };
  if (link.sender.state !== 'streaming' && link.sender.state !== 'catchup')
    return { last: 'kept', because: 'not streaming' };
  return link.to !== null && isReplayPaused(now.servers[link.to])
    ? { last: 'flushed', because: 'paused' }
    : { last: 'replayed', because: null };
}

export const isLast = ({ last }: Journey, step: number): boolean => step > stations.indexOf(last);

/** One step forward or back, at most to the last station that the commit reaches. */
export function stepped(commit: SlowCommit, journey: Journey | undefined, by: 1 | -1): SlowCommit {
  const end = journey ? stations.indexOf(journey.last) + 1 : 0;
  const step = Math.max(0, Math.min(commit.step + by, end));
  return { ...commit, step, plays: commit.plays && step < end };
}

/** Selects the next or previous level and starts again at step 0. */
export function atLevel(commit: SlowCommit, by: 1 | -1): SlowCommit {
  const level = levels[Math.max(0, Math.min(levels.indexOf(commit.level) + by, levels.length - 1))] ?? commit.level;
  return level === commit.level ? commit : { ...commit, level, step: 0, plays: false };
}
