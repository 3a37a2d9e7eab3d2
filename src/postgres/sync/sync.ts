/**
 * Which standbys are synchronous, and for whom a commit waits. Source: documentation, "synchronous_standby_names" and "synchronous_commit"
 * (runtime-config-replication, runtime-config-wal), "Multiple Synchronous Standbys" (synchronous-replication-multiple-standbys); what they leave
 * open was tried on 13 to 18.
 */
import { lsnDistance } from '../lsn.ts';
import { parseSyncNames, type SyncNames, type SyncNamesError, syncPriority } from './names.ts';

/** A row of pg_stat_replication. Positions are LSNs as text; null as the view shows it, left out where nobody asked. */
export type ConnectedStandby = {
  readonly applicationName: string;
  readonly state: string; // 'startup', 'catchup', 'streaming', 'backup'
  readonly write?: string | null;
  readonly flush?: string | null; // null: it has never confirmed that it keeps anything, as pg_receivewal
  readonly replay?: string | null;
};
type SyncState = 'sync' | 'potential' | 'quorum' | 'async';
type SyncRow<S> = { readonly standby: S; readonly syncState: SyncState; readonly priority: number };
export type SyncView<S> = {
  readonly method: SyncNames['method'] | 'none'; // none: nobody is waited for
  readonly needed: number; // how many have to confirm a commit
  readonly rows: readonly SyncRow<S>[]; // all, in the order given
  readonly asked: readonly S[]; // whose confirmations count now, the first in line first
  readonly missing: number; // so many more have to come before any synchronous commit returns
};

/**
 * What pg_stat_replication shows for these standbys. They are given in the order of the walsenders' places in shared memory, which is that of
 * pg_stat_get_wal_senders() and not of the view: of two with the same priority the one in the earlier place counts, and a newcomer takes the first
 * place that is free, whatever its pid. The error is what PostgreSQL says of the names; it then goes on with those it had.
 */
export function evaluateSync<S extends ConnectedStandby>(
  names: string | SyncNames | null,
  standbys: readonly S[],
): SyncView<S> | SyncNamesError {
  const read = typeof names === 'string' ? parseSyncNames(names) : names;
  if (read && 'message' in read) return read;
  if (!read) {
    const rows = standbys.map((standby) => ({ standby, syncState: 'async', priority: 0 }) as const);
    return { method: 'none', needed: 0, rows, asked: [], missing: 0 };
  }
  const ranked = standbys.map((standby) => ({
    standby,
    priority: standby.flush === null ? 0 : syncPriority(read, standby.applicationName),
  }));
  // One that is still catching up is potential at best, with ANY too.
  const candidates = ranked.filter(({ standby, priority }) => priority > 0 && standby.state === 'streaming');
  const inLine = candidates.toSorted((a, b) => a.priority - b.priority); // stable: equal ones keep the order of their places
  const asked = (read.method === 'first' ? inLine.slice(0, read.count) : candidates).map(({ standby }) => standby);
  const chosen = read.method === 'first' ? 'sync' : 'quorum';
  const rows = ranked.map(
    ({ standby, priority }) =>
      ({
        standby,
        priority,
        syncState: priority === 0 ? 'async' : asked.includes(standby) ? chosen : 'potential',
      }) as const,
  );
  return { method: read.method, needed: read.count, rows, asked, missing: Math.max(0, read.count - asked.length) };
}

export type CommitLevel = 'off' | 'local' | 'remote_write' | 'on' | 'remote_apply';
type Position = 'write' | 'flush' | 'replay';
export type CommitWait<S> =
  | { readonly kind: 'asks nobody'; readonly because: 'level' | 'names' }
  /** Returns when `count` of `of` have got to its end, in this position; with FIRST that is all of them. */
  | { readonly kind: 'asks'; readonly position: Position; readonly count: number; readonly of: readonly S[] }
  /** Does not return, whatever `of` confirm: `missing` more would have to come, or the names be changed. */
  | { readonly kind: 'stuck'; readonly position: Position; readonly of: readonly S[]; readonly missing: number };

/** What a commit at this level does, with these standbys and names. */
export function commitWait<S>({ method, needed, asked, missing }: SyncView<S>, level: CommitLevel): CommitWait<S> {
  const position = positions[level];
  if (!position) return { kind: 'asks nobody', because: 'level' };
  if (method === 'none') return { kind: 'asks nobody', because: 'names' };
  if (missing > 0) return { kind: 'stuck', position, of: asked, missing };
  return { kind: 'asks', position, count: needed, of: asked };
}

const positions: Readonly<Record<CommitLevel, Position | undefined>> = {
  off: undefined,
  local: undefined,
  remote_write: 'write',
  on: 'flush',
  remote_apply: 'replay',
};

export type CommitNow<S> =
  | { readonly kind: 'returns' }
  | { readonly kind: 'waits'; readonly forAnyOf: readonly S[]; readonly count: number; readonly missing: number };

/**
 * Would a commit that ends at this LSN have returned by now? If not: `count` of `forAnyOf` have still to get there, and `missing` more to come.
 * Throws if `lsn` is no position.
 */
export function commitNow<S extends ConnectedStandby>(wait: CommitWait<S>, lsn: string): CommitNow<S> {
  if (wait.kind === 'asks nobody') return { kind: 'returns' };
  const behind = wait.of.filter((standby) => {
    const at = standby[wait.position];
    return !at || lsnDistance(at, lsn) < 0n;
  });
  if (wait.kind === 'stuck') return { kind: 'waits', forAnyOf: behind, count: behind.length, missing: wait.missing };
  const count = Math.max(0, wait.count - (wait.of.length - behind.length));
  return count === 0 ? { kind: 'returns' } : { kind: 'waits', forAnyOf: behind, count, missing: 0 };
}
