/** Server log text → records: stderr with any prefix, csvlog, jsonlog, and what Docker, Kubernetes, syslog and the journal make of them. */
import { continuesDraft, type Draft, finished, joins, type LogPiece, newRecord, serverOf, tab } from './lines/draft.ts';
import { headOf } from './lines/head.ts';
import type { LogRecord } from './lines/record.ts';
import { csvRecord, jsonRecord, mayBeCsv, quotesClosed } from './lines/structured.ts';
import { type Carried, carried, plainLine } from './lines/transport.ts';

export type { LogLevel, LogRecord } from './lines/record.ts';
export { startOfThisRun } from './start.ts';

/** `text`: the record's own lines as they were read, without colours. Records come in the order of their first lines. */
export type TakeRecord = (record: LogRecord, text: string) => void;
/** Takes lines one by one and gives a record as soon as the next one begins. `flush`: nothing more comes for a while, so the last records are whole. */
export type LogReader = { readonly push: (line: string) => void; readonly flush: () => void; readonly end: () => void };

type Held = LogPiece & { readonly csv: boolean };

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
  const whole: Draft[] = []; // they wait for records that began before them
  const servers = new Set<string>(); // names that proved to be those of servers

  const finish = (whose: string, draft: Draft) => {
    drafts.delete(whose);
    whole.push(draft);
  };
  const tell = () => {
    const [oldest] = drafts.values(); // a draft that begins goes to the end of the map
    const until = oldest?.record.line ?? Number.POSITIVE_INFINITY;
    if (whole.length > 1) whole.sort((a, b) => a.record.line - b.record.line);
    for (let next = whole[0]; next && next.record.line < until; next = whole[0]) {
      whole.shift();
      take(finished(next), next.text);
    }
  };
  const begin = (whose: string, record: Draft['record'], source: string) => {
    const before = drafts.get(whose);
    if (before) finish(whose, before);
    drafts.set(whose, { record, text: source, last: 'message', until: number });
    for (const [other, draft] of drafts) {
      if (draft.until >= number - patience && drafts.size < 64) break;
      finish(other, draft);
    }
    if (whole.length > 0) tell();
  };
  const said = (whose: string, piece: LogPiece, carrier: Carried | undefined) => {
    const { text, source, lines } = piece;
    const draft = drafts.get(whose);
    const head = text.charCodeAt(0) === tab ? undefined : headOf(text);
    const more = draft !== undefined && draft.record.lines < longest;
    if (more && (continuesDraft(draft, text, head, carrier) || (head && joins(draft, head, carrier)))) {
      draft.record.lines += lines;
      draft.until = number;
      draft.text += `\n${source}`;
    } else begin(whose, newRecord(piece, head, carrier), source);
  };
  const read = (whose: string, piece: LogPiece, csv: boolean, carrier: Carried | undefined) => {
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
    tell();
  };

  return {
    push(raw) {
      number++;
      const source = plainLine(raw);
      const carrier = sure(carried(source), servers);
      const whose = carrier ? ownerOf(carrier) : '';
      let piece: LogPiece = { text: carrier ? carrier.text : source, source, line: number, lines: 1 };
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
      else read(whose, piece, csv, carrier);
    },
    flush,
    end() {
      for (const [whose, piece] of held) release(whose, piece);
      flush();
    },
  };
}

const together = (before: Held, { text, source }: LogPiece): LogPiece => ({
  text: before.csv ? `${before.text}\n${text}` : before.text + text,
  source: `${before.source}\n${source}`,
  line: before.line,
  lines: before.lines + 1,
});

const brace = 123;

/** Processes of one host are told apart: syslog may put the lines of another between two of one record. */
const ownerOf = ({ server, program, pid }: Carried): string =>
  program === null ? server : `${server} ${program} ${pid}`;

/** A name before a bar is a server's when its lines begin like a server's, or like those of the container's entrypoint and what it runs. */
function sure(carrier: Carried | undefined, servers: Set<string>): Carried | undefined {
  if (!carrier?.unsure || servers.has(carrier.server)) return carrier;
  if (
    !headOf(carrier.text) &&
    !/^(?:The files belonging to|PostgreSQL |(?:initdb|pg_\w+|psql|cp|chmod|chown): |Error: |[{\d])/.test(carrier.text)
  )
    return undefined;
  servers.add(carrier.server);
  return carrier;
}
