/** Does a server run, is it the one that the plan means, and if not: why not? */

import type { Disk, Observation, Sql } from '../lab/observation.ts';
import { isProblem } from '../lab/problem.ts';
import { lockedOut, notThePlans } from './answering.ts';
import { type Check, defineCheck } from './check.ts';
import { crashCauses, whyItFailed } from './failed.ts';
import { type Failure, fail, identifierOf, inFile, pass, type Unknown, unknown, viewOf } from './look.ts';

export type Wanted = 'primary' | 'standby';

export const downCauses = [
  'absent',
  'not-a-cluster',
  'created-not-started',
  'stopped',
  ...crashCauses,
  'starting',
  'hung',
  'paused',
  'restarting',
  'locked-out',
  'another-server-answers',
  'other-port',
] as const;
type Down = Failure<(typeof downCauses)[number]>;

/** The server runs as a primary, on its own data directory and port. */
export const runs = (server: string): Check =>
  defineCheck([...downCauses, 'hot-standby-off', 'runs-as-a-standby'], ({ now }) => {
    const down = whyNotUp(now, server, 'primary');
    if (down) return down;
    const { sql } = viewOf(now, server);
    if (isProblem(sql)) return unknown(sql);
    if (!sql.inRecovery) return pass(`${server} runs on port ${sql.port} and takes writes (PostgreSQL ${sql.version})`);
    const data = `${dataOf(now, server)}/standby.signal`;
    return fail('runs-as-a-standby', {
      seen: `${server} runs, but as a standby: it only lets you read`,
      want: `${server} is a primary`,
      why: 'a standby.signal in its data directory told it so when it started',
      at: inFile(server, data),
      next: [
        { do: 'run', text: `rm ${data}` },
        { do: 'restart', on: server },
      ],
    });
  });

/** Two servers that never had anything to do with each other. */
export const separateClusters = (one: string, other: string): Check =>
  defineCheck(['no-cluster', 'copied-too-early'], ({ now }) => {
    for (const name of [one, other]) {
      const { disk } = viewOf(now, name);
      if (isProblem(disk)) return unknown(disk);
      if (!identifierOf(viewOf(now, name))) {
        return fail('no-cluster', {
          seen: `${name} has no cluster in ${disk.path} yet, so it has no identifier`,
          want: `${one} and ${other}, each with a cluster of its own`,
          at: inFile(name, disk.path),
          next: [{ do: 'run', text: `initdb -D ${disk.path} -U postgres` }],
        });
      }
    }
    const [mine, its] = [one, other].map((name) => identifierOf(viewOf(now, name)));
    if (mine !== its) return pass(`two clusters: ${one} is ${mine}, ${other} is ${its}`);
    const data = dataOf(now, other);
    return fail('copied-too-early', {
      seen: `${one} and ${other} have the same system identifier, ${mine}: one is a copy of the other`,
      want: 'two clusters of their own, for now',
      why: `a copy is what lesson 5 makes; here you see first what two servers are that do not belong together`,
      at: inFile(other, data),
      next: [
        { do: 'stop', on: other },
        { do: 'run', text: `mv ${data} ${data}.old` },
        { do: 'run', text: `initdb -D ${data} -U postgres` },
        { do: 'start', on: other },
      ],
    });
  });

/**
 * For checks that must ask the server: its answers, or why there are none. `no-answer` stands for all of `runs`' causes,
 * whose words it keeps.
 */
export function answersOf(
  now: Observation,
  server: string,
  wanted: Wanted = 'primary',
): Sql | Failure<'no-answer'> | Unknown {
  const down = whyNotUp(now, server, wanted);
  if (down) return down.kind === 'unknown' ? down : { ...down, cause: 'no-answer' };
  const { sql } = viewOf(now, server);
  return isProblem(sql) ? unknown(sql) : sql;
}

/** undefined: it runs, answers, and is the server of the plan. */
export function whyNotUp(
  now: Observation,
  server: string,
  wanted: Wanted,
): Down | Failure<'hot-standby-off'> | Unknown | undefined {
  const view = viewOf(now, server);
  const { disk, process } = view;
  if (isProblem(disk)) return unknown(disk);
  const start = { do: 'start', on: server } as const;
  const want = wanted === 'primary' ? `${server} runs` : `${server} runs as a standby`;
  switch (process.state) {
    case 'absent':
      return disk.state === 'other' ? notACluster(server, disk, want) : absent(server, disk, wanted, want);
    case 'created':
    case 'stopped':
    case 'failed': {
      const failed = whyItFailed(now, view, disk, want);
      if (failed) return failed;
      return process.state === 'created'
        ? fail('created-not-started', {
            seen: `${disk.path} is there, but ${server} was never started on it`,
            want,
            at: inFile(server, disk.path),
            next: [start],
          })
        : fail('stopped', {
            seen: `${server} is stopped; it was shut down in an orderly way`,
            want,
            at: inFile(server, disk.path),
            next: [start],
          });
    }
    case 'starting':
    case 'restarting':
      return fail(process.state, {
        seen: `${server} is starting and does not answer yet`,
        want,
        next: [{ do: 'say', text: 'give it a moment; if it goes on, its log says what it waits for' }],
      });
    case 'hung':
      return fail('hung', {
        seen: `${server} has a process (${process.pid}), but no session gets an answer`,
        want,
        next: [{ do: 'run', text: `pg_ctl -D ${disk.path} stop -m immediate` }, start],
      });
    case 'paused':
      return fail('paused', {
        seen: `the process of ${server} (${process.pid}) is there, but it is held: somebody sent it SIGSTOP (Ctrl-Z does nearly the same)`,
        want,
        next: [{ do: 'run', text: `kill -CONT ${process.pid}` }],
      });
    case 'up':
      return isProblem(view.sql) ? lockedOut(view, disk, want) : notThePlans(now, view, disk, view.sql);
  }
}

const dataOf = (now: Observation, server: string): string => {
  const { disk } = viewOf(now, server);
  return isProblem(disk) ? server : disk.path;
};

function absent(server: string, disk: Disk, wanted: Wanted, want: string): Failure<'absent'> {
  const seen = disk.state === 'empty' ? `the folder ${disk.path} is empty` : `there is no folder ${disk.path}`;
  const at = inFile(server, disk.path);
  return wanted === 'primary'
    ? fail('absent', {
        seen: `${seen}: ${server} has no cluster yet`,
        want,
        why: 'initdb makes the folder with its files, pg_ctl starts a server on it',
        at,
        next: [
          { do: 'run', text: `initdb -D ${disk.path} -U postgres` },
          { do: 'start', on: server },
        ],
      })
    : fail('absent', {
        seen,
        want,
        why: 'a standby is a copy of its primary: without the copy there is nothing to start',
        at,
        next: [{ do: 'say', text: `clone the primary into ${disk.path} first (lesson 5)` }],
      });
}

const notACluster = (server: string, disk: Disk, want: string): Failure<'not-a-cluster'> =>
  fail('not-a-cluster', {
    seen: `${disk.path} has files in it, but it is no cluster: the file PG_VERSION is missing`,
    want,
    why: 'initdb and pg_basebackup refuse a folder that is not empty, so that they never overwrite anything',
    at: inFile(server, disk.path),
    next: [{ do: 'run', text: `mv ${disk.path} ${disk.path}.other` }],
  });
