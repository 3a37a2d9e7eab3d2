/** Who sends its log to whom, as both ends tell it. */

import { serverBehind, standbyTarget } from '../../check/network/address.ts';
import { written } from '../../check/setting/settings.ts';
import { identifierOf } from '../../check/view.ts';
import type { Observation, Receiver, Sender, ServerView, Sql } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { parseConninfo } from '../../postgres/conninfo.ts';
import { lsnDistance } from '../../postgres/lsn.ts';

/** Neither end there: the standby would like to follow, and does not. */
export type Link = {
  readonly from: string | null; // null: none of the lab's servers
  readonly to: string | null; // null: none of them either, as pg_basebackup
  readonly sender: Sender | null; // what the one that sends says
  readonly receiver: Receiver | null; // what the one that receives says
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
  const guests = views.flatMap((view) =>
    sendersOf(view)
      .filter((sender) => !taken.has(sender))
      .map((sender): Link => ({ from: view.name, to: null, sender, receiver: null })),
  );
  return [...own, ...guests];
}

/** By what it says of itself; one that cannot be asked, by its files. */
const isStandby = ({ sql, disk }: ServerView): boolean =>
  isProblem(sql) ? !isProblem(disk) && disk.signals.includes('standby.signal') : sql.inRecovery;

function upstreamOf(now: Observation, standby: ServerView, receiver: Receiver | null): ServerView | undefined {
  const seen = receiver?.senderPort ? { host: receiver.senderHost ?? '', port: receiver.senderPort } : undefined;
  const target = seen ?? standbyTarget(standby);
  return (target && serverBehind(now, standby, target)) ?? (receiver ? senderOf(now, standby, receiver) : undefined);
}

/** On a way that shows another address, as through a relay: a server of the same cluster that sends to this name. */
function senderOf({ servers }: Observation, standby: ServerView, receiver: Receiver): ServerView | undefined {
  const name = nameOf(standby, receiver);
  const identifier = identifierOf(standby);
  if (identifier === undefined) return undefined;
  return Object.values(servers).find(
    (view) =>
      identifierOf(view) === identifier && sendersOf(view).some(({ applicationName }) => applicationName === name),
  );
}

/** The two ends know each other by the name alone. Where the standby receives, a single sender that nobody else claims is meant too. */
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

/** As what it shows itself: a standby that cannot be asked, by its files. */
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

/** The end of the log that this server has to pass on. */
export const newestOf = ({ position }: Pick<Sql, 'position'>): string | null =>
  position.role === 'primary' ? position.current : furthest(position.received, position.replayed);

const furthest = (one: string | null, other: string | null): string | null =>
  one && other ? (lsnDistance(one, other) >= 0n ? one : other) : (one ?? other);

/** Bytes from a position to the end; the two are asked for one after the other, so it may be past it. */
export const bytesBehind = (newest: string | null, at: string | null): number | null =>
  newest && at ? Math.max(0, Number(lsnDistance(newest, at))) : null;
