/** The lag of each standby over the last looks. A look at which nothing moved leaves no sample, so that a lab at rest stays as it is. */
import type { Observation } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { bytesBehind, linksOf, newestOf } from './links.ts';

export type Lag = { readonly bytes: number | null; readonly ms: number | null }; // until replayed
type Sample = { readonly at: string; readonly lags: Readonly<Record<string, Lag>> }; // by standby: those that are sent to
export type History = readonly Sample[];

const longest = 60;

export function withSample(history: History, now: Observation): History {
  const lags = lagsOf(now);
  const last = history.at(-1);
  if (last ? isSame(last.lags, lags) : Object.keys(lags).length === 0) return history;
  return [...history, { at: now.at, lags }].slice(-longest);
}

function lagsOf(now: Observation): Sample['lags'] {
  return Object.fromEntries(
    linksOf(now).flatMap(({ from, to, sender }): readonly (readonly [string, Lag])[] => {
      const sql = from === null ? undefined : now.servers[from]?.sql;
      if (!sql || isProblem(sql) || to === null || !sender) return [];
      return [[to, { bytes: bytesBehind(newestOf(sql), sender.replay), ms: sender.replayLag }]];
    }),
  );
}

const isSame = (one: Sample['lags'], other: Sample['lags']): boolean => JSON.stringify(one) === JSON.stringify(other);

/** One standby's samples, oldest first; null where nobody sent to it. */
export const lagsOfServer = (history: History, server: string): readonly (Lag | null)[] =>
  history.map(({ lags }) => lags[server] ?? null);
