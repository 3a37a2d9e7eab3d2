/** The replication links of a lab: which server sends WAL to which, as both ends report it. */

import { serverBehind, standbyTarget } from '../../check/network/address.ts';
import { written } from '../../check/setting/settings.ts';
import { identifierOf } from '../../check/view.ts';
import type { Observation, Receiver, Sender, ServerView, Sql } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { parseConninfo } from '../../postgres/conninfo.ts';
import { lsnDistance } from '../../postgres/lsn.ts';

/** Without sender and receiver: a standby that is configured to follow, and is not connected. */
export type Link = {
  readonly from: string | null; // null: not a server of the lab
  readonly to: string | null; // null: not a server of the lab, for example pg_basebackup
  readonly sender: Sender | null; // the report of the sending server
  readonly receiver: Receiver | null; // the report of the receiving server
};

export function linksOf(now: Observation): readonly Link[] {
  const views = Object.values(now.servers);
  const taken = new Set<Sender>();
  const own = views.filter(isStandby).map((standby): Link => {
    const { sql } = standby;
    const receiver = isProblem(sql) ? null : sql.receiver;
    const from = upstreamOf(now, standby, receiver);
    const mayReceive = receiver !== null || isProblem(sql);
    const sender = from && mayReceive ? senderFor(from, standby, receiver, taken) : null;
    if (sender) taken.add(sender);
    return { from: from?.name ?? null, to: standby.name, sender, receiver };
  });
  const others = views.flatMap((view) =>
    sendersOf(view)
      .filter((sender) => !taken.has(sender))
      .map((sender): Link => ({ from: view.name, to: null, sender, receiver: null })),
  );
  return [...own, ...others];
}

/** Reads the role from SQL; when the server does not answer, from its files. */
const isStandby = ({ sql, disk }: ServerView): boolean =>
  isProblem(sql) ? !isProblem(disk) && disk.signals.includes('standby.signal') : sql.inRecovery;

function upstreamOf(now: Observation, standby: ServerView, receiver: Receiver | null): ServerView | undefined {
  const seen = receiver?.senderPort ? { host: receiver.senderHost ?? '', port: receiver.senderPort } : undefined;
  const target = seen ?? standbyTarget(standby);
  return (target && serverBehind(now, standby, target)) ?? (receiver ? senderOf(now, standby, receiver) : undefined);
}

/**
 * Finds the sender when the receiver's address is not a server's, as behind a relay: the server of the same cluster
 * that sends to the standby's application name.
 */
function senderOf({ servers }: Observation, standby: ServerView, receiver: Receiver): ServerView | undefined {
  const name = nameOf(standby, receiver);
  const identifier = identifierOf(standby);
  if (identifier === undefined) return undefined;
  return Object.values(servers).find(
    (view) =>
      identifierOf(view) === identifier && sendersOf(view).some(({ applicationName }) => applicationName === name),
  );
}

/**
 * The sender of `from` that belongs to the standby. Both ends share only the application name; when the standby
 * receives and only one sender is not taken, that one matches too.
 */
function senderFor(
  from: ServerView,
  standby: ServerView,
  receiver: Receiver | null,
  taken: ReadonlySet<Sender>,
): Sender | null {
  const free = sendersOf(from).filter((sender) => !taken.has(sender) && sender.state !== 'backup');
  const name = nameOf(standby, receiver);
  const only = receiver && free.length === 1 ? free[0] : undefined;
  return free.find(({ applicationName }) => applicationName === name) ?? only ?? null;
}

/**
 * The application name of the standby, from its receiver, else from `primary_conninfo` in its files. PostgreSQL uses
 * `cluster_name`, else 'walreceiver', when the connection string has none.
 */
function nameOf({ sql, disk }: ServerView, receiver: Receiver | null): string {
  const inFiles = isProblem(disk) ? undefined : written(disk, 'primary_conninfo').at(-1)?.value;
  const parsed = parseConninfo(receiver?.conninfo ?? inFiles ?? '');
  const params = 'params' in parsed ? parsed.params : {};
  const cluster = isProblem(sql) ? '' : sql.settings.cluster_name?.value;
  return params.application_name ?? params.fallback_application_name ?? (cluster || 'walreceiver');
}

const sendersOf = ({ sql }: ServerView): readonly Sender[] => (isProblem(sql) ? [] : sql.senders);

export const isReplayPaused = (view: ServerView | undefined): boolean =>
  view !== undefined && !isProblem(view.sql) && view.sql.position.role === 'standby' && view.sql.position.paused;

/** The end of the WAL that this server can send. */
export const newestOf = ({ position }: Pick<Sql, 'position'>): string | null =>
  position.role === 'primary' ? position.current : furthest(position.received, position.replayed);

const furthest = (one: string | null, other: string | null): string | null =>
  one && other ? (lsnDistance(one, other) >= 0n ? one : other) : (one ?? other);

/** Bytes from a position to the end of the WAL; 0 when the position, which is read later, is past that end. */
export const bytesBehind = (newest: string | null, at: string | null): number | null =>
  newest && at ? Math.max(0, Number(lsnDistance(newest, at))) : null;
