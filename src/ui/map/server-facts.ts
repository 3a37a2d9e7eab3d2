/** The map's text about one server: its state, its timeline and WAL position, and what is unusual about it. */

import { identifierOf } from '../../check/view.ts';
import type { Observation, ProcessState, ServerView, Sql } from '../../lab/observation.ts';
import type { LabPlan } from '../../lab/plan/plan.ts';
import { isProblem } from '../../lab/problem.ts';
import { shownText } from '../../lab/secrets/secrets.ts';
import { isReplayPaused, type Link } from '../../session/view/links.ts';
import { type Line, type Piece, piece, type Style, wrap } from '../layout/wrap.ts';
import { messages } from '../messages.ts';
import { ageWords } from './bars.ts';

const words = messages.map;

export type Facts = {
  readonly state: Line; // '● primary'
  readonly place: Line; // 'timeline 1  0/5000148'
  readonly more: readonly Line[];
  readonly isUp: boolean;
};

export function factsOf(
  now: Observation,
  view: ServerView,
  links: readonly Link[],
  plan: LabPlan,
  width: number,
): Facts {
  const { sql, process } = view;
  const odd = [...oddities(now, view, links), ...(isProblem(sql) ? [] : waitingPieces(sql))];
  const why = process.state === 'up' && isProblem(sql) ? sql.what : (process.reason ?? '');
  const more = [...odd, ...(why ? [[piece(shownText(why, plan), 'warning')]] : [])];
  return {
    state: stateOf(view),
    place: [piece(placeOf(view).join('  '), 'detail')],
    more: more.flatMap((line) => wrap(line, width)),
    isUp: process.state === 'up',
  };
}

const glyphs: Readonly<Record<ProcessState, readonly [string, Style]>> = {
  absent: ['○', 'detail'],
  created: ['○', 'detail'],
  starting: ['○', 'warning'],
  up: ['●', 'good'],
  hung: ['✖', 'trouble'],
  paused: ['○', 'warning'],
  restarting: ['○', 'warning'],
  stopped: ['○', 'detail'],
  failed: ['✖', 'trouble'],
};

function stateOf({ process: { state }, sql }: ServerView): Line {
  const [glyph, usualStyle] = glyphs[state];
  const line = (text: string, style = usualStyle): Line => [piece(`${glyph} `, style), piece(text, style)];
  if (state !== 'up') return line(messages.server[state]);
  if (isProblem(sql)) return line(words.unasked, 'warning');
  if (!sql.inRecovery) return line(words.primary);
  return sql.receiver ? line(words.standby) : line(words.alone, 'warning');
}

function placeOf({ sql, disk }: ServerView): readonly string[] {
  const onDisk = isProblem(disk) ? undefined : disk.control?.timeline;
  const timeline = isProblem(sql) ? onDisk : (sql.timeline ?? onDisk);
  const position = isProblem(sql) ? undefined : sql.position;
  const at = position?.role === 'primary' ? position.current : (position?.replayed ?? position?.received);
  return [...(timeline === undefined ? [] : [words.timeline(timeline)]), ...(at ? [at] : [])];
}

function oddities(now: Observation, view: ServerView, links: readonly Link[]): readonly Line[] {
  const identifier = identifierOf(view);
  const all = new Set(Object.values(now.servers).flatMap((each) => identifierOf(each) ?? []));
  const isOther = identifier !== undefined && all.size > 1;
  const itself = links.some(({ from, to }) => from === view.name && to === view.name);
  return [
    ...(isOther ? [[piece(words.cluster(identifier), 'detail')]] : []),
    ...(itself ? [[piece(`↺ ${words.fromItself}`, 'trouble')]] : []),
    ...(isReplayPaused(view) ? [[piece(`‖ ${words.replayPaused}`, 'warning')]] : []),
  ];
}

/** A dot for each waiting commit, eight at most. */
const waitingPieces = ({ waiting }: Sql): readonly (readonly Piece[])[] =>
  waiting.length === 0
    ? []
    : [[piece(`${'●'.repeat(Math.min(waiting.length, 8))} ${words.waiting(waiting.length)}`, 'warning')]];

/** One line for each waiting commit: server, time, age and statement. Both times come from the server's clock. */
export function waitingLines(now: Observation, plan: LabPlan, width: number): readonly Line[] {
  return Object.values(now.servers).flatMap(({ name, sql }) => {
    if (isProblem(sql)) return [];
    return sql.waiting
      .toSorted((one, other) => one.since.localeCompare(other.since))
      .map(({ since, query }): Line => {
        const age = ageWords(Date.parse(sql.now) - Date.parse(since));
        const lead = [piece('● ', 'warning'), piece(`${name}  ${words.since(timeOf(since), age)}  `)];
        return [...lead, piece(shownText(query.replaceAll(/\s+/g, ' '), plan), 'code')];
      })
      .map((line) => wrap(line, width)[0] ?? []);
  });
}

const timeOf = (iso: string): string => new Date(iso).toTimeString().slice(0, 8);
