/** Draws the log view over the whole body. */
import { atRank, countOf, rankOf, recordPlace } from '../../session/log/buffer.ts';
import { cursorOf, foundIn, newOf, type OpenLog, shownOf } from '../../session/log/state.ts';
import type { Session } from '../../session/session.ts';
import { columns } from '../../terminal/width.ts';
import { cut } from '../layout/fit.ts';
import { type Line, lineColumns, piece, wrap } from '../layout/wrap.ts';
import { messages } from '../messages.ts';
import type { Reading } from '../page/page.ts';
import { type LogDrawing, olderLines, rowMaker } from './rows.ts';
import { type VisibleLog, visibleLogOf } from './visible.ts';

/** `below`: text for the rule under the body. */
export type LogBody = { readonly lines: readonly Line[]; readonly below: string; readonly step: VisibleLog['step'] };

const words = messages.logView;

export function logBody(session: Session, view: OpenLog, { notes }: Reading, width: number, height: number): LogBody {
  const shown = shownOf(view);
  const drawing: LogDrawing = {
    ...{ session, view, notes, width, shown },
    hits: foundIn(view, shown),
    cursor: cursorOf(view, shown),
  };
  const top = [titleOf(drawing), ...(height > 6 ? [[]] : [])];
  const recordRows = rowMaker(drawing);
  const first = atRank(view.buffer, shown, 0);
  const rowsOf = (number: number) =>
    number === first ? [...olderLines(drawing), ...recordRows(number)] : recordRows(number);
  const visible = visibleLogOf(view, shown, rowsOf, height - top.length);
  const rows = visible.rows.map(({ record, line }) => rowsOf(record)[line] ?? []);
  const lines = rows.length > 0 ? rows : wrap([piece(emptyText(view), 'detail')], width);
  const blank = Array.from({ length: Math.max(0, height - top.length - lines.length) }, (): Line => []);
  return { lines: [...top, ...lines, ...blank], below: below(drawing, visible), step: visible.step };
}

/** The servers, the filter, and the cursor's position among the shown records. */
function titleOf({ view, shown, cursor, width }: LogDrawing): Line {
  const { servers, server, filter, buffer, task } = view;
  const names = server === null ? servers : servers.slice(server, server + 1);
  const since = new Date(task.since).toTimeString().slice(0, 8);
  const title = [piece(words.title(names), 'heading'), piece(` · ${words.filter[filter](since)}`, 'strong')];
  const position = cursor === undefined ? '' : words.far(rankOf(buffer, shown, cursor) + 1, countOf(buffer, shown));
  const room = width - lineColumns(title) - columns(position);
  return room < 2 ? cut(title, width) : [...title, piece(' '.repeat(room) + position, 'detail')];
}

function emptyText({ buffer, filter, server, servers }: OpenLog): string {
  if (buffer.reading) return messages.logReading;
  if (buffer.chunks.length === 0) return buffer.absent.length > 0 ? words.absent(buffer.absent) : messages.logNothing;
  const name = server === null ? '' : (servers[server] ?? '');
  if (buffer.absent.includes(name)) return words.absent([name]);
  return filter === 'all' && server !== null ? words.silent(name) : words.noneSuch;
}

function below({ view, shown, hits, cursor }: LogDrawing, { atEnd }: VisibleLog): string {
  const { search, follows, buffer } = view;
  const fresh = follows ? 0 : newOf(view, shown);
  const count = hits ? countOf(buffer, hits) : 0;
  const place = cursor === undefined ? undefined : recordPlace(buffer, cursor);
  const hit = hits && place && hits(place.chunk).includes(place.index) ? rankOf(buffer, hits, cursor ?? 0) + 1 : 0;
  const texts = [
    buffer.reading
      ? words.reading
      : view.server === null && buffer.absent.length > 0
        ? words.absent(buffer.absent)
        : '',
    search && search.text !== '' ? (hits ? words.hits(search.text, hit, count) : words.searching) : '',
    fresh > 0 ? words.fresh(fresh) : atEnd ? '' : messages.more.trim(),
  ];
  return texts
    .filter(Boolean)
    .map((text) => ` ${text} `)
    .join('──');
}

/** The search text that is being typed, at the beginning of the key line. */
export const logSearchLine = (text: string): Line => [piece(' /', 'key'), piece(text), piece('▏  ', 'key')];
