/**
 * What keeps commands waiting, whatever the task at hand is about: processes that are held, and catalogues that an open
 * transaction keeps locked.
 */
import type { ServerView } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import type { Location, Step } from '../verdict.ts';
import { processPlace } from '../view.ts';

export type InTheWay = { readonly what: string; readonly at: Location; readonly next: readonly Step[] };

export const inTheWay = (view: ServerView): readonly InTheWay[] => [...heldProcesses(view), ...lockedCatalogs(view)];

/** One for each child of the server that SIGSTOP holds. */
export function heldProcesses(view: ServerView): readonly (InTheWay & { readonly child: string })[] {
  const { held = [] } = view.process;
  return held.map(({ pid, name }) => ({
    child: name,
    what: `the ${name} of ${view.name} (process ${pid}) is there, but it is held: somebody sent it SIGSTOP`,
    at: processPlace(view),
    next: [{ do: 'unfreeze', on: view.name, pid }],
  }));
}

function lockedCatalogs({ name, sql }: ServerView): readonly InTheWay[] {
  if (isProblem(sql)) return [];
  const locks = sql.catalogLocks ?? [];
  return [...new Set(locks.map(({ pid }) => pid))].map((pid) => {
    const own = locks.filter((lock) => lock.pid === pid);
    return {
      what: `on ${name} the session ${pid} keeps ${own.map(({ catalog }) => catalog).join(', ')} locked in a transaction that stays open: whoever changes what is in there waits`,
      at: { server: name, view: 'pg_locks', row: { pid, mode: own[0]?.mode ?? null } },
      next: [{ do: 'sql', on: name, text: `SELECT pg_terminate_backend(${pid})` }],
    };
  });
}
