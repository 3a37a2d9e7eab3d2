/** A server that has a process, and takes no sessions now. */
import type { Disk, Observation, ServerView } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import type { Step } from '../verdict.ts';
import { type Failure, fail } from '../verdicts.ts';
import { atLogLine, inFile, lastRecord, processPlace } from '../view.ts';
import { whyItFailed } from './start-failure.ts';

export const notNowCauses = ['starting', 'stopping', 'hung', 'catalogue-locked', 'paused', 'restarting'] as const;
type NotNow = Failure<(typeof notNowCauses)[number]>;

/** Each login reads catalogues, so a lock on one keeps everybody out; the holder shows in the titles of processes. */
export function loginsWait(view: ServerView, want: string): Failure<'catalogue-locked'> | undefined {
  const { name, sql } = view;
  const { blocking = [] } = view.process;
  const [first] = blocking;
  if (first === undefined || !isProblem(sql)) return undefined;
  return fail('catalogue-locked', {
    seen: `${name} runs, and whoever logs in waits for a lock; the session ${blocking.join(' and ')} has a transaction open`,
    want,
    why: 'a lock on pg_database, pg_authid or pg_class keeps every login waiting until the transaction ends',
    at: { server: name, view: 'ps', row: { pid: first, title: 'idle in transaction' } },
    next: [
      { do: 'run', text: `kill ${blocking.join(' ')}` },
      { do: 'say', text: 'end the transaction there: COMMIT or ROLLBACK', or: true },
    ],
  });
}

/** There is a process that does not answer, or Docker restarts it again and again. */
export function notNow(now: Observation, view: ServerView, disk: Disk, want: string): NotNow {
  const { name, process, container } = view;
  const start: Step = { do: 'start', on: name };
  switch (process.state) {
    case 'paused':
      return fail('paused', {
        seen: container
          ? `the container ${container.name} is paused: its processes are there, and get no time to work`
          : `the process of ${name} (${process.pid}) is there, but it is held: somebody sent it SIGSTOP (Ctrl-Z does nearly the same)`,
        want,
        at: processPlace(view),
        next: [{ do: 'unfreeze', on: name, ...(process.pid === undefined ? {} : { pid: process.pid }) }],
      });
    case 'hung':
      return fail('hung', {
        seen: `${name} has a process${container ? '' : ` (${process.pid})`}, but no session gets an answer`,
        want,
        at: processPlace(view),
        next: [{ do: 'stop', on: name }, start, { do: 'stop', on: name, how: 'immediate', or: true }, start],
      });
    case 'restarting':
      return restarting(now, view, disk, want);
    default: {
      const asked = lastRecord(view.log.records, /^received smart shutdown request/);
      if (asked)
        return fail('stopping', {
          seen: `${name} was asked to stop, and waits until everybody has gone; it lets nobody in any more`,
          want,
          why: 'pg_ctl stop -m smart, and SIGTERM, wait for every session; fast ends them',
          at: atLogLine(name, asked),
          next: [{ do: 'stop', on: name }, start],
        });
      return fail('starting', {
        seen: container?.initialising
          ? `the container ${container.name} is new: its image makes the cluster, and its temporary server takes no connections from outside yet`
          : `${name} is starting and does not answer yet`,
        want,
        next: [{ do: 'say', text: 'give it a moment; if it goes on, its log says what it waits for' }],
      });
    }
  }
}

/** The container's restart policy starts the server again and again, so the reason is the one of a failed start. */
function restarting(now: Observation, view: ServerView, disk: Disk, want: string): Failure<'restarting'> {
  const { name, process, log } = view;
  const why = whyItFailed(now, { ...view, process: { ...process, state: 'failed' } }, disk, want);
  const last = log.records.at(-1);
  return fail('restarting', {
    seen: `Docker starts ${name} again and again, and each time it ends: ${process.reason ?? 'its log says why'}`,
    want,
    why: why ? `${why.seen}${why.why ? `; ${why.why}` : ''}` : 'the container has a restart policy',
    at: why?.at ?? (last ? atLogLine(name, last) : inFile(name, log.file ?? 'the log')),
    next: [{ do: 'stop', on: name }, ...(why?.next ?? [{ do: 'start', on: name } as const])],
  });
}
