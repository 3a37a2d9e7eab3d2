/** A standby without its primary: its own log says what it was told, the primary's log says why. */
import type { Observation } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import type { LogRecord } from '../../postgres/log/log.ts';
import { type Words, whyRefused, whyUnresolved } from '../network/unreachable.ts';
import { mainConf, written } from '../setting/settings.ts';
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
  'no-sender-on-the-master',
] as const;
type Disconnected = Failure<(typeof disconnectedCauses)[number]>;
type OwnCause = Exclude<(typeof disconnectedCauses)[number], RefusalKind>;

/** What the standby tried last since it read its files. */
export function whyNotConnected(now: Observation, server: string, master: string): Disconnected {
  const view = viewOf(now, server);
  const want = `${master} sends its log to ${server}`;
  for (const record of sinceReload(view).toReversed()) {
    const told = remoteWords.exec(record.message)?.groups?.words;
    const refusal = told ? refusalOf({ ...record, message: told }) : undefined;
    if (refusal) {
      // The slave is told less than the master knows: the newest line of the same sort in the master's log has the DETAIL.
      const there = lastRefusal(viewOf(now, master).log.records.filter((one) => told?.startsWith(one.message)));
      const { disk } = viewOf(now, master);
      const words = refusalWords(
        there ?? refusal,
        now,
        master,
        isProblem(disk) ? 'pg_hba.conf' : `${disk.path}/pg_hba.conf`,
      );
      const { kind } = there ?? refusal;
      return fail(kind, {
        seen: `${master} turned ${server} away: ${refusal.record.message}`,
        want,
        why: `${words.why}${there?.record.detail ? ` (${master}'s own log: ${there.record.detail.split('\n')[0]})` : ''}`,
        at: there ? atLogLine(master, there.record) : atLogLine(server, record),
        next: words.next.length > 0 ? words.next : mendConninfo(conninfoStep(now, server), server, master),
      });
    }
    const known = ownWords.find(({ says }) => says.test(record.message));
    if (known) {
      const next = known.next(conninfoStep(now, server), server, master);
      return fail(known.cause, {
        seen: `${server} says: ${record.message.split('\n')[0]}`,
        want,
        at: atLogLine(server, record),
        ...(inNetworks(now, server, master, known.cause, record, next) ?? { why: known.why, next }),
      });
    }
  }
  return fail('no-sender-on-the-master', {
    seen: `${master} has no row for ${server} in pg_stat_replication, and the log of ${server} names no reason yet`,
    want,
    why: 'a standby tries again by itself every few seconds',
    at: { server: master, view: 'pg_stat_replication', row: {} },
    next: [{ do: 'say', text: `look at the newest lines of both logs` }],
  });
}

/** Docker's networks have reasons of their own. */
function inNetworks(
  now: Observation,
  server: string,
  master: string,
  cause: OwnCause,
  { message }: LogRecord,
  mend: readonly Step[],
): Words | undefined {
  if (cause === 'connection-refused') return whyRefused(now, server, master, mend);
  const name = /could not translate host name "([^"]*)"/.exec(message)?.[1];
  return name === undefined ? undefined : whyUnresolved(now, server, master, name, mend);
}

/** What the server said comes last in the line: 'could not connect to the primary server: connection to server at … failed: FATAL:  …' (12 and 13 without the middle). */
const remoteWords =
  /^(?:could not connect to the primary server|streaming replication receiver .* could not connect to the primary server|could not (?:receive data from WAL stream|start WAL streaming)).*?(?:FATAL|ERROR):\s+(?<words>[\s\S]*)$/;

function conninfoStep(now: Observation, server: string): Step {
  const { disk } = viewOf(now, server);
  const line = isProblem(disk) ? undefined : written(disk, 'primary_conninfo').at(-1);
  if (line) return { do: 'edit', on: server, file: line.path, line: line.line };
  return { do: 'edit', on: server, file: isProblem(disk) ? 'postgresql.conf' : mainConf(disk) };
}

type Mend = (conninfo: Step, server: string, master: string) => readonly Step[];
const mendConninfo: Mend = (conninfo, server) => [conninfo, { do: 'reload', on: server }];
const cloneAgain: Mend = (_, server, master) => [
  { do: 'stop', on: server },
  { do: 'say', text: `clone ${master} again (lesson 5)` },
];

// Newest first, and the first that fits: lines of the standby itself, 13 to 18.
const ownWords: readonly {
  readonly cause: OwnCause;
  readonly says: RegExp;
  readonly why: string;
  readonly next: Mend;
}[] = [
  {
    cause: 'no-password-supplied',
    says: /no password supplied/,
    why: 'the master asks for a password, and primary_conninfo has none (or its passfile may be read by others, and is not used)',
    next: mendConninfo,
  },
  {
    cause: 'name-does-not-resolve',
    says: /could not translate host name/,
    why: 'nobody knows a machine of that name',
    next: mendConninfo,
  },
  {
    cause: 'connection-refused',
    says: /Connection refused|timeout expired|No route to host|Network is unreachable/,
    why: 'nobody listens at that address and port: the port may be wrong, or the master was down just then',
    next: mendConninfo,
  },
  {
    cause: 'conninfo-not-understood',
    says: /missing "=" after|invalid connection option|invalid connection string syntax|unterminated quoted string|invalid URI|invalid percent-encoded/,
    why: 'primary_conninfo is read only when the standby connects, so the server started all the same',
    next: mendConninfo,
  },
  {
    cause: 'no-conninfo',
    says: /^specified neither "?primary_conninfo/,
    why: 'it knows that it is a standby, but not whose',
    next: mendConninfo,
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
    next: (_, __, master) => [
      { do: 'sql', on: master, text: 'SELECT pid, application_name, state FROM pg_stat_replication' },
    ],
  },
  {
    cause: 'other-timeline',
    says: /forked off current database system timeline|is behind recovery timeline|requested timeline \d+ is not a child/,
    why: 'the two have gone different ways since a promotion',
    next: cloneAgain,
  },
];
