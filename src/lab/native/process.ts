/** The state of a server's process, from its data directory, its process and the end of its log. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { LogRecord } from '../../postgres/log.ts';
import { isPaused, type Postmaster } from '../native/postmaster.ts';
import type { Disk, ProcessView } from '../observation.ts';

export function processView(
  data: string,
  disk: Disk,
  postmaster: Postmaster | undefined,
  run: readonly LogRecord[],
): ProcessView {
  if (postmaster) return runningView(postmaster);
  if (disk.state !== 'cluster') return { state: 'absent' };
  // postmaster.opts is written by the first start, and a base backup leaves it out.
  if (!existsSync(join(data, 'postmaster.opts'))) {
    const failure = failureOf(run);
    return failure && !existsSync(join(data, 'backup_label'))
      ? { state: 'failed', reason: failure }
      : { state: 'created' };
  }
  if (run.some(({ message }) => /^received (smart|fast|immediate) shutdown request/.test(message)))
    return { state: 'stopped' };
  const failure = failureOf(run);
  if (failure) return { state: 'failed', reason: failure };
  const died = disk.control?.state === 'in production' || disk.control?.state === 'in archive recovery';
  return died
    ? { state: 'failed', reason: 'the process ended without a word: it was killed, or the machine went down' }
    : { state: 'stopped' };
}

function runningView({ pid, port, startedAt, status }: Postmaster): ProcessView {
  const about = { pid, startedAt, ...(port === null ? {} : { port }) };
  if (isPaused(pid)) return { state: 'paused', ...about };
  return { state: status === 'ready' || status === 'standby' ? 'up' : 'starting', ...about };
}

/** The first word of the server on why it ended; a client that was turned away is FATAL too, but not the server's end. */
const failureOf = (run: readonly LogRecord[]): string | undefined => {
  const ended = run.findIndex(({ level, message }) => level === 'PANIC' || isStartFailure(level, message));
  const record = run[ended];
  if (!record) return undefined;
  const first = /contains errors$/.test(record.message) ? run[ended - 1] : undefined; // the line before says which
  return first ? `${first.message}` : [record.message, record.detail].filter(Boolean).join(' ');
};

const isStartFailure = (level: LogRecord['level'], message: string): boolean =>
  (level === 'FATAL' &&
    /contains errors$|^could not load |could not create any TCP\/IP|^lock file |^data directory .*(invalid permissions|wrong ownership)|^database files are incompatible|^could not (access|open|read) |is not a valid data directory|requires wal_level|^recovery aborted|^could not locate|^required WAL directory|^must specify restore_command|recovery command file|^WAL was generated with wal_level|^hot standby is not possible|^invalid value for parameter/.test(
      message,
    )) ||
  (level === null && /could not find the database system/.test(message)) ||
  /process .* was terminated by signal/.test(message);
