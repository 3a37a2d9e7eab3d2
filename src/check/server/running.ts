/** The checks that a server runs, and that two servers have clusters of their own. */
import type { Observation, ServerView, Sql } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { type Check, defineCheck } from '../check.ts';
import { publishedPort } from '../network/address.ts';
import { tutorialPassword } from '../tutorial-password.ts';
import { type Failure, fail, pass, type Unknown, unknown } from '../verdicts.ts';
import { asideName, identifierOf, inFile, viewOf } from '../view.ts';
import { downCauses, runsUnlisted, type WantedRole, whyNotUp } from './availability.ts';
import { containerWarning } from './container/container.ts';
import { makeClusterSteps } from './container/recreate.ts';

/** The server runs as a primary, on its own data directory and port. */
export const runs = (server: string): Check => {
  const tutorials = tutorialPassword();
  return defineCheck([...downCauses, 'hot-standby-off', 'runs-as-a-standby'], ({ now }) => {
    const down = whyNotUp(now, server, 'primary');
    if (down) return down;
    const view = viewOf(now, server);
    const { sql } = view;
    if (isProblem(sql)) return unknown(sql);
    const unlisted = runsUnlisted(view);
    if (unlisted) return unlisted;
    if (!sql.inRecovery)
      return pass(`${server} runs${whereItRuns(view, sql)} and takes writes (PostgreSQL ${sql.version})`, {
        ...containerWarning(view),
        ...tutorials(
          now,
          sql.roles.find(({ name }) => name === 'postgres'),
        ),
      });
    const data = `${dataOf(now, server)}/standby.signal`;
    return fail('runs-as-a-standby', {
      seen: `${server} runs, but as a standby: it only lets you read`,
      want: `${server} is a primary`,
      why: 'a standby.signal in its data directory told it so when it started',
      at: inFile(server, data),
      next: [
        { do: 'remove', on: server, file: 'standby.signal' },
        { do: 'restart', on: server },
      ],
    });
  });
};

/** The two servers have different system identifiers: neither is a copy of the other. */
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
          next: makeClusterSteps(now, viewOf(now, name)),
        });
      }
    }
    const [oneId, otherId] = [one, other].map((name) => identifierOf(viewOf(now, name)));
    if (oneId !== otherId) return pass(`two clusters: ${one} is ${oneId}, ${other} is ${otherId}`);
    const copy = viewOf(now, other);
    return fail('copied-too-early', {
      seen: `${one} and ${other} have the same system identifier, ${oneId}: one is a copy of the other`,
      want: 'two clusters of their own, for now',
      why: `a copy is what lesson 5 makes; here you see first what two servers are that do not belong together`,
      at: inFile(other, dataOf(now, other)),
      next: [
        { do: 'stop', on: other },
        ...(isProblem(copy.disk) ? [] : ([{ do: 'put-aside', on: other, to: asideName(copy.disk) }] as const)),
        ...makeClusterSteps(now, copy),
      ],
    });
  });

/** What the server answered, or why it did not: every cause of `runs` becomes `no-answer`, with the words unchanged. */
export function answersOf(
  now: Observation,
  server: string,
  wanted: WantedRole = 'primary',
): Sql | Failure<'no-answer'> | Unknown {
  const down = whyNotUp(now, server, wanted);
  if (down) return down.kind === 'unknown' ? down : { ...down, cause: 'no-answer' };
  const { sql } = viewOf(now, server);
  return isProblem(sql) ? unknown(sql) : sql;
}

const dataOf = (now: Observation, server: string): string => {
  const { disk } = viewOf(now, server);
  return isProblem(disk) ? server : disk.path;
};

/** Where the learner's clients reach the server. The port inside a container means nothing outside of it. */
export function whereItRuns(view: ServerView, sql: Sql): string {
  if (!view.container) return ` on port ${sql.port}`;
  const port = publishedPort(view);
  return port === undefined ? ` in the container ${view.container.name}` : `, published on port ${port},`;
}
