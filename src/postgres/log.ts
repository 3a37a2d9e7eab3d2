/** Server log text → records: stderr with any prefix, csvlog, jsonlog, and what Docker, Kubernetes, syslog and the journal make of them. */
import { type Draft, finished, goesOn, joins, newRecord, type Piece, serverOf, tab } from './log-draft.ts';
import { headOf } from './log-head.ts';
import type { LogRecord } from './log-record.ts';
import { csvRecord, jsonRecord, mayBeCsv, quotesClosed } from './log-structured.ts';
import { type Carried, carried, plainLine } from './log-transport.ts';

export type { LogLevel, LogRecord } from './log-record.ts';

/** `text`: the record's own lines as they were read, without colours. Records of one server come in their order. */
export type TakeRecord = (record: LogRecord, text: string) => void;
/** Takes lines one by one and gives a record as soon as the next one begins. `flush`: nothing more comes for a while, so the last records are whole. */
export type LogReader = { readonly push: (line: string) => void; readonly flush: () => void; readonly end: () => void };

type Held = Piece & { readonly csv: boolean };

export function parseLog(text: string): readonly LogRecord[] {
  const records: LogRecord[] = [];
  const reader = logReader((record) => records.push(record));
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  for (const line of lines) reader.push(line);
  reader.end();
  return records.sort((a, b) => a.line - b.line);
}

const longest = 2000; // lines; a quote that is never closed must not swallow the rest of a log
const patience = 20; // lines that may stand between two of one record, where the lines of several servers are mixed

export function logReader(take: TakeRecord): LogReader {
  let number = 0;
  const drafts = new Map<string, Draft>(); // by whose line it is
  const held = new Map<string, Held>(); // texts that go on in the next line
  const servers = new Set<string>(); // names that proved to be those of servers

  const finish = (whose: string, draft: Draft) => {
    drafts.delete(whose);
    take(finished(draft), draft.text);
  };
  const begin = (whose: string, record: Draft['record'], source: string) => {
    const before = drafts.get(whose);
    if (before) finish(whose, before);
    drafts.set(whose, { record, text: source, last: 'message', until: number });
    if (drafts.size === 1) return;
    for (const [other, draft] of drafts) {
      if (draft.until >= number - patience && drafts.size < 64) break;
      finish(other, draft);
    }
  };
  const said = (whose: string, piece: Piece, carrier: Carried | undefined) => {
    const { text, source, lines } = piece;
    const draft = drafts.get(whose);
    const head = text.charCodeAt(0) === tab ? undefined : headOf(text);
    const more = draft !== undefined && draft.record.lines < longest;
    if (more && (goesOn(draft, text, head, carrier) || (head && joins(draft, head, carrier)))) {
      draft.record.lines += lines;
      draft.until = number;
      draft.text += `\n${source}`;
    } else begin(whose, newRecord(piece, head, carrier), source);
  };
  const whole = (whose: string, piece: Piece, csv: boolean, carrier: Carried | undefined) => {
    const { text, source, line, lines } = piece;
    const structured = csv ? csvRecord(text) : text.charCodeAt(0) === brace ? jsonRecord(text) : undefined;
    if (structured) begin(whose, { line, lines, ...structured, ...serverOf(carrier) }, source);
    else said(whose, piece, carrier);
  };
  const release = (whose: string, piece: Held) => {
    held.delete(whose);
    said(whose, piece, undefined);
  };

  const flush = () => {
    for (const [whose, draft] of [...drafts]) finish(whose, draft);
  };

  return {
    push(raw) {
      number++;
      const source = plainLine(raw);
      const carrier = sure(carried(source), servers);
      const whose = carrier ? ownerOf(carrier) : '';
      let piece: Piece = { text: carrier ? carrier.text : source, source, line: number, lines: 1 };
      let csv = mayBeCsv(piece.text);
      const before = held.size === 0 ? undefined : held.get(whose);
      if (before && (before.lines > longest || (before.csv && (csv || headOf(piece.text)?.pid))))
        release(whose, before);
      else if (before) {
        piece = together(before, piece);
        csv = before.csv;
        held.delete(whose);
      }
      if (carrier?.rest === 'cut' || (csv && !quotesClosed(piece.text))) held.set(whose, { ...piece, csv });
      else whole(whose, piece, csv, carrier);
    },
    flush,
    end() {
      for (const [whose, piece] of held) release(whose, piece);
      flush();
    },
  };
}

const together = (before: Held, { text, source }: Piece): Piece => ({
  text: before.csv ? `${before.text}\n${text}` : before.text + text,
  source: `${before.source}\n${source}`,
  line: before.line,
  lines: before.lines + 1,
});

const brace = 123;

/** Processes of one host are told apart: syslog may put the lines of another between two of one record. */
const ownerOf = ({ server, program, pid }: Carried): string =>
  program === null ? server : `${server} ${program} ${pid}`;

/** A name before a bar is a server's when its lines begin like a server's, or like those of the container's entrypoint. */
function sure(carrier: Carried | undefined, servers: Set<string>): Carried | undefined {
  if (!carrier?.unsure || servers.has(carrier.server)) return carrier;
  if (!headOf(carrier.text) && !/^(?:The files belonging to|PostgreSQL |initdb: |Error: |[{\d])/.test(carrier.text))
    return undefined;
  servers.add(carrier.server);
  return carrier;
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
