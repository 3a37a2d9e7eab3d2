/**
 * A configuration file that a running server refuses to load. The server goes on with its old settings and fails at the
 * next start, so the screen shows it at once. Pure.
 */
import { isSamePlace, refusedLines } from '../../check/steps/refused-lines.ts';
import type { Fail } from '../../check/verdict.ts';
import { currentTask, type Session } from '../session.ts';

/** undefined: there is no such line, or the open verdict tells it already. */
export function brokenFile(session: Session): Pick<Fail, 'seen' | 'next'> | undefined {
  const { verdict } = currentTask(session) ?? {};
  if (!session.now) return undefined;
  const told = verdict?.kind === 'fail' ? [verdict.seen, ...(verdict.also ?? [])] : [];
  const isAt = verdict?.kind === 'fail' && verdict.at && 'file' in verdict.at ? verdict.at : undefined;
  const line = Object.values(session.now.servers)
    .flatMap(refusedLines)
    .find(({ what, at }) => !told.includes(what) && !(isAt && isSamePlace(isAt, at)));
  return line && { seen: line.what, next: line.next };
}
