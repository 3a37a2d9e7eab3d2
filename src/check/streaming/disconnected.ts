/** Why a standby is not connected: by its own log, and by the primary's log where the primary refused it. */
import type { Observation } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import type { LogRecord } from '../../postgres/log/log.ts';
import { rebuildSteps } from '../clone/rebuild.ts';
import { type Words, whyRefused, whyUnresolved } from '../network/unreachable.ts';
import { conninfoSteps } from '../setting/conninfo-line.ts';
import { written } from '../setting/settings.ts';
import type { Step } from '../verdict.ts';
import { type Failure, fail } from '../verdicts.ts';
import { atLogLine, sinceReload, viewOf } from '../view.ts';
import { lastRefusal, type RefusalKind, refusalOf, refusalWords } from './refusal.ts';

export const disconnectedCauses = [
  'no-hba-entry',
  'hba-rejects',
  'password-failed',
  'role-missing',
  'role-has-no-password',
  'password-expired',
  'md5-against-scram',
  'role-may-not-replicate',
  'role-may-not-log-in',
  'no-password-supplied',
  'name-does-not-resolve',
  'connection-refused',
  'conninfo-not-understood',
  'no-conninfo',
  'ahead-of-the-master',
  'wal-removed',
  'too-many-standbys',
  'other-timeline',
  'replay-paused',
  'no-sender-on-the-master',
] as const;
type Disconnected = Failure<(typeof disconnectedCauses)[number]>;
type OwnCause = Exclude<(typeof disconnectedCauses)[number], RefusalKind>;

/** The reason in the standby's newest record since its last reload that names one. */
export function whyNotConnected(
  now: Observation,
  server: string,
  master: string,
  applicationName: string,
): Disconnected {
  const view = viewOf(now, server);
  const correct = conninfoSteps(now, server, { master, applicationName, user: 'slave' });
  const want = `${master} sends its log to ${server}`;
  for (const record of sinceReload(view).toReversed()) {
    const answer = remoteAnswer.exec(record.message)?.groups?.message;
    const refusal = answer ? refusalOf({ ...record, message: answer }) : undefined;
    if (refusal) {
      // The primary tells a client less than it logs: its newest record with the same message has the DETAIL.
      const primaryRefusal = lastRefusal(
        viewOf(now, master).log.records.filter((one) => answer?.startsWith(one.message)),
      );
      const words = refusalWords(primaryRefusal ?? refusal, now, master);
      const { kind } = primaryRefusal ?? refusal;
      return fail(kind, {
        seen: `${master} turned ${server} away: ${refusal.record.message}`,
        want,
        why: `${words.why}${primaryRefusal?.record.detail ? ` (${master}'s own log: ${primaryRefusal.record.detail.split('\n')[0]})` : ''}`,
        at: primaryRefusal ? atLogLine(master, primaryRefusal.record) : atLogLine(server, record),
        next: words.next.length > 0 && (refusal.user ?? 'slave') === 'slave' ? words.next : correct,
      });
    }
    const known = ownMessages.find(({ says }) => says.test(record.message));
    if (known) {
      const next = known.next(correct, now, server, master);
      return fail(known.cause, {
        seen: `${server} says: ${record.message.split('\n')[0]}`,
        want,
        at: atLogLine(server, record),
        ...(inNetworks(now, server, master, known.cause, record, next) ?? { why: known.why, next }),
      });
    }
  }
  const { sql } = view;
  if (!isProblem(sql) && sql.position.role === 'standby' && sql.position.paused)
    return fail('replay-paused', {
      seen: `${server} is not connected, and its replay is paused`,
      want,
      why: 'a standby whose replay is paused asks for no more log: the receiver begins again when it is resumed',
      at: { server, view: 'pg_is_wal_replay_paused()', row: { pg_is_wal_replay_paused: true } },
      next: [{ do: 'sql', on: server, text: 'SELECT pg_wal_replay_resume()' }],
    });
  return fail('no-sender-on-the-master', {
    seen: `${master} has no row for ${server} in pg_stat_replication, and the log of ${server} names no reason yet`,
    want,
    why: 'a standby tries again by itself every few seconds',
    at: { server: master, view: 'pg_stat_replication', row: {} },
    next: [...correct.slice(0, 1), { do: 'restart', on: server }],
  });
}

/** undefined: Docker's networks are not the reason. */
function inNetworks(
  now: Observation,
  server: string,
  master: string,
  cause: OwnCause,
  { message }: LogRecord,
  conninfoSteps: readonly Step[],
): Words | undefined {
  if (cause === 'connection-refused') return whyRefused(now, server, master, conninfoSteps);
  const name = /could not translate host name "([^"]*)"/.exec(message)?.[1];
  return name === undefined ? undefined : whyUnresolved(now, server, master, name, conninfoSteps);
}

/**
 * The primary's answer is at the end of the standby's record: 'could not connect to the primary server: connection to
 * server at … failed: FATAL:  …' (12 and 13 leave out "connection to server at … failed").
 */
const remoteAnswer =
  /^(?:could not connect to the primary server|streaming replication receiver .* could not connect to the primary server|could not (?:receive data from WAL stream|start WAL streaming)).*?(?:FATAL|ERROR):\s+(?<message>[\s\S]*)$/;

type NextSteps = (correct: readonly Step[], now: Observation, server: string, master: string) => readonly Step[];
const cloneAgain: NextSteps = (_, now, server, master) => rebuildSteps(now, server, master);
const editConninfo: NextSteps = (correct) => correct;

/** max_wal_senders, else the minimal wal_level that forbids any. */
function moreSenders(now: Observation, master: string): readonly Step[] {
  const { disk } = viewOf(now, master);
  const lines = isProblem(disk)
    ? []
    : ['max_wal_senders', 'wal_level'].flatMap((name) => written(disk, name).slice(-1));
  return [
    ...lines.map(
      (line) => ({ do: 'edit', on: master, file: line.path, line: line.line, text: `#${line.text.trim()}` }) as const,
    ),
    { do: 'restart', on: master },
  ];
}

/** Messages of the standby itself, in the wording of 13 to 18. */
const ownMessages: readonly {
  readonly cause: OwnCause;
  readonly says: RegExp;
  readonly why: string;
  readonly next: NextSteps;
}[] = [
  {
    cause: 'no-password-supplied',
    says: /no password supplied/,
    why: 'the master asks for a password, and primary_conninfo has none (or its passfile may be read by others, and is not used)',
    next: editConninfo,
  },
  {
    cause: 'name-does-not-resolve',
    says: /could not translate host name/,
    why: 'nobody knows a machine of that name',
    next: editConninfo,
  },
  {
    cause: 'connection-refused',
    says: /Connection refused|timeout expired|No route to host|Network is unreachable/,
    why: 'nobody listens at that address and port: the port may be wrong, or the master was down just then',
    next: editConninfo,
  },
  {
    cause: 'conninfo-not-understood',
    says: /invalid (\w+ value|port number|integer value)|does not support|is not supported|root certificate|channel binding|session is (read-only|not read-only)|server is (not )?in hot standby|unrecognized configuration parameter|missing "=" after|invalid connection option|invalid connection string syntax|unterminated quoted string|invalid URI|invalid percent-encoded/,
    why: 'primary_conninfo is read only when the standby connects, so the server started all the same',
    next: editConninfo,
  },
  {
    cause: 'no-conninfo',
    says: /^specified neither "?primary_conninfo/,
    why: 'it knows that it is a standby, but not whose',
    next: editConninfo,
  },
  {
    cause: 'ahead-of-the-master',
    says: /is ahead of the WAL flush position/,
    why: 'the slave once ran as a primary and wrote a log of its own, further than the master has come',
    next: cloneAgain,
  },
  {
    cause: 'wal-removed',
    says: /requested WAL segment \S+ has already been removed/,
    why: 'the slave was away too long, and the master did not keep the log for it',
    next: cloneAgain,
  },
  {
    cause: 'too-many-standbys',
    says: /exceeds "?max_wal_senders/,
    why: 'the master has no place left (max_wal_senders)',
    next: (_, now, __, master) => moreSenders(now, master),
  },
  {
    cause: 'other-timeline',
    says: /forked off current database system timeline|is behind recovery timeline|requested timeline \d+ is not a child/,
    why: 'the two have gone different ways since a promotion',
    next: cloneAgain,
  },
];
