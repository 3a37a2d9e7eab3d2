/**
 * Which standbys are synchronous, and for which of them a commit waits. Sources: documentation,
 * "synchronous_standby_names" and "synchronous_commit" (runtime-config-replication, runtime-config-wal), "Multiple
 * Synchronous Standbys" (synchronous-replication-multiple-standbys). What they leave open was tried on 13 to 18.
 */
import { lsnDistance } from '../lsn.ts';
import { parseSyncNames, type SyncNames, type SyncNamesError, syncPriority } from './names.ts';

/** A row of pg_stat_replication. Positions are LSNs as text; null as in the view, absent where not asked for. */
export type ConnectedStandby = {
  readonly applicationName: string;
  readonly state: string; // 'startup', 'catchup', 'streaming', 'backup'
  readonly write?: string | null;
  readonly flush?: string | null; // null: it never confirmed a flush, such as pg_receivewal
  readonly replay?: string | null;
};
type SyncState = 'sync' | 'potential' | 'quorum' | 'async';
type SyncRow<S> = { readonly standby: S; readonly syncState: SyncState; readonly priority: number };
export type SyncView<S> = {
  readonly method: SyncNames['method'] | 'none'; // none: commits wait for no standby
  readonly needed: number; // how many standbys have to confirm a commit
  readonly rows: readonly SyncRow<S>[]; // all standbys, in the order given
  readonly asked: readonly S[]; // the standbys whose confirmations count now, by priority
  readonly missing: number; // how many more standbys are needed before any synchronous commit returns
};

/**
 * The states that pg_stat_replication shows. `standbys` has the order of the walsenders' places in shared memory, which
 * is that of pg_stat_get_wal_senders() and not of the view: of two with the same priority the earlier place counts, and
 * a new walsender takes the first free place, whatever its pid. Returns PostgreSQL's error about the names; a server
 * then keeps its former ones.
 */
export function evaluateSync<S extends ConnectedStandby>(
  names: string | SyncNames | null,
  standbys: readonly S[],
): SyncView<S> | SyncNamesError {
  const parsed = typeof names === 'string' ? parseSyncNames(names) : names;
  if (parsed && 'message' in parsed) return parsed;
  if (!parsed) {
    const rows = standbys.map((standby) => ({ standby, syncState: 'async', priority: 0 }) as const);
    return { method: 'none', needed: 0, rows, asked: [], missing: 0 };
  }
  const ranked = standbys.map((standby) => ({
    standby,
    priority: standby.flush === null ? 0 : syncPriority(parsed, standby.applicationName),
  }));
  // A standby that is still catching up is potential at best, also with ANY.
  const candidates = ranked.filter(({ standby, priority }) => priority > 0 && standby.state === 'streaming');
  const byPriority = candidates.toSorted((a, b) => a.priority - b.priority); // a stable sort
  const asked = (parsed.method === 'first' ? byPriority.slice(0, parsed.count) : candidates).map(
    ({ standby }) => standby,
  );
  const chosen = parsed.method === 'first' ? 'sync' : 'quorum';
  const rows = ranked.map(
    ({ standby, priority }) =>
      ({
        standby,
        priority,
        syncState: priority === 0 ? 'async' : asked.includes(standby) ? chosen : 'potential',
      }) as const,
  );
  return {
    method: parsed.method,
    needed: parsed.count,
    rows,
    asked,
    missing: Math.max(0, parsed.count - asked.length),
  };
}

export type CommitLevel = 'off' | 'local' | 'remote_write' | 'on' | 'remote_apply';
type Position = 'write' | 'flush' | 'replay';
export type CommitWait<S> =
  | { readonly kind: 'asks nobody'; readonly because: 'level' | 'names' }
  /**
   * Returns when `count` of the standbys in `of` have confirmed its end at this position; with FIRST, `count` is all.
   */
  | { readonly kind: 'asks'; readonly position: Position; readonly count: number; readonly of: readonly S[] }
  /** Does not return, whatever `of` confirm: `missing` more standbys have to connect, or the names have to change. */
  | { readonly kind: 'stuck'; readonly position: Position; readonly of: readonly S[]; readonly missing: number };

/** What a commit at this level waits for, with these standbys and names. */
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
 * Decides whether a commit that ends at this LSN has returned by now. If not, `count` of `forAnyOf` still have to
 * confirm it, and `missing` more standbys have to connect. Throws an Error if `lsn` is not an LSN.
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
