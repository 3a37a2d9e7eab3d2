/** The layers of pg_hba.conf in a running server: written, loaded, in effect. */
import type { HbaFile, Observation, ServerView, Sql } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { millisecondsOf } from '../../postgres/log/lines/time.ts';
import type { LogRecord } from '../../postgres/log/log.ts';
import type { Fail, Layer, Location, Pass } from '../verdict.ts';
import { clock, inFile, lastRecord, sinceReload, viewOf } from '../view.ts';
import { fileOf } from './lines.ts';

/** Why the server refuses the file: by our parser, by the server's own (pg_hba_file_rules), or by its log. */
export type RefusedLogin = {
  readonly saying: string;
  readonly at: Location;
  readonly file: string;
  readonly line?: number;
  /** The server cannot read the file. The workshop may be root, and can. */
  readonly unreadable?: true;
};

export function refusedFile(now: Observation, server: string, hba: HbaFile, sql: Sql): RefusedLogin | undefined {
  const [bad] = hba.errors;
  if (bad) {
    const file = fileOf(hba, bad);
    return {
      saying: `line ${bad.line} of ${file}: ${bad.message}`,
      at: inFile(server, file, bad.line),
      line: bad.line,
      file,
    };
  }
  if (isProblem(sql.hbaErrors)) {
    const { what } = sql.hbaErrors;
    return {
      saying: what,
      at: { server, view: 'pg_hba_file_rules', row: { error: what } },
      file: hba.path,
      unreadable: true,
    };
  }
  const [error] = sql.hbaErrors;
  if (error) {
    const file = error.file ?? hba.path;
    return {
      saying: `line ${error.line} of ${file}: ${error.error}`,
      at: inFile(server, file, error.line),
      line: error.line,
      file,
    };
  }
  const record = hba.savedAt <= sql.loadedAt ? notReloaded(now, server) : undefined;
  return record && { saying: `${hba.path} was not reloaded`, at: { server, log: record }, file: hba.path };
}

/**
 * When the server read its rules. A reload that finds a mistake in postgresql.conf does not advance
 * pg_conf_load_time(), and reads pg_hba.conf all the same; then the log has the time of the signal.
 */
export function rulesReadAt(view: ServerView, sql: Sql): string {
  const { records } = view.log;
  const signal = records.findLast(({ message }) => message.startsWith('received SIGHUP'));
  const since = sinceReload(view);
  const isConfRefused = since.some(({ message }) => / contains errors/.test(message));
  const areRulesRefused = since.some(({ message }) => message.includes('pg_hba.conf was not reloaded'));
  const at = signal && isConfRefused && !areRulesRefused ? millisecondsOf(signal.time ?? '') : null;
  if (at === null || at === undefined) return sql.loadedAt;
  const time = new Date(at).toISOString();
  return time > sql.loadedAt ? time : sql.loadedAt;
}

const notReloaded = (now: Observation, server: string): LogRecord | undefined =>
  lastRecord(sinceReload(viewOf(now, server)), /pg_hba\.conf was not reloaded/);

/** undefined: the server does not answer, or has no file. `verdict` is the one about the line, judged from the file. */
export function hbaLayers(now: Observation, server: string, verdict: Pass | Fail): readonly Layer[] | undefined {
  const { disk, sql } = viewOf(now, server);
  if (isProblem(disk) || isProblem(sql) || !disk.hba || !('rules' in disk.hba)) return undefined;
  const { hba } = disk;
  const refused = refusedFile(now, server, hba, sql);
  const readAt = rulesReadAt(viewOf(now, server), sql);
  const loaded = !refused && hba.savedAt <= readAt;
  const right = verdict.kind === 'pass';
  const at = verdict.kind === 'fail' && verdict.at ? verdict.at : inFile(server, hba.path);
  return [
    { layer: 'written', ok: right, seen: `${hba.path} saved ${clock(hba.savedAt)}: ${verdict.seen}`, at },
    {
      layer: 'loaded',
      ok: loaded,
      seen: refused
        ? `${server} refuses the file: ${refused.saying}`
        : `${server} last read its rules at ${clock(readAt)}`,
      at: refused?.at ?? { server, view: 'pg_conf_load_time()', row: { pg_conf_load_time: sql.loadedAt } },
    },
    {
      layer: 'in effect',
      ok: loaded ? right : 'unknown',
      seen: loaded ? 'the rules of the file' : 'the rules that were read before',
    },
  ];
}
