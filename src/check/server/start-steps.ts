/** What to do after a start that failed. */
import type { Disk, Observation, ServerView } from '../../lab/observation.ts';
import type { LogRecord } from '../../postgres/log/log.ts';
import { masterOf, rebuildSteps } from '../clone/rebuild.ts';
import { letSuperuserIn } from '../hba/superuser.ts';
import { commentOut, readableAgain } from '../steps/file-lines.ts';
import type { Location, Step } from '../verdict.ts';
import { backToTheStart, othersOf } from '../view.ts';

export type FailedStart = {
  readonly now: Observation;
  readonly view: ServerView;
  readonly disk: Disk;
  readonly record: LogRecord;
  readonly before: LogRecord | undefined;
  readonly want: string;
};

/** A copy of a running server is cloned again. Else the file was left over; the start looks for a server by itself. */
export function withoutLock({ now, view, record }: FailedStart): readonly Step[] {
  const pid = Number(/\(PID (\d+)\)/.exec(record.hint ?? '')?.[1]);
  const copied = othersOf(now, view.name).find(({ process }) => process.pid === pid);
  return copied
    ? rebuildSteps(now, view.name, copied.name)
    : [
        { do: 'remove', on: view.name, file: 'postmaster.pid' },
        { do: 'start', on: view.name },
      ];
}

/** Only a standby is cloned: what is left of a primary may be the only copy of the rows. */
export const cloneAgain = ({ now, view, disk }: FailedStart): readonly Step[] =>
  disk.signals.includes('standby.signal') || disk.backupLabel
    ? rebuildSteps(now, view.name, masterOf(now, view.name))
    : [backToTheStart];

/** Reads 'max_connections = 20 is a lower setting than on the primary server, where its value was 100.' */
export function largerValue(start: FailedStart): readonly Step[] {
  const { message, detail } = start.record;
  const [, name, value] =
    /(\w+) = \d+ is a lower setting than on .* where its value was (\d+)/.exec(`${message}\n${detail}`) ?? [];
  return name && value
    ? [{ do: 'edit', on: start.view.name, file: 'postgresql.conf', text: `${name} = ${value}` }]
    : withoutLine(start, undefined);
}

/** The step that takes the line out of the way; where no line is known, the one that has the server's words. */
export const withoutLine = ({ view, record }: FailedStart, at: Location | undefined): readonly Step[] => {
  if (at && 'file' in at && at.line !== undefined) return commentOut(view, at.file, at.line);
  const [line = ''] = record.message.split('\n');
  return [{ do: 'say', text: `correct in the files of ${view.name} what its log names: ${line}` }];
};

/** Each line of pg_hba.conf that is refused becomes a comment; a file that nobody can read is written anew. */
export function rulesThatAreRead({ now, view, disk: { hba } }: FailedStart, path: string): readonly Step[] {
  const anew = () => letSuperuserIn(now, view.name, { rules: [], path }, () => false);
  if (!hba) return anew();
  if ('unreadable' in hba) {
    if (hba.shut || now.engine === 'docker') return [readableAgain(view, hba)];
    return [{ do: 'run', text: `mv ${hba.path} ${hba.path}.away` }, ...anew()];
  }
  if (hba.errors.length === 0 && hba.rules.length === 0) return anew();
  return hba.errors.flatMap(({ line, file = hba.path }) => commentOut(view, file, line));
}
