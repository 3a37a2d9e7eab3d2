/** Does a look see the lab as the look before it did? Then there is nothing to judge, to remember or to draw. */
import { isDeepStrictEqual } from 'node:util';
import type { Observation } from '../lab/observation.ts';
import { isProblem } from '../lab/problem.ts';

/** The moment of a look does not count; but while a commit waits, its age is shown. */
export const isSameLook = (before: Observation, now: Observation): boolean =>
  isDeepStrictEqual(withoutMoment(before), withoutMoment(now));

function withoutMoment({ servers, at: _, ...rest }: Observation) {
  const views = Object.entries(servers).map(([name, view]) => {
    const { sql } = view;
    return [name, isProblem(sql) || sql.waiting.length > 0 ? view : { ...view, sql: { ...sql, now: null } }];
  });
  return { ...rest, servers: Object.fromEntries(views) };
}
