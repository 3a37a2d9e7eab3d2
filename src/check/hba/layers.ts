/** pg_hba.conf on its way into a running server: written, loaded, in effect. */
import type { HbaFile, Observation, Sql } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import type { LogRecord } from '../../postgres/log/log.ts';
import type { Fail, Layer, Location, Pass } from '../verdict.ts';
import { clock, inFile, lastRecord, sinceReload, viewOf } from '../view.ts';
import { fileOf } from './lines.ts';

/** Why the server would not take the file, or did not: by our reading, by its own (pg_hba_file_rules), by its log. */
export type RefusedLogin = {
  readonly saying: string;
  readonly at: Location;
  readonly file: string;
  readonly line?: number;
  readonly unreadable?: true; // for the server; the workshop may be root
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
  const [own] = sql.hbaErrors;
  if (own) {
    const file = own.file ?? hba.path;
    return {
      saying: `line ${own.line} of ${file}: ${own.error}`,
      at: inFile(server, file, own.line),
      line: own.line,
      file,
    };
  }
  const said = hba.savedAt <= sql.loadedAt ? notReloaded(now, server) : undefined;
  return said && { saying: `${hba.path} was not reloaded`, at: { server, log: said }, file: hba.path };
}

const notReloaded = (now: Observation, server: string): LogRecord | undefined =>
  lastRecord(sinceReload(viewOf(now, server)), /pg_hba\.conf was not reloaded/);

/** undefined: the server cannot be asked, or there is no file. `verdict`: on the line, judged from the file. */
export function hbaLayers(now: Observation, server: string, verdict: Pass | Fail): readonly Layer[] | undefined {
  const { disk, sql } = viewOf(now, server);
  if (isProblem(disk) || isProblem(sql) || !disk.hba || !('rules' in disk.hba)) return undefined;
  const { hba } = disk;
  const refused = refusedFile(now, server, hba, sql);
  const loaded = !refused && hba.savedAt <= sql.loadedAt;
  const right = verdict.kind === 'pass';
  const at = verdict.kind === 'fail' && verdict.at ? verdict.at : inFile(server, hba.path);
  return [
    { layer: 'written', ok: right, seen: `${hba.path} saved ${clock(hba.savedAt)}: ${verdict.seen}`, at },
    {
      layer: 'loaded',
      ok: loaded,
      seen: refused
        ? `${server} refuses the file: ${refused.saying}`
        : `${server} last read its rules at ${clock(sql.loadedAt)}`,
      at: refused?.at ?? { server, view: 'pg_conf_load_time()', row: { pg_conf_load_time: sql.loadedAt } },
    },
    {
      layer: 'in effect',
      ok: loaded ? right : 'unknown',
      seen: loaded ? 'the rules of the file' : 'the rules that were read before',
    },
  ];
}
