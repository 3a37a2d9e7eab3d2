/** A standby that is connected and does not replay new data: it is paused, catching up, or has diverged. */
import type { Observation, Sender, ServerView, Sql } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { lsnDistance } from '../../postgres/lsn.ts';
import { rebuildSteps } from '../clone/rebuild.ts';
import { written } from '../setting/settings.ts';
import type { Location } from '../verdict.ts';
import { type Failure, fail } from '../verdicts.ts';
import { inFile, type Replication, sinceReload, viewOf } from '../view.ts';

export const replayedBy = ({ position }: Sql): string =>
  position.role === 'standby' ? (position.replayed ?? 'nothing yet') : position.current;

export const senderPlace = (master: string, sender: Sender): Location => ({
  server: master,
  view: 'pg_stat_replication',
  row: {
    application_name: sender.applicationName,
    state: sender.state,
    sent_lsn: sender.sent,
    replay_lsn: sender.replay,
  },
});

export function stalled(
  now: Observation,
  server: string,
  master: string,
  pair: Replication,
  sender: Sender,
): Failure<'catching-up' | 'replay-paused' | 'replay-delayed' | 'diverged'> | undefined {
  const { standby } = pair;
  const at = senderPlace(master, sender);
  if (diverged(viewOf(now, server), pair, sender)) return divergedFailure(now, server, master, pair, at);
  if (standby.position.role === 'standby' && standby.position.paused) {
    return fail('replay-paused', {
      seen: `${server} receives the log, but its replay is paused at ${replayedBy(standby)}`,
      want: `${server} replays what it receives`,
      why: 'somebody called pg_wal_replay_pause(); reads on the slave show the past until it is resumed',
      at,
      next: [{ do: 'sql', on: server, text: 'SELECT pg_wal_replay_resume()' }],
    });
  }
  if (sender.state === 'streaming') return delayed(viewOf(now, server), standby, at);
  return fail('catching-up', {
    seen: `${server} is connected, in state ${sender.state}: it fetches what it missed`,
    want: 'state streaming',
    why: 'it becomes streaming by itself when it has caught up',
    at,
    next: [{ do: 'say', text: 'give it a moment' }],
  });
}

/** With a delay the standby has the log and shows the past. */
function delayed({ name, disk }: ServerView, { settings }: Sql, at: Location): Failure<'replay-delayed'> | undefined {
  const delay = settings.recovery_min_apply_delay?.value ?? '0';
  if (delay === '0') return undefined;
  const line = isProblem(disk) ? undefined : written(disk, 'recovery_min_apply_delay').at(-1);
  const where = line ? { file: line.path, line: line.line } : { file: 'postgresql.conf' };
  return fail('replay-delayed', {
    seen: `${name} receives the log, and replays it ${delay} ms later (recovery_min_apply_delay)`,
    want: `${name} replays what it receives`,
    why: 'the delay counts from the commit on the master; reads on the slave show the past',
    at: line ? inFile(name, line.path, line.line) : at,
    next: [
      { do: 'edit', on: name, ...where, text: 'recovery_min_apply_delay = 0' },
      { do: 'reload', on: name },
    ],
  });
}

function divergedFailure(
  now: Observation,
  server: string,
  master: string,
  { standby, primary: { position } }: Replication,
  at: Location,
): Failure<'diverged'> {
  return fail('diverged', {
    seen: `${server} is at ${replayedBy(standby)} and stays there; ${master} is at ${position.role === 'primary' ? position.current : 'another place'}. It connects and lets go again and again`,
    want: `${server} replays what ${master} writes`,
    why: `${server} once ran as a primary and wrote a log of its own. Both are on timeline 1, so no line says so`,
    at,
    next: rebuildSteps(now, server, master),
  });
}

/**
 * A diverged standby while it is not connected. The WAL that it receives does not fit its own, so the startup process
 * ends the receiver, and logs the same invalid record again and again. The end of a healthy standby's WAL is logged
 * once (seen on 18). Where the last attempt to connect failed, that failure is the reason.
 */
export function incompatibleWal(
  now: Observation,
  server: string,
  master: string,
  pair: Replication,
): Failure<'diverged'> | undefined {
  const { records } = viewOf(now, server).log;
  const bad = records.findLast(({ message }) =>
    /^(invalid|incorrect|unexpected|record with|there is no contrecord)/.test(message),
  );
  const again = records.filter(({ message }) => message === bad?.message).length;
  const ended = records.some(({ message }) =>
    message.startsWith('terminating walreceiver process due to administrator'),
  );
  const isConnecting = records
    .findLast(({ message }) => /^started streaming WAL|could not connect|connection string/.test(message))
    ?.message.startsWith('started streaming');
  if (!bad || again < 3 || !ended || !isConnecting) return undefined;
  return divergedFailure(now, server, master, pair, { server, log: bad });
}

/**
 * Either is enough: the standby reports a position that the master has not written yet; or the startup process ended
 * its receiver without a request, and the standby has not replayed all that it was sent (recorded logs, f_missing).
 */
function diverged(view: ServerView, { standby, primary }: Replication, sender: Sender): boolean {
  const reported = sender.flush ?? sender.replay;
  if (reported && primary.position.role === 'primary' && lsnDistance(reported, primary.position.current) > 0n)
    return true;
  const records = sinceReload(view);
  const requested = records.some(({ message }) =>
    /^WAL receiver process shutdown requested|^received (.* )?(shutdown|promote) request/.test(message),
  );
  const ended = records.some(({ message }) =>
    message.startsWith('terminating walreceiver process due to administrator command'),
  );
  const { position } = standby;
  const behind =
    position.role === 'standby' &&
    position.replayed !== null &&
    sender.sent !== null &&
    lsnDistance(sender.sent, position.replayed) > 0n;
  return ended && !requested && behind && !(position.role === 'standby' && position.paused);
}
