/** What happens to the log view: it is opened, read on, moved about in, filtered and searched. */
import { millisecondsOf } from '../../postgres/log/lines/time.ts';
import { currentLesson, currentTask, type Effect, type Session } from '../session.ts';
import { show, type Transition } from '../transition.ts';
import {
  append,
  emptyBuffer,
  endOf,
  isNews,
  type LogChunk,
  type LogPart,
  recordPlace,
  severityBits,
} from './buffer.ts';
import { logFilters } from './filter.ts';
import { continueSearch, startSearch } from './search.ts';
import { cursorOf, type LogMove, type LogOfTask, type OpenLog, shownOf } from './state.ts';

export function openLog(session: Session): Transition {
  const [opened] = show(session, {
    kind: 'log',
    servers: session.plan.servers.map(({ name }) => name),
    book: emptyBuffer,
    server: null,
    filter: 'all',
    task: logOfTask(session),
    notes: 'usual',
    ...atEnd,
    search: null,
    story: false,
  });
  return [opened, [reading(session)]];
}

const atEnd = { cursor: 0, top: null, follows: true, left: 0, turned: new Set<number>() };

const reading = ({ plan, now }: Session): Effect => ({
  do: 'read log',
  servers: plan.servers.map(({ name }) => ({ name, size: now?.servers[name]?.log.size ?? 0 })),
});

/** A task began when the lesson was opened, or when the last of those before it was done. */
function logOfTask(session: Session): LogOfTask {
  const { tasks, learner, plan } = session;
  const current = currentTask(session);
  const before = current ? tasks.slice(0, tasks.indexOf(current)) : [];
  const times = [learner.progress.opened[currentLesson(session).id], ...before.map(({ done }) => done?.at)];
  const since = Math.max(0, ...times.flatMap((time) => (time === undefined ? [] : [Date.parse(time)])));
  const place = current?.verdict.kind === 'fail' ? current.verdict.at : undefined;
  if (!place || !('log' in place)) return { since, named: null };
  const at = place.log.time === null ? undefined : millisecondsOf(place.log.time);
  const server = plan.servers.findIndex(({ name }) => name === place.server);
  return { since, named: at === undefined ? null : { server, at } };
}

export function logRead(session: Session, part: LogPart): Transition {
  const view = openIn(session);
  if (!view) return [session, []];
  const next = { ...view, book: append(view.book, part) };
  const isFirst = view.book.reading && !part.reading;
  return [withView(session, isFirst ? atEvidence(next) : next), []];
}

/** It opens at the line that the verdict speaks of, with its note, else at the end. */
function atEvidence(view: OpenLog): OpenLog {
  const { named } = view.task;
  const number = named ? recordWith(view, named.server, (chunk, index) => chunk.times[index] === named.at) : undefined;
  if (number === undefined || !view.follows) return view;
  const place = recordPlace(view.book, number);
  const isOpen = place && isNews(place.chunk.severityBits[place.index] ?? severityBits.none);
  return { ...at(view, number), turned: isOpen ? view.turned : new Set([number]) };
}

/** A log that came into being while others were open is read with them. */
export function logSeen(session: Session): Transition {
  const view = openIn(session);
  const { now } = session;
  if (!view?.book.absent.some((name) => now?.servers[name]?.log.file)) return [session, []];
  return [withView(session, { ...view, book: emptyBuffer, ...atEnd }), [reading(session)]];
}

const openIn = ({ overlay }: Session): OpenLog | undefined => (overlay?.kind === 'log' ? overlay : undefined);
const withView = (session: Session, overlay: OpenLog): Session => ({ ...session, overlay });

export function logMoved(session: Session, move: LogMove): Transition {
  const view = openIn(session);
  if (!view) return [session, []];
  const next = moved(view, move);
  const begins = isSearching(next) && !isSearching(view); // else the next slice is on its way
  return [withView(session, next), begins ? [{ do: 'search log' }] : []];
}

/** A slice of the search is due. */
export function logSearched(session: Session): Transition {
  const view = openIn(session);
  if (!view) return [session, []];
  const next = continueSearch(view);
  return [withView(session, next), isSearching(next) ? [{ do: 'search log' }] : []];
}

const isSearching = ({ search }: OpenLog): boolean => (search?.ahead ?? 0) > 0;

function moved(view: OpenLog, move: LogMove): OpenLog {
  switch (move.to) {
    case 'place':
      return { ...left(view), cursor: move.cursor, top: move.top };
    case 'end':
      return { ...view, follows: true, top: null, story: false };
    case 'next filter':
      return { ...held(view), filter: after(logFilters, view.filter) };
    case 'server':
      return { ...held(view), server: serverAfter(view, move.by) };
    case 'note':
      return turn(view);
    case 'all notes':
      return { ...view, notes: view.notes === 'open' ? 'closed' : 'open', turned: new Set() };
    case 'story':
      return { ...view, story: !view.story };
    case 'record':
      return at({ ...view, server: null, filter: 'all' }, recordOn(view, move.server, move.line));
    case 'search':
    case 'type':
    case 'keep':
    case 'clear':
    case 'hit':
      return startSearch(view, move);
  }
}

const after = <T>(all: readonly T[], one: T): T => all[(all.indexOf(one) + 1) % all.length] ?? one;

/** all, the first, the second, … */
function serverAfter({ servers, server }: OpenLog, by: 1 | -1): number | null {
  const count = servers.length + 1;
  const next = ((server ?? -1) + 1 + by + count) % count;
  return next === 0 ? null : next - 1;
}

/** Whoever goes away from the end stops following. */
const left = (view: OpenLog): OpenLog => (view.follows ? { ...view, follows: false, left: endOf(view.book) } : view);

/** The cursor keeps its record, so that another filter shows what was said around it. */
const held = (view: OpenLog): OpenLog => ({ ...view, cursor: cursorOf(view, shownOf(view)) ?? view.cursor, top: null });

function turn(view: OpenLog): OpenLog {
  const number = cursorOf(view, shownOf(view));
  if (number === undefined) return view;
  const turned = new Set(view.turned);
  if (!turned.delete(number)) turned.add(number);
  return { ...view, turned };
}

/** A record that is no longer in the book leaves the view at its beginning. */
const at = (view: OpenLog, cursor = 0): OpenLog => ({ ...left(view), cursor, top: null, story: false });

/** A line of a server's log, by its number there. */
function recordOn(view: OpenLog, name: string, line: number): number | undefined {
  return recordWith(view, view.servers.indexOf(name), (chunk, index) => chunk.lines[index] === line);
}

function recordWith(
  { book: buffer }: OpenLog,
  server: number,
  is: (chunk: LogChunk, index: number) => boolean,
): number | undefined {
  for (const chunk of buffer.chunks) {
    const index = chunk.servers.findIndex((each, place) => each === server && is(chunk, place));
    if (index >= 0) return chunk.from + index;
  }
  return undefined;
}
