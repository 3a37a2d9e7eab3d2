/** The log view: the logs of the servers in one order, over the whole body; the story of them on request. */
import { atRank, countOf, rankOf, recordPlace } from '../../session/log/buffer.ts';
import { cursorOf, foundIn, newOf, type OpenLog, shownOf } from '../../session/log/state.ts';
import type { Session } from '../../session/session.ts';
import { cut } from '../layout/fit.ts';
import { columns, type Line, lineColumns, piece, wrap } from '../layout/wrap.ts';
import { messages } from '../messages.ts';
import type { Reading } from '../page/page.ts';
import { type LogDrawing, olderLines, rowMaker } from './rows.ts';
import { type VisibleLog, visibleLogOf } from './visible.ts';

/** `below`: words for the rule under it. */
export type LogBody = { readonly lines: readonly Line[]; readonly below: string; readonly step: VisibleLog['step'] };

const m = messages.logView;

export function logBody(session: Session, view: OpenLog, { notes }: Reading, width: number, height: number): LogBody {
  const shown = shownOf(view);
  const drawing: LogDrawing = {
    ...{ session, view, notes, width, shown },
    hits: foundIn(view, shown),
    cursor: cursorOf(view, shown),
  };
  const top = [titleOf(drawing), ...(height > 6 ? [[]] : [])];
  const make = rowMaker(drawing);
  const first = atRank(view.book, shown, 0);
  const rowsOf = (number: number) => (number === first ? [...olderLines(drawing), ...make(number)] : make(number));
  const sight = visibleLogOf(view, shown, rowsOf, height - top.length);
  const rows = sight.rows.map(({ record, line }) => rowsOf(record)[line] ?? []);
  const lines = rows.length > 0 ? rows : wrap([piece(nothing(view), 'detail')], width);
  const blank = Array.from({ length: Math.max(0, height - top.length - lines.length) }, (): Line => []);
  return { lines: [...top, ...lines, ...blank], below: below(drawing, sight), step: sight.step };
}

/** Whose log, what of it, and how far down. */
function titleOf({ view, shown, cursor, width }: LogDrawing): Line {
  const { servers, server, filter, book: buffer, task } = view;
  const names = server === null ? servers : servers.slice(server, server + 1);
  const since = new Date(task.since).toTimeString().slice(0, 8);
  const title = [piece(m.title(names), 'heading'), piece(` · ${m.filter[filter](since)}`, 'strong')];
  const far = cursor === undefined ? '' : m.far(rankOf(buffer, shown, cursor) + 1, countOf(buffer, shown));
  const room = width - lineColumns(title) - columns(far);
  return room < 2 ? cut(title, width) : [...title, piece(' '.repeat(room) + far, 'detail')];
}

function nothing({ book: buffer, filter, server, servers }: OpenLog): string {
  if (buffer.reading) return messages.logReading;
  if (buffer.chunks.length === 0) return buffer.absent.length > 0 ? m.absent(buffer.absent) : messages.logNothing;
  const name = server === null ? '' : (servers[server] ?? '');
  if (buffer.absent.includes(name)) return m.absent([name]);
  return filter === 'all' && server !== null ? m.silent(name) : m.noneSuch;
}

function below({ view, shown, hits, cursor }: LogDrawing, { atEnd }: VisibleLog): string {
  const { search, follows, book: buffer } = view;
  const fresh = follows ? 0 : newOf(view, shown);
  const count = hits ? countOf(buffer, hits) : 0;
  const place = cursor === undefined ? undefined : recordPlace(buffer, cursor);
  const hit = hits && place && hits(place.chunk).includes(place.index) ? rankOf(buffer, hits, cursor ?? 0) + 1 : 0;
  const said = [
    buffer.reading ? m.reading : view.server === null && buffer.absent.length > 0 ? m.absent(buffer.absent) : '',
    search && search.text !== '' ? (hits ? m.hits(search.text, hit, count) : m.searching) : '',
    fresh > 0 ? m.fresh(fresh) : atEnd ? '' : messages.more.trim(),
  ];
  return said
    .filter(Boolean)
    .map((words) => ` ${words} `)
    .join('──');
}

/** What is being searched for, in the place of the key line. */
export const logSearchLine = (text: string): Line => [piece(' /', 'key'), piece(text), piece('▏  ', 'key')];
