/** Finds why a server did not come up, or went down by itself. */
import type { LogRecord } from '../../postgres/log/log.ts';

/** The server's first message about its end. A refused client is FATAL too, but not the end of the server. */
export const failureOf = (run: readonly LogRecord[]): string | undefined => {
  const known = run.findIndex(({ level, message }) => level === 'PANIC' || isStartFailure(level, message));
  const at = known < 0 ? endOfStart(run) : known;
  const record = run[at];
  if (!record) return undefined;
  const cause = /contains errors$/.test(record.message) ? run[at - 1] : undefined; // the record before names the error
  return cause ? `${cause.message}` : [record.message, record.detail].filter(Boolean).join(' ');
};

/**
 * Where the newest start ended: the first FATAL of the postmaster itself, or of the startup process that it waits for
 * (src/backend/postmaster/postmaster.c). A start that finds no memory ends before it says that it begins; the last line
 * is the postmaster's, too. -1: it did not end so.
 */
function endOfStart(run: readonly LogRecord[]): number {
  const begun = run.findLastIndex(({ message }) => message.startsWith('starting PostgreSQL'));
  const startup = run.slice(begun + 1).map(({ message }) => /^startup process \(PID (\d+)\) exited/.exec(message)?.[1]);
  const end = run.findLastIndex(({ message }) => message === 'database system is shut down');
  const own = [run[begun]?.pid, ...startup.map(Number), end > begun ? run[end]?.pid : undefined].filter((pid) => pid);
  const first = run.findIndex(({ level, pid }, at) => at > begun && level === 'FATAL' && own.includes(pid));
  return first >= 0 || end <= begun ? first : lastWords(run, end);
}

/** Without pids in the lines: the FATAL right before the last line, unless it answers a client. */
function lastWords(run: readonly LogRecord[], end: number): number {
  const { level, pid, message = '' } = run[end - 1] ?? {};
  const isOwn = level === 'FATAL' && !pid && !/^(the database system is|terminating) /.test(message);
  return isOwn ? end - 1 : -1;
}

const isStartFailure = (level: LogRecord['level'], message: string): boolean =>
  (level === 'FATAL' &&
    /contains errors$|^could not load |could not create any TCP\/IP|^lock file |^data directory .*(invalid permissions|wrong ownership)|^database files are incompatible|^could not (access|open|read) |is not a valid data directory|requires "?wal_level|^recovery aborted|^could not locate|^required WAL directory|^must specify "?restore_command|recovery command file|^WAL was generated with wal_level|^hot standby is not possible|^invalid value for parameter/.test(
      message,
    )) ||
  (level === null && /could not find the database system/.test(message)) ||
  /process .* was terminated by signal/.test(message);
