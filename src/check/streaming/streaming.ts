/** The checks that the slave runs as a standby, and that it receives and replays the master's WAL. */
import type { Observation, Sender, ServerView, Sql } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { type Check, defineCheck } from '../check.ts';
import { masterOf, rebuildSteps } from '../clone/rebuild.ts';
import { serverBehind, targetOf } from '../network/address.ts';
import { downCauses, runsUnlisted, whyNotUp } from '../server/availability.ts';
import { containerWarning } from '../server/container/container.ts';
import { answersOf, whereItRuns } from '../server/running.ts';
import { conninfoSteps } from '../setting/conninfo-line.ts';
import type { ConninfoWanted } from '../setting/conninfo-string.ts';
import { settingLayers, written } from '../setting/settings.ts';
import { heldProcesses } from '../steps/in-the-way.ts';
import type { Layer } from '../verdict.ts';
import { type Failure, fail, pass, unknown } from '../verdicts.ts';
import { identifierOf, inFile, type Replication, viewOf } from '../view.ts';
import { disconnectedCauses, whyNotConnected } from './disconnected.ts';
import { incompatibleWal, replayedBy, senderPlace, stalled } from './stalled.ts';

export const runsAsStandby = (server: string): Check =>
  defineCheck([...downCauses, 'hot-standby-off', 'not-in-recovery'], ({ now }) => {
    const down = whyNotUp(now, server, 'standby');
    if (down) return down;
    const { sql } = viewOf(now, server);
    if (isProblem(sql)) return unknown(sql);
    const unlisted = runsUnlisted(viewOf(now, server));
    if (unlisted) return unlisted;
    return sql.inRecovery
      ? pass(
          `${server} runs as a standby${whereItRuns(viewOf(now, server), sql)} and answers reads`,
          containerWarning(viewOf(now, server)),
        )
      : notInRecovery(now, server);
  });

const streamCauses = [
  'no-answer',
  'master-down',
  'not-in-recovery',
  'identifier-differs',
  'points-to-itself',
  'connected-under-another-name',
  'process-held',
  'catching-up',
  'replay-delayed',
  'diverged',
  ...disconnectedCauses,
] as const;

/** The standby receives WAL from that master under that name, and replays it: "streaming" alone proves nothing. */
export const streams = (server: string, master: string, applicationName: string): Check =>
  defineCheck(streamCauses, ({ now }) => {
    const primary = answersOf(now, master);
    const standby = answersOf(now, server, 'standby');
    if ('kind' in standby) {
      // A standby takes no sessions before it is consistent, and it may wait for the master to become so.
      if (viewOf(now, server).process.state !== 'starting') return standby;
      if ('kind' in primary) return primary.kind === 'unknown' ? primary : { ...primary, cause: 'master-down' };
      const why = whyNotConnected(now, server, master, applicationName);
      return why.cause === 'no-sender-on-the-master' ? standby : why;
    }
    if (!standby.inRecovery) return notInRecovery(now, server);
    const differs = identifiersDiffer(now, server, master);
    if (differs) return differs;
    const wanted = { master, applicationName, user: 'slave' };
    const itself = pointsToItself(now, server, standby, wanted);
    if (itself && 'kind' in primary) return itself;
    if ('kind' in primary) return primary.kind === 'unknown' ? primary : { ...primary, cause: 'master-down' };
    const layers = streamLayers(viewOf(now, server), { standby, primary }, master, applicationName);
    if (itself) return { ...itself, layers };
    const held = heldOnTheWay(now, server, master);
    if (held) return { ...held, layers };
    const sender = senderOf(primary, applicationName);
    const receives = standby.receiver?.status === 'streaming';
    if (!sender || !receives) {
      const other = receives
        ? primary.senders.find(
            (one) => one.applicationName !== applicationName && one.applicationName !== 'pg_basebackup',
          )
        : undefined;
      return {
        ...(other && !sender
          ? anotherName(now, server, wanted, other)
          : (incompatibleWal(now, server, master, { standby, primary }) ??
            whyNotConnected(now, server, master, applicationName))),
        layers,
      };
    }
    const failure = stalled(now, server, master, { standby, primary }, sender);
    return failure
      ? { ...failure, layers }
      : pass(`${master} sends its log to ${applicationName}; ${server} has replayed up to ${replayedBy(standby)}`, {
          layers,
        });
  });

/** The processes that send, receive and replay the log. A walsender of another client is no reason. */
function heldOnTheWay(now: Observation, server: string, master: string): Failure<'process-held'> | undefined {
  const held = [
    ...heldProcesses(viewOf(now, server)).filter(({ child }) => /walreceiver|startup/.test(child)),
    ...heldProcesses(viewOf(now, master)).filter(({ child }) => child === 'walsender'),
  ];
  const [first] = held;
  return (
    first &&
    fail('process-held', {
      seen: held.map(({ what }) => what).join('; '),
      want: `what is written on ${master} goes on to ${server}, and is replayed there`,
      why: 'each step of the way has its process; the views go on showing what they last knew',
      at: first.at,
      next: held.flatMap(({ next }) => next),
    })
  );
}

export const senderOf = (primary: Sql, applicationName: string): Sender | undefined =>
  primary.senders.find((one) => one.applicationName.toLowerCase() === applicationName.toLowerCase());

function notInRecovery(now: Observation, server: string): Failure<'not-in-recovery'> {
  const { disk } = viewOf(now, server);
  const path = isProblem(disk) ? server : disk.path;
  return fail('not-in-recovery', {
    seen: `${server} runs, but as a primary of its own: it takes writes`,
    want: `${server} runs as a standby`,
    why: 'standby.signal was not there when it started; it is read at the start only. Since then it has gone a way of its own',
    at: inFile(server, `${path}/standby.signal`),
    next: rebuildSteps(now, server, masterOf(now, server)),
  });
}

function identifiersDiffer(
  now: Observation,
  server: string,
  master: string,
): Failure<'identifier-differs'> | undefined {
  const [slaveId, masterId] = [server, master].map((name) => identifierOf(viewOf(now, name)));
  if (!slaveId || !masterId || slaveId === masterId) return undefined;
  const { disk, log } = viewOf(now, server);
  const record = log.records.findLast(({ message }) => message.startsWith('database system identifier differs'));
  const path = isProblem(disk) ? server : disk.path;
  return fail('identifier-differs', {
    seen: `${server} is a cluster of its own: its identifier is ${slaveId}, ${master}'s is ${masterId}`,
    want: `a copy of ${master}`,
    why: 'the log of one cluster means nothing to the files of another; the standby stops at the first question',
    at: record ? { server, log: record } : inFile(server, path),
    next: rebuildSteps(now, server, master),
  });
}

/** No log complains: the slave's own views say "streaming", and only the real master has no row for it. */
function pointsToItself(
  now: Observation,
  server: string,
  standby: Sql,
  wanted: ConninfoWanted,
): Failure<'points-to-itself'> | undefined {
  const view = viewOf(now, server);
  const target = targetOf(standby.settings.primary_conninfo?.value ?? '');
  const { receiver } = standby;
  const host = receiver?.senderHost ?? target?.host;
  const port = receiver?.senderPort ?? target?.port;
  if (host === undefined || port === undefined || serverBehind(now, view, { host, port })?.name !== server)
    return undefined;
  const line = isProblem(view.disk) ? undefined : written(view.disk, 'primary_conninfo').at(-1);
  return fail('points-to-itself', {
    seen: `${server} is connected to ${host ? `${host}, ` : ''}port ${port}, and that is ${server} itself`,
    want: `${server} is connected to its master`,
    why: 'both of its views say "streaming", and no log complains; only the real master has no row for it',
    at: line
      ? inFile(server, line.path, line.line)
      : { server, view: 'pg_stat_wal_receiver', row: { sender_host: host, sender_port: port } },
    next: conninfoSteps(now, server, wanted),
  });
}

const anotherName = (
  now: Observation,
  server: string,
  wanted: ConninfoWanted,
  sender: Sender,
): Failure<'connected-under-another-name'> =>
  fail('connected-under-another-name', {
    seen: `${server} receives the log, but ${wanted.master} knows it as ${sender.applicationName}`,
    want: `it is known as ${wanted.applicationName}`,
    why: 'the name is the application_name of primary_conninfo; without one it is walreceiver',
    at: senderPlace(wanted.master, sender),
    next: conninfoSteps(now, server, wanted),
  });

function streamLayers(
  view: ServerView,
  { standby, primary }: Replication,
  master: string,
  applicationName: string,
): readonly Layer[] {
  const line = isProblem(view.disk) ? undefined : written(view.disk, 'primary_conninfo').at(-1);
  const { receiver } = standby;
  const sender = senderOf(primary, applicationName);
  return [
    ...settingLayers(view, standby, 'primary_conninfo', line).filter(({ layer }) => layer !== 'in effect'),
    {
      layer: 'in effect',
      ok: receiver?.status === 'streaming',
      seen: receiver
        ? `${view.name}: ${receiver.status} from ${receiver.senderHost ?? '?'}:${receiver.senderPort ?? '?'}`
        : `${view.name} has no receiver`,
    },
    {
      layer: 'observed',
      ok: sender !== undefined,
      seen: sender
        ? `${master} has a row for ${sender.applicationName}: ${sender.state}`
        : `${master} has no row for ${applicationName}`,
      at: sender ? senderPlace(master, sender) : { server: master, view: 'pg_stat_replication', row: {} },
    },
  ];
}
