/**
 * Server log text → records: stderr with any prefix, csvlog, jsonlog, each also inside the formats of Docker,
 * Kubernetes, syslog and the journal.
 */
import { continuesDraft, type Draft, finished, joins, type LogPiece, newRecord, serverOf, tab } from './lines/draft.ts';
import { headOf } from './lines/head.ts';
import type { LogRecord } from './lines/record.ts';
import { csvRecord, jsonRecord, mayBeCsv, quotesClosed } from './lines/structured.ts';
import { type Carried, carried, plainLine } from './lines/transport.ts';

export type { LogLevel, LogRecord } from './lines/record.ts';
export { startOfThisRun } from './start.ts';

/** `text`: the record's own lines as read, without colours. Records come in the order of their first lines. */
export type TakeRecord = (record: LogRecord, text: string) => void;
/**
 * Accepts lines one by one, and emits a record as soon as the next one begins. `flush`: nothing more comes for a while,
 * so the last records are complete.
 */
export type LogReader = { readonly push: (line: string) => void; readonly flush: () => void; readonly end: () => void };

type Unfinished = LogPiece & { readonly csv: boolean };

export function parseLog(text: string): readonly LogRecord[] {
  const records: LogRecord[] = [];
  const reader = logReader((record) => records.push(record));
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  for (const line of lines) reader.push(line);
  reader.end();
  return records.sort((a, b) => a.line - b.line);
}

const maxLines = 2000; // lines; an unclosed quote must not swallow the rest of a log
const maxGap = 20; // lines that may come between two lines of one record, where several servers are mixed

export function logReader(take: TakeRecord): LogReader {
  let number = 0;
  const drafts = new Map<string, Draft>(); // by owner
  const unfinished = new Map<string, Unfinished>(); // texts that continue in the next line
  const complete: Draft[] = []; // drafts that wait for records which began before them
  const servers = new Set<string>(); // names before a bar that proved to be servers

  const finish = (owner: string, draft: Draft) => {
    drafts.delete(owner);
    complete.push(draft);
  };
  const emitComplete = () => {
    const [oldest] = drafts.values(); // a new draft goes to the end of the map
    const until = oldest?.record.line ?? Number.POSITIVE_INFINITY;
    if (complete.length > 1) complete.sort((a, b) => a.record.line - b.record.line);
    for (let next = complete[0]; next && next.record.line < until; next = complete[0]) {
      complete.shift();
      take(finished(next), next.text);
    }
  };
  const begin = (owner: string, record: Draft['record'], source: string) => {
    const previous = drafts.get(owner);
    if (previous) finish(owner, previous);
    drafts.set(owner, { record, text: source, last: 'message', until: number });
    for (const [other, draft] of drafts) {
      if (draft.until >= number - maxGap && drafts.size < 64) break;
      finish(other, draft);
    }
    if (complete.length > 0) emitComplete();
  };
  const addText = (owner: string, piece: LogPiece, carrier: Carried | undefined) => {
    const { text, source, lines } = piece;
    const draft = drafts.get(owner);
    const head = text.charCodeAt(0) === tab ? undefined : headOf(text);
    const mayContinue = draft !== undefined && draft.record.lines < maxLines;
    if (mayContinue && (continuesDraft(draft, text, head, carrier) || (head && joins(draft, head, carrier)))) {
      draft.record.lines += lines;
      draft.until = number;
      draft.text += `\n${source}`;
    } else begin(owner, newRecord(piece, head, carrier), source);
  };
  const read = (owner: string, piece: LogPiece, csv: boolean, carrier: Carried | undefined) => {
    const { text, source, line, lines } = piece;
    const structured = csv ? csvRecord(text) : text.charCodeAt(0) === brace ? jsonRecord(text) : undefined;
    if (structured) begin(owner, { line, lines, ...structured, ...serverOf(carrier) }, source);
    else addText(owner, piece, carrier);
  };
  const release = (owner: string, piece: Unfinished) => {
    unfinished.delete(owner);
    addText(owner, piece, undefined);
  };

  const flush = () => {
    for (const [owner, draft] of [...drafts]) finish(owner, draft);
    emitComplete();
  };

  return {
    push(raw) {
      number++;
      const source = plainLine(raw);
      const carrier = confirmed(carried(source), servers);
      const owner = carrier ? ownerOf(carrier) : '';
      let piece: LogPiece = { text: carrier ? carrier.text : source, source, line: number, lines: 1 };
      let csv = mayBeCsv(piece.text);
      const pending = unfinished.size === 0 ? undefined : unfinished.get(owner);
      if (pending && (pending.lines > maxLines || (pending.csv && (csv || headOf(piece.text)?.pid))))
        release(owner, pending);
      else if (pending) {
        piece = joined(pending, piece);
        csv = pending.csv;
        unfinished.delete(owner);
      }
      if (carrier?.rest === 'cut' || (csv && !quotesClosed(piece.text))) unfinished.set(owner, { ...piece, csv });
      else read(owner, piece, csv, carrier);
    },
    flush,
    end() {
      for (const [owner, piece] of unfinished) release(owner, piece);
      flush();
    },
  };
}

const joined = (before: Unfinished, { text, source }: LogPiece): LogPiece => ({
  text: before.csv ? `${before.text}\n${text}` : before.text + text,
  source: `${before.source}\n${source}`,
  line: before.line,
  lines: before.lines + 1,
});

const brace = 123;

/** Distinguishes processes of one host: syslog may put another one's line between two lines of a record. */
const ownerOf = ({ server, program, pid }: Carried): string =>
  program === null ? server : `${server} ${program} ${pid}`;

/**
 * A name before a bar is a server's when its lines begin like those of a server, or of the container's entrypoint and
 * the programs that it runs.
 */
function confirmed(carrier: Carried | undefined, servers: Set<string>): Carried | undefined {
  if (!carrier?.unsure || servers.has(carrier.server)) return carrier;
  if (
    !headOf(carrier.text) &&
    !/^(?:The files belonging to|PostgreSQL |(?:initdb|pg_\w+|psql|cp|chmod|chown): |Error: |[{\d])/.test(carrier.text)
  )
    return undefined;
  servers.add(carrier.server);
  return carrier;
}
