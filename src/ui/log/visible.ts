/**
 * The lines of the log view that are in sight, and where a step leads. Only records in sight are laid out, so a long
 * log costs as little as a short one.
 */
import { atRank, countOf, type RecordSelection, rankOf } from '../../session/log/buffer.ts';
import { cursorOf, type LogMove, type LogTop, type OpenLog } from '../../session/log/state.ts';
import type { Line } from '../layout/wrap.ts';

export type LogStep = { readonly lines: 1 | -1 } | { readonly pages: 1 | -1 } | 'home';
export type VisibleLog = {
  readonly rows: readonly LogTop[]; // one line of a record each
  readonly atEnd: boolean;
  readonly step: (step: LogStep) => LogMove;
};
type Rows = (number: number) => readonly Line[];

export function visibleLogOf(view: OpenLog, shown: RecordSelection, rowsOf: Rows, height: number): VisibleLog {
  const log = walker(view, shown, rowsOf);
  const cursor = cursorOf(view, shown);
  const last = log.last();
  if (cursor === undefined || last === undefined) return { rows: [], atEnd: true, step: () => ({ to: 'end' }) };
  const rows = view.follows ? log.up(past(last, rowsOf), height) : around(view, cursor, log, rowsOf, height);
  return {
    rows,
    atEnd: isSame(rows.at(-1), { record: last, line: rowsOf(last).length - 1 }),
    step: (step) => stepped(step, { rows, cursor, last, log, rowsOf, height }),
  };
}

type Walker = ReturnType<typeof walker>;

function walker({ buffer }: OpenLog, shown: RecordSelection, rowsOf: Rows) {
  const count = countOf(buffer, shown);
  const beside = (number: number, by: 1 | -1) => {
    const rank = rankOf(buffer, shown, number) + by;
    return rank < 0 || rank >= count ? undefined : atRank(buffer, shown, rank);
  };
  /** The lines above a place, from top to bottom: `height` of them, or as many as there are. */
  const up = ({ record, line }: LogTop, height: number): readonly LogTop[] => {
    const rows: LogTop[] = [];
    let [number, below]: [number | undefined, number] = [record, line];
    while (rows.length < height) {
      if (below === 0) {
        number = beside(number, -1);
        if (number === undefined) break;
        below = rowsOf(number).length;
      }
      below--;
      rows.push({ record: number, line: below });
    }
    return rows.reverse();
  };
  /** The lines from a place on; filled up with lines above it when there are too few. */
  const down = (from: LogTop, height: number): readonly LogTop[] => {
    const rows: LogTop[] = [];
    let [number, line]: [number | undefined, number] = [from.record, from.line];
    while (number !== undefined && rows.length < height) {
      if (line < rowsOf(number).length) rows.push({ record: number, line: line++ });
      else [number, line] = [beside(number, 1), 0];
    }
    return rows.length < height ? [...up(from, height - rows.length), ...rows] : rows;
  };
  const isShown = (number: number) => atRank(buffer, shown, rankOf(buffer, shown, number)) === number;
  return {
    beside,
    up,
    down,
    isShown,
    first: () => atRank(buffer, shown, 0),
    last: () => atRank(buffer, shown, count - 1),
  };
}

const past = (record: number, rowsOf: Rows): LogTop => ({ record, line: rowsOf(record).length });
const isSame = (a: LogTop | undefined, b: LogTop): boolean => a?.record === b.record && a.line === b.line;
const has = (rows: readonly LogTop[], record: number, line: number): boolean =>
  rows.some((row) => isSame(row, { record, line }));

/** Keeps the lines in sight, or scrolls just far enough to show the cursor; after a jump the cursor is a third down. */
function around({ top }: OpenLog, cursor: number, log: Walker, rowsOf: Rows, height: number): readonly LogTop[] {
  const size = rowsOf(cursor).length;
  const start = { record: cursor, line: 0 };
  if (!top || !log.isShown(top.record)) {
    const above = log.up(start, Math.floor(height / 3));
    const rows = log.down(above[0] ?? start, height);
    return has(rows, cursor, size - 1) ? rows : log.down(start, height);
  }
  const topLine = Math.min(top.line, rowsOf(top.record).length - 1); // the record may have fewer lines than before
  const rows = log.down({ ...top, line: topLine }, height);
  const isTall = size > height;
  if (isTall ? rows.some(({ record }) => record === cursor) : has(rows, cursor, 0) && has(rows, cursor, size - 1))
    return rows;
  const isAbove = cursor < top.record || (cursor === top.record && top.line > 0);
  return isAbove || isTall ? log.down(start, height) : log.up(past(cursor, rowsOf), height);
}

type Standing = {
  readonly rows: readonly LogTop[];
  readonly cursor: number;
  readonly last: number;
  readonly log: Walker;
  readonly rowsOf: Rows;
  readonly height: number;
};

function stepped(step: LogStep, standing: Standing): LogMove {
  const { rows, cursor, log } = standing;
  const top = rows[0] ?? { record: cursor, line: 0 };
  if (step === 'home') {
    const first = log.first() ?? cursor;
    return { to: 'place', cursor: first, top: { record: first, line: 0 } };
  }
  if ('pages' in step) return step.pages === 1 ? pageDown(standing) : pageUp(top, standing);
  return step.lines === 1 ? lineDown(top, standing) : lineUp(top, standing);
}

/** Scrolls through a record line by line while its end is out of sight; else the cursor goes to the next record. */
function lineDown(top: LogTop, { rows, cursor, last, log, rowsOf }: Standing): LogMove {
  if (!has(rows, cursor, rowsOf(cursor).length - 1)) return { to: 'place', cursor, top: rows[1] ?? top };
  const next = log.beside(cursor, 1);
  return next === undefined || next === last ? { to: 'end' } : { to: 'place', cursor: next, top };
}

function lineUp(top: LogTop, { rows, cursor, log }: Standing): LogMove {
  const above = log.up(top, 1)[0] ?? top;
  if (!has(rows, cursor, 0)) return { to: 'place', cursor, top: above };
  return { to: 'place', cursor: log.beside(cursor, -1) ?? cursor, top };
}

function pageDown({ rows, cursor, last, log, rowsOf, height }: Standing): LogMove {
  const top = rows[Math.max(1, height - 2)] ?? rows.at(-1) ?? { record: cursor, line: 0 };
  const next = log.down(top, height);
  if (isSame(next.at(-1), { record: last, line: rowsOf(last).length - 1 })) return { to: 'end' };
  return { to: 'place', cursor: firstWhole(next), top };
}

function pageUp(top: LogTop, { log, height }: Standing): LogMove {
  const next = log.down(log.up(top, Math.max(1, height - 2))[0] ?? top, height);
  return { to: 'place', cursor: firstWhole(next), top: next[0] ?? top };
}

/** The first record whose beginning is in sight, else the record of the first line. */
const firstWhole = (rows: readonly LogTop[]): number => (rows.find(({ line }) => line === 0) ?? rows[0])?.record ?? 0;
