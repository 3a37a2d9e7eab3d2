/** Compares two looks. When both saw the same lab, there is nothing new to judge, save or draw. */
import { isDeepStrictEqual } from 'node:util';
import type { Observation } from '../lab/observation.ts';
import { isProblem } from '../lab/problem.ts';

/**
 * Ignores the time of the look, and the clock of each server: except where a commit waits, because the screen shows
 * how long it has been waiting.
 */
export const isSameLook = (before: Observation, now: Observation): boolean =>
  isDeepStrictEqual(withoutTimes(before), withoutTimes(now));

function withoutTimes({ servers, at: _, ...rest }: Observation) {
  const views = Object.entries(servers).map(([name, view]) => {
    const { sql } = view;
    return [name, isProblem(sql) || sql.waiting.length > 0 ? view : { ...view, sql: { ...sql, now: null } }];
  });
  return { ...rest, servers: Object.fromEntries(views) };
}
