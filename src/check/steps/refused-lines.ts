/**
 * Lines of configuration files that a running server refuses. It goes on with what it has, and fails at the next start:
 * so they are told as soon as they are saved, whatever the task at hand is about.
 */
import type { Observation, ServerView } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { maskText } from '../../postgres/mask/mask.ts';
import { confFaults } from '../setting/settings.ts';
import type { Fail, Location, Pass, Step } from '../verdict.ts';
import { inFile } from '../view.ts';
import { commentOut, lineOf } from './file-lines.ts';
import { inTheWay } from './in-the-way.ts';

/** `what`: 'line 7 of rep/master_data/postgresql.conf: …' */
export type RefusedLine = { readonly what: string; readonly at: Location; readonly next: readonly Step[] };

export function refusedLines(view: ServerView): readonly RefusedLine[] {
  if (view.process.state !== 'up') return [];
  const { disk } = view;
  const byText = isProblem(disk)
    ? []
    : confFaults(view, disk).map(({ seen, at, next }) => ({
        what: seen,
        at: at ?? inFile(view.name, disk.path),
        next,
      }));
  const found = [...byText, ...byServer(view)];
  return found.filter(({ at }, index) => found.findIndex((one) => isSamePlace(one.at, at)) === index);
}

function byServer(view: ServerView): readonly RefusedLine[] {
  const { name, sql, disk } = view;
  if (isProblem(sql)) return [];
  const main = isProblem(disk) ? 'pg_hba.conf' : `${disk.path}/pg_hba.conf`;
  const line = (file: string, number: number, words: string): RefusedLine => ({
    what: `line ${number} of ${file}: ${words}`,
    at: inFile(name, file, number),
    next: commentOut(view, file, number),
  });
  return [
    ...sql.confErrors.map(({ file, line: number, name: setting, error }) => {
      const text = maskText(lineOf(view, { file, line: number })?.trim() ?? setting);
      if (error.startsWith('unrecognized')) return line(file, number, `PostgreSQL has no setting "${setting}"`);
      return line(file, number, `${text}: ${setting === '' ? error : reasonInLog(view, setting)}`);
    }),
    ...(isProblem(sql.hbaErrors)
      ? [{ what: sql.hbaErrors.what, at: inFile(name, main), next: [] }]
      : sql.hbaErrors.map(({ file, line: number, error }) => line(file ?? main, number, error))), // no file before 16
  ];
}

/** pg_file_settings only says "setting could not be applied"; at a reload the log has the reason, in these words. */
function reasonInLog({ log }: ServerView, setting: string): string {
  const record = log.records.findLast(({ message }) => message.includes(`for parameter "${setting}"`));
  return record ? [record.message, record.hint].filter(Boolean).join('. ') : 'the server cannot use this value';
}

export const isSamePlace = (one: Location, other: Location): boolean =>
  'file' in one && 'file' in other && one.file === other.file && one.line === other.line;

/**
 * Adds them to a verdict, and what else keeps commands waiting, with the steps that take all that out of the way;
 * without what it is about itself.
 */
export function withRefusedLines<V extends Pass | Fail>(verdict: V, now: Observation): V {
  const at = verdict.kind === 'fail' ? verdict.at : undefined;
  const views = Object.values(now.servers);
  const found = views.flatMap((view) =>
    refusedLines(view).filter((line) => !(at && isSamePlace(at, line.at)) && !verdict.seen.includes(line.what)),
  );
  const lines = found.map(({ what }) => what);
  if (verdict.kind === 'pass')
    return found.length === 0
      ? verdict
      : { ...verdict, warning: [verdict.warning, ...lines, wouldStop].filter(Boolean).join('; ') };
  const waits = views.flatMap(inTheWay).filter(({ what }) => !verdict.seen.includes(what));
  if (found.length + waits.length === 0) return verdict;
  const edits = found.flatMap(({ next }) => next);
  const reloads = [...new Set(found.map((line) => line.at.server))].map((on): Step => ({ do: 'reload', on }));
  return {
    ...verdict,
    also: [...waits.map(({ what }) => what), ...lines],
    next: [...waits.flatMap(({ next }) => next), ...edits, ...(edits.length > 0 ? reloads : []), ...verdict.next],
  };
}

const wouldStop = 'the server goes on, and would not start again';
