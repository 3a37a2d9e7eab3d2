/** The same log records in many shapes: by log_line_prefix, log_destination, and the programs that forward a log. */
import type { LogRecord } from '../../src/postgres/log/log.ts';

type Shape = (records: readonly LogRecord[]) => string;
type Part = readonly [word: string, text: string];

const partsOf = ({ level, message, detail, hint, context, statement }: LogRecord): readonly Part[] => [
  [level ?? 'LOG', message],
  ...(detail === undefined ? [] : [['DETAIL', detail] as Part]),
  ...(hint === undefined ? [] : [['HINT', hint] as Part]),
  ...(context === undefined ? [] : [['CONTEXT', context] as Part]),
  ...(statement === undefined ? [] : [['STATEMENT', statement] as Part]),
];

const tabbed = (text: string): string => text.replaceAll('\n', '\n\t');

/** The format of a server's stderr. */
const stderr =
  (prefix: (record: LogRecord, part: number) => string): Shape =>
  (records) =>
    records
      .flatMap((record) =>
        partsOf(record).map(([word, text], part) => `${prefix(record, part)}${word}:  ${tabbed(text)}\n`),
      )
      .join('');

const usual = stderr(({ time, pid }) => `${time} [${pid}] `);
const lines =
  (each: (line: string, at: number) => string): Shape =>
  (records) =>
    usual(records).replace(/\n$/, '').split('\n').map(each).join('\n');

const iso = '2026-11-23T14:02:11.123456789Z';
const csvField = (text: string | undefined): string => (text === undefined ? '' : `"${text.replaceAll('"', '""')}"`);

/** With syslog_sequence_numbers and syslog_split_messages: the whole record is one message, split at line ends. */
const syslog =
  (header: (record: LogRecord) => string, prefix: (record: LogRecord) => string): Shape =>
  (records) =>
    records
      .flatMap((record, number) => {
        const text = partsOf(record)
          .map(([word, each]) => `${prefix(record)}${word}:  ${tabbed(each)}`)
          .join('\n');
        const chunks = text.split('\n');
        return chunks.map((chunk, at) => {
          const order = chunks.length === 1 ? `[${number + 1}]` : `[${number + 1}-${at + 1}]`;
          return `${header(record)}${order} ${chunk.replaceAll('\t', '#011')}\n`;
        });
      })
      .join('');

/** Every shape keeps level, message, DETAIL, HINT, CONTEXT and STATEMENT. */
export const shapes: Readonly<Record<string, Shape>> = {
  'the default prefix': usual,
  'no prefix at all': stderr(() => ''),
  'the time alone': stderr(({ time }) => `${time} `),
  'the process alone': stderr(({ pid }) => `[${pid}] `),
  'user and database behind': stderr(({ time, pid }) => `${time} [${pid}] postgres@shop `),
  'user and database alone': stderr(() => '[unknown]@[unknown] '),
  'line numbers': stderr(({ time, pid }, part) => `${time} [${pid}-${part + 1}] `),
  'name=value pairs': stderr(
    ({ time, pid }, part) => `${time} [${pid}]: [${part + 1}-1] user=slave,db=[unknown],app=s1,client=127.0.0.1 `,
  ),
  'the kind of process': stderr(({ time, pid }) => `${time} [${pid}] walsender `),
  'the kind of process alone': stderr(() => 'client backend '),
  'session and transaction': stderr(({ time, pid }) => `${time} [${pid}] 6921a0b3.${pid?.toString(16)} 3/12 0 00000 `),
  'the session alone': stderr(({ pid }) => `6921a0b3.${pid?.toString(16)} `),
  'seconds since 1970': stderr(({ pid }) => `1795442531.123 [${pid}] `),
  'an application with a colon': stderr(({ time, pid }) => `${time} [${pid}] app=psql: the "old" one `),
  'Amazon RDS': stderr(({ pid }) => `2026-11-23 14:02:11 UTC:10.0.0.5(43210):slave@[unknown]:[${pid}]:`),
  Azure: stderr(({ pid }) => `2026-11-23 14:02:11 UTC-6921a0b3.${pid?.toString(16)}-`),
  'the single-user mode': stderr(({ time, pid }) => `backend> ${time} [${pid}] `),
  'Windows line ends': (records) => usual(records).replaceAll('\n', '\r\n'),
  'docker logs --timestamps': lines((line) => `${iso} ${line}`),
  'docker compose': lines((line) => `db-1  | ${line}`),
  'docker compose, in colour': lines((line) => `\u001b[36mdb-1  | \u001b[0m${line}`),
  'docker compose, a name of its own': lines((line) => `master      | ${line}`),
  'docker compose with timestamps': lines((line) => `db-1  | ${iso} ${line}`),
  "Docker's own files": lines((line) => JSON.stringify({ log: `${line}\n`, stream: 'stderr', time: iso })),
  'Google Cloud': lines((line) => JSON.stringify({ insertId: 's', timestamp: iso, textPayload: line })),
  'Kubernetes (CRI)': lines((line) => `${iso} stderr F ${line}`),
  'Kubernetes (CRI), long lines cut': lines((line) =>
    line.length > 80
      ? `${iso} stderr P ${line.slice(0, 60)}\n${iso} stderr F ${line.slice(60)}`
      : `${iso} stderr F ${line}`,
  ),
  'kubectl logs --prefix': lines((line) => `[pod/postgres-0/postgres] ${line}`),
  syslog: syslog(
    ({ pid }) => `Nov 23 14:02:11 db1 postgres[${pid}]: `,
    () => '',
  ),
  'syslog, with the prefix as well': syslog(
    ({ pid }) => `Nov  3 14:02:11 db1 postgres[${pid}]: `,
    ({ time, pid }) => `${time} [${pid}] `,
  ),
  'syslog with full times': syslog(
    ({ pid }) => `2026-11-23T14:02:11.123456+01:00 db1 postgres[${pid}]: `,
    () => '',
  ),
  'syslog, RFC 5424': syslog(
    ({ pid }) => `<134>1 2026-11-23T14:02:11.123456+01:00 db1 postgres ${pid} - - `,
    () => '',
  ),
  'the journal': lines((line) => `Nov 23 14:02:11 db1 postgresql@18-main[77]: ${line}`),
  'the journal, as JSON': lines((line) =>
    JSON.stringify({ MESSAGE: line, _PID: '77', _HOSTNAME: 'db1', SYSLOG_IDENTIFIER: 'postgres' }),
  ),
  csvlog: (records) =>
    records
      .map(
        ({ time, pid, level, message, detail, hint, context, statement }) =>
          `${time},"slave","",${pid},"127.0.0.1:43210",6921a0b3.1f,1,"",2026-11-23 14:02:11 UTC,3/12,0,${level},00000,${csvField(message)},${csvField(detail)},${csvField(hint)},,,${csvField(context)},${csvField(statement)},,,"s1","walsender",,0\n`,
      )
      .join(''),
  jsonlog: (records) =>
    records
      .map(({ time, pid, level, ...texts }) => {
        const { message, detail, hint, context, statement } = texts;
        return `${JSON.stringify({ timestamp: time, user: 'slave', pid, session_id: '6921a0b3.1f', error_severity: level, message, detail, hint, context, statement, backend_type: 'walsender' })}\n`;
      })
      .join(''),
  "jsonlog in an operator's lines": (records) =>
    records
      .map(({ time, pid, level, message, detail, hint, context, statement }) =>
        JSON.stringify({
          level: 'info',
          ts: iso,
          logger: 'postgres',
          msg: 'record',
          record: {
            log_time: time,
            process_id: String(pid),
            error_severity: level,
            message,
            detail,
            hint,
            context,
            query: statement,
          },
        }),
      )
      .join('\n'),
};
