/** The kinds of lines in the recorded logs: explained, noise, unknown. */
import notes from '../../assets/log-notes.yaml';
import { type LogRecord, parseLog } from '../../src/postgres/log/log.ts';
import { noteOf } from '../../src/postgres/log/notes.ts';
import { allRecorded } from './recorded.ts';

/** Lines without information about a server: the output of initdb and of the container's entrypoint. */
export const noise = [
  /^$/, // blank
  /^(?:fixing|creating|selecting|running|performing|syncing) .* \.\.\. \S+$/, // initdb's progress
  /^The (?:files|database|default) |^This user must also own|^Data page checksums are/, // initdb's choices
  /^initdb: hint: /, // belongs to its warning, which has a note
  /^ done$|^server (?:started|stopped)$/, // pg_ctl, with the entrypoint's temporary server
  /^CREATE DATABASE$/, // psql, for POSTGRES_DB
  /docker-entrypoint\.sh: ignoring/, // the init folder has no scripts
  // The continuation of the message that refuses to run as root.
  /^The server must be started under|^possible system security|^more information on how/,
];

export function unexplained(record: LogRecord): 'noise' | 'unknown' | undefined {
  if (noteOf(record, notes)) return undefined;
  return record.level === null && noise.some((line) => line.test(record.message)) ? 'noise' : 'unknown';
}

/** A kind is a message without its numbers, names and paths. */
const kindOf = ({ level, message }: LogRecord): string =>
  `${level ?? ''}  ${message}`
    .replace(/"[^"]*"/g, '"…"')
    .replace(/\S*\/\S+/g, '…')
    .replace(/\d+/g, '0')
    .slice(0, 200);

type Row = { explained: number; noise: number; unknown: number; lines: number };

/** A table in Markdown, one row for each level. */
export function lineKindsTable(): string {
  const rows = new Map<string, Row>();
  const kinds = new Set<string>();
  for (const { text } of allRecorded())
    for (const record of parseLog(text)) {
      const level = record.level ?? 'no level';
      const row = rows.get(level) ?? { explained: 0, noise: 0, unknown: 0, lines: 0 };
      rows.set(level, row);
      row.lines += record.lines;
      const kind = kindOf(record);
      if (kinds.has(kind)) continue;
      kinds.add(kind);
      row[unexplained(record) ?? 'explained']++;
    }
  const sum = (of: keyof Row) => [...rows.values()].reduce((total, row) => total + row[of], 0);
  const line = (name: string, { explained, noise: quiet, unknown, lines }: Row) =>
    `| ${name} | ${lines} | ${explained} | ${quiet} | ${unknown} |`;
  const total = { explained: sum('explained'), noise: sum('noise'), unknown: sum('unknown'), lines: sum('lines') };
  return [
    '| level | lines | kinds explained | kinds of noise | kinds unknown |',
    '|---|---|---|---|---|',
    ...[...rows].sort(([a], [b]) => a.localeCompare(b)).map(([name, row]) => line(name, row)),
    line('all', total),
  ].join('\n');
}
