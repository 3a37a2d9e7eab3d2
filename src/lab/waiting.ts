/** A commit that waits for a synchronous standby: a row of pg_stat_activity with the wait event SyncRep. */
export type Waiting = {
  readonly pid: number;
  readonly user: string;
  readonly database: string;
  readonly query: string;
  readonly since: string;
};

/** A session that keeps a catalogue locked, so that others wait who change it, in a transaction that stays open. */
export type CatalogLock = { readonly pid: number; readonly catalog: string; readonly mode: string };
