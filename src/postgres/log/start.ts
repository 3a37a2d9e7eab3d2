/** Finds where the current start of a server begins: a log contains many, and lines of an earlier one prove nothing. */
import type { LogRecord } from './lines/record.ts';

/**
 * Returns an index into `records`. For a running server (`postmasterPid`): its last "starting PostgreSQL", else its
 * first record. Otherwise the last start in the text: after "database system is shut down", at a "starting PostgreSQL",
 * or at a start that failed before that line.
 */
export function startOfThisRun(records: readonly LogRecord[], postmasterPid?: number): number {
  if (postmasterPid === undefined) return lastStart(records);
  const own = records.findLastIndex((record) => record.pid === postmasterPid && startingLine.test(record.message));
  if (own >= 0) return firstOf(records, own);
  const first = records.findIndex((record) => record.pid === postmasterPid);
  return first >= 0 ? first : lastStart(records);
}

/**
 * `add` accepts the records of one server in order, each with its number. `begin` returns the number at which the last
 * start began; 0: none was seen.
 */
export type StartFinder = { readonly add: (record: LogRecord, number: number) => void; readonly begin: () => number };

function lastStart(records: readonly LogRecord[]): number {
  const finder = startFinder();
  for (const [index, record] of records.entries()) finder.add(record, index);
  return finder.begin();
}

/**
 * A start may log errors in configuration files before "starting PostgreSQL". In containers every postmaster has pid 1,
 * so the pid alone proves nothing.
 */
function firstOf(records: readonly LogRecord[], index: number): number {
  const pid = records[index]?.pid;
  if (pid === null || pid === undefined) return index;
  const complains = (record: LogRecord | undefined) => record?.pid === pid && aboutFiles.test(record.message);
  let first = index;
  while (complains(records[first - 1])) first--;
  return first;
}

export function startFinder(): StartFinder {
  let begin = 0;
  let starter: number | null = null; // the pid of the start that begins there
  /** A failed start, after which no record of an older run was seen. */
  let attempt: { readonly from: number; readonly pid: number | null } | undefined;
  let state: 'unknown' | 'running' | 'over' = 'unknown';
  let complaint: { readonly from: number; readonly pid: number } | undefined; // errors in files, directly above
  return {
    add(record, number) {
      const { message, pid } = record;
      const first = complaint && complaint.pid === pid ? complaint.from : number;
      complaint = pid !== null && aboutFiles.test(message) ? { from: first, pid } : undefined;
      if (startingLine.test(message)) {
        begin = first;
        starter = pid;
        attempt = undefined;
        state = 'running';
      } else if (shutDown.test(message)) {
        state = 'over';
      } else if (failsToStart(record, state)) {
        const isOfThisStart = pid !== null && pid === starter;
        if (!(state === 'running' && (isOfThisStart || lockFileExists.test(message)))) attempt = { from: first, pid };
      } else if (state !== 'over' && attempt && isOfOlderServer(record, attempt.pid)) {
        attempt = undefined; // the older server was running all the time
      }
    },
    begin: () => attempt?.from ?? begin,
  };
}

const startingLine = /^starting PostgreSQL \d/;
const shutDown = /^database system is shut down$/;
const lockFileExists = /^lock file ".*" already exists$/;
// Logged before "starting PostgreSQL". The reload of a running server logs 'contains errors; …', and not as FATAL.
const startFailure = new RegExp(
  [
    '^configuration file ".*" contains errors$',
    '^(?:invalid value for|unrecognized configuration) parameter ',
    '^(?:could not \\w+|bogus data in) lock file|^lock file "',
    '^(?:specified )?data directory "|^".*" is not a valid data directory$|^database files are incompatible with server',
    '^WAL (?:streaming|archival) ',
    '^(?:postgres|postmaster): could not |^"root" execution of the PostgreSQL server',
  ].join('|'),
);

function failsToStart({ level, message }: LogRecord, state: 'unknown' | 'running' | 'over'): boolean {
  if (level === null) return startFailure.test(message);
  if (level !== 'FATAL' && level !== 'PANIC') return false;
  return state === 'over' || startFailure.test(message);
}

/** True when the record shows that the older server runs. A line that begins another failed start does not. */
const isOfOlderServer = ({ level, pid, message }: LogRecord, attempt: number | null): boolean =>
  level !== null && pid !== attempt && !aboutFiles.test(message);

const aboutFiles =
  /configuration file|configuration directory|in file "|^invalid value for parameter|^parameter ".*" cannot be changed/;
