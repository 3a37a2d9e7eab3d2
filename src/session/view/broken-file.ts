/**
 * A configuration file that a running server refuses to load. The server goes on with its old settings and fails at the
 * next start, so the screen shows it at once. Pure.
 */
import { commentOut } from '../../check/file-lines.ts';
import { confFault } from '../../check/setting/settings.ts';
import type { Fail } from '../../check/verdict.ts';
import { isProblem } from '../../lab/problem.ts';
import { currentTask, type Session } from '../session.ts';

/** undefined: there is no such file, or the current verdict reports it already. */
export function brokenFile(session: Session): Pick<Fail, 'seen' | 'next'> | undefined {
  const { verdict } = currentTask(session) ?? {};
  if (!session.now || (verdict?.kind === 'fail' && ['conf-error', 'reload-refused'].includes(verdict.cause))) return;
  for (const view of Object.values(session.now.servers)) {
    const { process, disk, sql } = view;
    if (process.state !== 'up' || isProblem(disk)) continue;
    const fault = confFault(view, disk);
    if (fault) return fault;
    const unknown = isProblem(sql) ? undefined : sql.confErrors.find(({ error }) => error.startsWith('unrecognized'));
    if (unknown) {
      const { file, line } = unknown;
      return {
        seen: `line ${line} of ${file}: PostgreSQL has no setting "${unknown.name}"`,
        next: commentOut(view, file, line),
      };
    }
  }
  return undefined;
}
