/** Server log lines → records; every shape of the recorded logs in test/postgres/logs. */
export type LogLevel = 'DEBUG' | 'INFO' | 'NOTICE' | 'WARNING' | 'ERROR' | 'LOG' | 'FATAL' | 'PANIC';
export type LogRecord = {
  readonly line: number; // of its first line in the text, from 1
  readonly lines: number; // how many lines it takes
  readonly time: string | null; // as written, zone included: '2026-11-23 14:02:11.123 UTC'
  readonly pid: number | null;
  readonly level: LogLevel | null; // null: a line that is no record of the server's (initdb's, the entrypoint's)
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly context?: string; // with QUERY and LOCATION, each under its own word
  readonly statement?: string;
};

/** Takes lines one by one and gives a record as soon as the next one begins; `end` gives the last. */
export type LogReader = {
  readonly push: (line: string) => LogRecord | undefined;
  readonly end: () => LogRecord | undefined;
};

type Field = 'message' | 'detail' | 'hint' | 'context' | 'statement';
type Draft = { -readonly [key in keyof LogRecord]: LogRecord[key] } & { last: Field };

export function parseLog(text: string): readonly LogRecord[] {
  const reader = logReader();
  const records: LogRecord[] = [];
  const keep = (record: LogRecord | undefined) => record && records.push(record);
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  for (const line of lines) keep(reader.push(line));
  keep(reader.end());
  return records;
}

export function logReader(): LogReader {
  let number = 0;
  let draft: Draft | undefined;
  return {
    push(raw) {
      number++;
      const line = raw.replace(transport, '');
      if (draft && (continues(draft, line) || joins(draft, line))) {
        draft.lines++;
        return undefined;
      }
      const before = draft;
      draft = begin(line, number);
      return before && finished(before);
    },
    end: () => draft && finished(draft),
  };
}

// What stands around a line that came through Docker: "master  | " of compose, the time of `docker logs -t`, a carriage return.
const transport = /^[\w.-]+ +\| |^\d{4}-\d\d-\d\dT[\d:.]+Z |\r$/g;

const head =
  /^(.*?)\b(DEBUG[1-5]?|INFO|NOTICE|WARNING|ERROR|LOG|FATAL|PANIC|DETAIL|HINT|CONTEXT|STATEMENT|QUERY|LOCATION|BACKTRACE): {1,2}(.*)$/;
const fieldOf: Readonly<Record<string, Field>> = {
  DETAIL: 'detail',
  HINT: 'hint',
  CONTEXT: 'context',
  STATEMENT: 'statement',
  QUERY: 'context',
  LOCATION: 'context',
  BACKTRACE: 'context',
};

type Head = { readonly time: string | null; readonly pid: number | null; readonly word: string; readonly rest: string };

/**
 * The prefix is whatever stands before the level: nothing, or something with a time or a process id in brackets. So `%m [%p] `, `%t [%p]: user@db `,
 * "backend> …" and "waiting for server to start....…" (pg_ctl's dots, on the same line) are all read, and "psql: error: … FATAL:  …" is not.
 */
function headOf(line: string): Head | undefined {
  const [, prefix = '', word = '', rest = ''] = head.exec(line) ?? [];
  if (!word) return undefined;
  const time = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? [^\s[]+/.exec(prefix)?.[0] ?? null;
  const pid = /\[(\d+)(?:-\d+)?\]/.exec(prefix)?.[1];
  if (prefix !== '' && time === null && pid === undefined) return undefined;
  return { time, pid: pid === undefined ? null : Number(pid), word, rest };
}

function begin(line: string, number: number): Draft {
  const found = headOf(line);
  const own = found && !(found.word in fieldOf); // a DETAIL without its record (the text was cut above it) is kept as it is
  return {
    line: number,
    lines: 1,
    time: found?.time ?? null,
    pid: found?.pid ?? null,
    level: own ? (found.word.replace(/\d$/, '') as LogLevel) : null,
    message: found ? (own ? found.rest : `${found.word}:  ${found.rest}`) : line,
    last: 'message',
  };
}

/** The server indents all further lines of one text with a tab; lines that are not the server's may be indented with spaces. */
function continues(draft: Draft, line: string): boolean {
  const tab = line.startsWith('\t');
  if (!tab && line !== '' && !(draft.level === null && line.startsWith('  '))) return false;
  draft[draft.last] += `\n${tab ? line.slice(1) : line}`;
  return true;
}

/** DETAIL, HINT and the like have a prefix of their own and follow their record, written by the same process. */
function joins(draft: Draft, line: string): boolean {
  const found = headOf(line);
  const field = found && fieldOf[found.word];
  if (!field || draft.level === null || found.pid !== draft.pid) return false;
  const text = /QUERY|LOCATION|BACKTRACE/.test(found.word) ? `${found.word}:  ${found.rest}` : found.rest;
  const before = field === 'message' ? undefined : draft[field];
  draft[field] = before === undefined ? text : `${before}\n${text}`;
  draft.last = field;
  return true;
}

function finished({ last: _, ...record }: Draft): LogRecord {
  const texts = ['message', 'detail', 'hint', 'context', 'statement'] as const;
  for (const field of texts) {
    const text = record[field];
    if (text !== undefined) record[field] = text.trimEnd();
  }
  return record;
}

/**
 * Where the present start of a server begins: a log holds many, and lines of an earlier one prove nothing.
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

function lastStart(records: readonly LogRecord[]): number {
  let begin = 0;
  let attempt: number | undefined; // failed, and nothing of an older run has been seen after it
  let state: 'unknown' | 'running' | 'over' = 'unknown';
  records.forEach((record, index) => {
    if (starting.test(record.message)) {
      begin = firstOf(records, index);
      attempt = undefined;
      state = 'running';
    } else if (over.test(record.message)) {
      state = 'over';
    } else if (failsToStart(record, state)) {
      if (!(state === 'running' && occupied.test(record.message))) attempt = firstOf(records, index);
    } else if (state !== 'over' && attempt !== undefined && outlives(record, records[attempt])) {
      attempt = undefined; // the older server was alive all the time
    }
  });
  return attempt ?? begin;
}

function failsToStart({ level, message }: LogRecord, state: 'unknown' | 'running' | 'over'): boolean {
  if (level === null) return failing.test(message);
  if (level !== 'FATAL' && level !== 'PANIC') return false;
  return state === 'over' || failing.test(message);
}

/** Lines that a further failed start begins with are no sign of life of the older server. */
function outlives(record: LogRecord, attempt: LogRecord | undefined): boolean {
  return record.level !== null && record.pid !== attempt?.pid && !aboutFiles.test(record.message);
}

const aboutFiles =
  /configuration file|configuration directory|in file "|^invalid value for parameter|^parameter ".*" cannot be changed/;

/** A start may complain about its files before it says "starting". A container's postmaster is pid 1 every time, so the pid alone does not tell. */
function firstOf(records: readonly LogRecord[], index: number): number {
  const pid = records[index]?.pid;
  if (pid === null || pid === undefined) return index;
  const complains = (record: LogRecord | undefined) => record?.pid === pid && aboutFiles.test(record.message);
  let first = index;
  while (complains(records[first - 1])) first--;
  return first;
}
