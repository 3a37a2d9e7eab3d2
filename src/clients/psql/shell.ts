/** The state of one psql, and how it sends a statement and shows the replies. */
import { visible } from '../../postgres/visible.ts';
import type { Asking } from '../login.ts';
import { reportMessage, type ServerMessage } from '../message.ts';
import { connectionClosed, type PgSession, type Reply } from '../session.ts';
import type { Target } from '../target.ts';
import type { ConsoleIo } from './console.ts';
import { drawTable, isRightAligned, type Table, type TableStyle } from './table.ts';

export type StatementOutcome = 'ok' | 'error' | 'lost' | 'quit';

export type Shell = {
  readonly io: ConsoleIo;
  readonly asking: Asking;
  readonly interactive: boolean;
  readonly variables: Map<string, string>;
  readonly style: { -readonly [Key in keyof TableStyle]: TableStyle[Key] };
  target: Target; // of the current connection, else of the last one
  session: PgSession | undefined; // undefined: the connection was lost
  timing: boolean;
  quiet: boolean;
  place: string; // prefix of messages while a file is read: 'psql:file.sql:12: '
  lastQuery: string;
  interrupt: (() => void) | undefined; // what Ctrl-C does while a statement or \watch runs
};

/**
 * Escapes control characters for a terminal only. Unaligned output and COPY to a file or another program are data, and
 * stay unchanged.
 */
const forTerminal = (terminal: boolean, output: string | Buffer): string | Buffer =>
  terminal ? visible(output.toString()) : output;

export const writeOut = (shell: Shell, text: string): void => {
  shell.io.error.write(visible(shell.place + text));
};
/** Writes an error of psql itself, in a script with the word "error". */
export const writeError = (shell: Shell, text: string): void => writeOut(shell, shell.place ? `error: ${text}` : text);
export const writeNotice = (shell: Shell, notice: ServerMessage): void => writeOut(shell, reportMessage(notice));
export const stopsOnError = (shell: Shell): boolean =>
  /^(1|on|t(rue)?|y(es)?)$/i.test(shell.variables.get('ON_ERROR_STOP') ?? '');

export type Show = { readonly expanded?: boolean; readonly title?: string };

/** Sends a text and shows each reply as it arrives. Ctrl-C cancels the statement on the server. */
export async function send(shell: Shell, text: string, show: Show = {}): Promise<StatementOutcome> {
  const { session, io } = shell;
  if (!session) {
    writeError(shell, 'You are currently not connected to a database.\n');
    return 'error';
  }
  shell.lastQuery = text;
  let outcome: StatementOutcome = 'ok';
  const began = performance.now();
  await interruptible(
    shell,
    () => cancel(shell, session),
    () =>
      session.run(text, (reply) => {
        outcome = outcomeOf(reply, outcome);
        if (reply.kind === 'error') writeOut(shell, reportMessage(reply.error, text));
        else if (reply.kind === 'lost') writeOut(shell, `${connectionClosed}\n`);
        else io.output.write(forTerminal(io.terminal, shown(shell, reply, show)));
      }),
  );
  if (outcome === ('lost' as StatementOutcome) && !shell.interactive)
    writeError(shell, 'connection to server was lost\n');
  if (shell.timing) io.output.write(timeLine(performance.now() - began));
  return outcome;
}

const outcomeOf = (reply: Reply, before: StatementOutcome): StatementOutcome =>
  reply.kind === 'lost' ? 'lost' : reply.kind === 'error' ? 'error' : before;

/** Runs `work`; on Ctrl-C meanwhile `stop` is called. */
export async function interruptible<T>(shell: Shell, stop: () => void, work: () => Promise<T>): Promise<T> {
  shell.interrupt = stop;
  const release = shell.io.onInterrupt(stop);
  try {
    return await work();
  } finally {
    release();
    shell.interrupt = undefined;
  }
}

/** The message is written before the request is sent, so that it comes before the server's error. */
function cancel(shell: Shell, session: PgSession): void {
  shell.io.error.write('Cancel request sent\n');
  session.cancel().catch((error: Error) => shell.io.error.write(`Could not send cancel request: ${error.message}\n`));
}

/** Runs a statement of psql's own on the catalogs. Rejects with a CatalogError that has the server's message. */
export async function askCatalog(session: PgSession, sql: string): Promise<Table> {
  let table: Table | undefined;
  let failure: string | undefined;
  await session.run(sql, (reply) => {
    if (reply.kind === 'rows') table = tableOf(reply);
    else if (reply.kind === 'error') failure = reportMessage(reply.error);
    else if (reply.kind === 'lost') failure = `${connectionClosed}\n`;
  });
  if (!table) throw new CatalogError(failure ?? 'the server gave no rows\n');
  return table;
}

export class CatalogError extends Error {}

const tableOf = ({ fields, rows }: Reply & { kind: 'rows' }): Table => ({
  columns: fields.map((field) => field.name),
  right: fields.map((field) => isRightAligned(field.dataTypeID)),
  rows,
});

function shown(shell: Shell, reply: Reply, show: Show): string | Buffer {
  if (reply.kind === 'copy') return reply.data;
  if (reply.kind === 'done') return shell.quiet ? '' : `${reply.tag}\n`;
  if (reply.kind !== 'rows') return '';
  const style = { ...shell.style, expanded: show.expanded ?? shell.style.expanded };
  const table = drawTable({ ...tableOf(reply), ...(show.title && { title: show.title }) }, style);
  const alsoTag = /^(INSERT|UPDATE|DELETE|MERGE)/.test(reply.tag) && !shell.quiet; // rows of RETURNING
  return alsoTag ? `${table}${reply.tag}\n` : table;
}

function timeLine(ms: number): string {
  if (ms < 1000) return `Time: ${ms.toFixed(3)} ms\n`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = (ms % 60_000) / 1000;
  return `Time: ${ms.toFixed(3)} ms (${String(minutes).padStart(2, '0')}:${seconds.toFixed(3).padStart(6, '0')})\n`;
}
