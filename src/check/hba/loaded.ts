/** The check that the running server has read the line of pg_hba.conf that lets the standby in. */
import { isProblem } from '../../lab/problem.ts';
import { type Check, defineCheck } from '../check.ts';
import { answersOf } from '../server/running.ts';
import { commentOut } from '../steps/file-lines.ts';
import { fail, pass } from '../verdicts.ts';
import { clock, inFile, viewOf } from '../view.ts';
import type { ReplicationClient } from './client.ts';
import { judgeLine } from './hba.ts';
import { hbaLayers, refusedFile, rulesReadAt } from './layers.ts';

export const hbaLoaded = (server: string, standby: ReplicationClient): Check =>
  defineCheck(['no-answer', 'no-line-yet', 'refused-at-reload', 'saved-not-loaded'], ({ now }) => {
    const line = judgeLine(now, server, standby);
    const { disk } = viewOf(now, server);
    if (line.kind === 'unknown') return line;
    const file = !isProblem(disk) && disk.hba && 'rules' in disk.hba ? disk.hba : undefined;
    if (line.kind === 'fail' && (line.cause !== 'hba-syntax-error' || !file)) return { ...line, cause: 'no-line-yet' };
    const sql = answersOf(now, server);
    if ('kind' in sql) return sql;
    if (!file)
      return fail('no-line-yet', { seen: `${server} has no pg_hba.conf`, want: 'a line for the standby', next: [] });
    const layers = hbaLayers(now, server, line) ?? [];
    const want = `${server} has read the rules that are in the file`;
    const refused = refusedFile(now, server, file, sql);
    if (refused) {
      const { saying, at, line: number, file: path, unreadable } = refused;
      return fail('refused-at-reload', {
        seen: `${server} refuses the file, because of ${saying}`,
        want,
        why: 'one wrong line, and a reload takes nothing of the file: all the old rules stay',
        at,
        layers,
        next: [
          ...(unreadable
            ? [{ do: 'chown', on: server } as const]
            : line.kind === 'fail'
              ? line.next
              : number === undefined
                ? []
                : commentOut(viewOf(now, server), path, number)),
          { do: 'reload', on: server },
        ],
      });
    }
    const readAt = rulesReadAt(viewOf(now, server), sql);
    if (file.savedAt <= readAt)
      return pass(`${file.path} saved ${clock(file.savedAt)}, read by ${server} at ${clock(readAt)}`, { layers });
    return fail('saved-not-loaded', {
      seen: `saved ${clock(file.savedAt)}, but ${server} last read its rules at ${clock(readAt)}: it still uses the old ones`,
      want,
      why: 'the file is read at a start, and when you say so: reload',
      at: inFile(server, file.path),
      layers,
      next: [{ do: 'reload', on: server }],
    });
  });
