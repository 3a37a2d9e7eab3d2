/** Transitions of the log view: opening, reading, moving, filtering, searching. */
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
    buffer: emptyBuffer,
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

/** A task begins when the lesson is opened, or when the last of the tasks before it is done. */
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
  const next: OpenLog = { ...view, buffer: append(view.buffer, part) };
  const isFirst = view.buffer.reading && !part.reading;
  return [withView(session, isFirst ? atEvidence(next) : next), []];
}

/** Moves the cursor to the record that the verdict names and opens its note, unless the learner has moved already. */
function atEvidence(view: OpenLog): OpenLog {
  const { named } = view.task;
  const number = named ? recordWith(view, named.server, (chunk, index) => chunk.times[index] === named.at) : undefined;
  if (number === undefined || !view.follows) return view;
  const place = recordPlace(view.buffer, number);
  const isOpen = place && isNews(place.chunk.severityBits[place.index] ?? severityBits.none);
  return { ...at(view, number), turned: isOpen ? view.turned : new Set([number]) };
}

/** After a look: starts reading again when a server that had no log has one now. */
export function logSeen(session: Session): Transition {
  const view = openIn(session);
  const { now } = session;
  if (!view?.buffer.absent.some((name) => now?.servers[name]?.log.file)) return [session, []];
  return [withView(session, { ...view, buffer: emptyBuffer, ...atEnd }), [reading(session)]];
}

const openIn = ({ overlay }: Session): OpenLog | undefined => (overlay?.kind === 'log' ? overlay : undefined);
const withView = (session: Session, overlay: OpenLog): Session => ({ ...session, overlay });

export function logMoved(session: Session, move: LogMove): Transition {
  const view = openIn(session);
  if (!view) return [session, []];
  const next = moved(view, move);
  const begins = isSearching(next) && !isSearching(view); // else an effect for the next slice is under way
  return [withView(session, next), begins ? [{ do: 'search log' }] : []];
}

/** Searches the next slice. */
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
      return { ...notFollowing(view), cursor: move.cursor, top: move.top };
    case 'end':
      return { ...view, follows: true, top: null, story: false };
    case 'next filter':
      return { ...withFixedCursor(view), filter: after(logFilters, view.filter) };
    case 'server':
      return { ...withFixedCursor(view), server: serverAfter(view, move.by) };
    case 'note':
      return toggleNote(view);
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

/** Goes through: all servers, the first one, the second one, … */
function serverAfter({ servers, server }: OpenLog, by: 1 | -1): number | null {
  const count = servers.length + 1;
  const next = ((server ?? -1) + 1 + by + count) % count;
  return next === 0 ? null : next - 1;
}

/** A cursor that leaves the end of the log stops following it. */
const notFollowing = (view: OpenLog): OpenLog =>
  view.follows ? { ...view, follows: false, left: endOf(view.buffer) } : view;

/** The cursor keeps its record, so that another filter shows the records around it. */
const withFixedCursor = (view: OpenLog): OpenLog => ({
  ...view,
  cursor: cursorOf(view, shownOf(view)) ?? view.cursor,
  top: null,
});

function toggleNote(view: OpenLog): OpenLog {
  const number = cursorOf(view, shownOf(view));
  if (number === undefined) return view;
  const turned = new Set(view.turned);
  if (!turned.delete(number)) turned.add(number);
  return { ...view, turned };
}

/** Moves the cursor to a record; to the first one when the record is no longer in the buffer. */
const at = (view: OpenLog, cursor = 0): OpenLog => ({ ...notFollowing(view), cursor, top: null, story: false });

/** The number of the record that begins at a line of a server's log. */
function recordOn(view: OpenLog, name: string, line: number): number | undefined {
  return recordWith(view, view.servers.indexOf(name), (chunk, index) => chunk.lines[index] === line);
}

function recordWith(
  { buffer }: OpenLog,
  server: number,
  matches: (chunk: LogChunk, index: number) => boolean,
): number | undefined {
  for (const chunk of buffer.chunks) {
    const index = chunk.servers.findIndex((each, place) => each === server && matches(chunk, place));
    if (index >= 0) return chunk.from + index;
  }
  return undefined;
}
