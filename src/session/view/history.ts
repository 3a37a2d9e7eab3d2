/**
 * The lag of each standby over the last looks. A look with unchanged lags adds no sample, so that the history of an
 * idle lab stays the same.
 */
import type { Observation } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { bytesBehind, linksOf, newestOf } from './links.ts';

export type Lag = { readonly bytes: number | null; readonly ms: number | null }; // behind in replaying
type Sample = { readonly at: string; readonly lags: Readonly<Record<string, Lag>> }; // by name of the standby
export type History = readonly Sample[];

const maxSamples = 60;

export function withSample(history: History, now: Observation): History {
  const lags = lagsOf(now);
  const last = history.at(-1);
  if (last ? isSame(last.lags, lags) : Object.keys(lags).length === 0) return history;
  return [...history, { at: now.at, lags }].slice(-maxSamples);
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

/** The samples of one standby, oldest first; null for a look at which no server sent to it. */
export const lagsOfServer = (history: History, server: string): readonly (Lag | null)[] =>
  history.map(({ lags }) => lags[server] ?? null);
