/** Where the present start of a server begins: a log holds many, and lines of an earlier one prove nothing. */
import type { LogRecord } from './lines/record.ts';

/**
 * Index into records. Where the server runs (`postmasterPid`), its last "starting PostgreSQL", else its first record. Otherwise the last start in the text:
 * after "database system is shut down", at a "starting PostgreSQL", or at a start that failed before that line.
 */
export function startOfThisRun(records: readonly LogRecord[], postmasterPid?: number): number {
  if (postmasterPid === undefined) return lastStart(records);
  const own = records.findLastIndex((record) => record.pid === postmasterPid && starting.test(record.message));
  if (own >= 0) return firstOf(records, own);
  const first = records.findIndex((record) => record.pid === postmasterPid);
  return first >= 0 ? first : lastStart(records);
}

/** Takes the records of one server in their order, each under a number of its own; `begin`: the number at which the last start began, 0 for none. */
export type StartFinder = { readonly add: (record: LogRecord, number: number) => void; readonly begin: () => number };

function lastStart(records: readonly LogRecord[]): number {
  const finder = startFinder();
  for (const [index, record] of records.entries()) finder.add(record, index);
  return finder.begin();
}

/** A start may complain about its files before it says "starting". A container's postmaster is pid 1 every time, so the pid alone does not tell. */
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
  let attempt: { readonly from: number; readonly pid: number | null } | undefined; // failed, and nothing of an older run has been seen after it
  let state: 'unknown' | 'running' | 'over' = 'unknown';
  let complaint: { readonly from: number; readonly pid: number } | undefined; // directly above
  return {
    add(record, number) {
      const { message, pid } = record;
      const first = complaint && complaint.pid === pid ? complaint.from : number;
      complaint = pid !== null && aboutFiles.test(message) ? { from: first, pid } : undefined;
      if (starting.test(message)) {
        begin = first;
        attempt = undefined;
        state = 'running';
      } else if (over.test(message)) {
        state = 'over';
      } else if (failsToStart(record, state)) {
        if (!(state === 'running' && occupied.test(message))) attempt = { from: first, pid };
      } else if (state !== 'over' && attempt && outlives(record, attempt.pid)) {
        attempt = undefined; // the older server was alive all the time
      }
    },
    begin: () => attempt?.from ?? begin,
  };
}

const starting = /^starting PostgreSQL \d/;
const over = /^database system is shut down$/;
const occupied = /^lock file ".*" already exists$/;
// Told before "starting PostgreSQL"; the reload of a running server says 'contains errors; …' and is not FATAL.
const failing = new RegExp(
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
  if (level === null) return failing.test(message);
  if (level !== 'FATAL' && level !== 'PANIC') return false;
  return state === 'over' || failing.test(message);
}

/** Lines that a further failed start begins with are no sign of life of the older server. */
const outlives = ({ level, pid, message }: LogRecord, attempt: number | null): boolean =>
  level !== null && pid !== attempt && !aboutFiles.test(message);

const aboutFiles =
  /configuration file|configuration directory|in file "|^invalid value for parameter|^parameter ".*" cannot be changed/;
