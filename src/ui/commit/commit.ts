/** One commit on its way through primary and standby, a station at a time, under a level of synchronous_commit. */

import type { Session } from '../../session/session.ts';
import { isLast, type Journey, type SlowCommit, type Station, stations } from '../../session/view/commit.ts';
import { journeyHere } from '../../session/view/map.ts';
import { box, joinColumns } from '../layout/box.ts';
import { type Line, lineColumns, type Piece, piece, type Style, wrap } from '../layout/wrap.ts';
import { messages } from '../messages.ts';
import { statusLine } from '../tasks/tasks.ts';
import { commitWords } from './caption.ts';
import { levelLines } from './levels.ts';

const words = messages.map;

export function commitSheet(session: Session, commit: SlowCommit, width: number) {
  const journey = journeyHere(session, commit.level);
  const status = statusLine(session, width);
  const foot = lineColumns(status) > 0 ? [status] : [];
  if (!journey) return { title: words.commit, lines: wrap([piece(words.noPrimary)], width), whole: true, foot };
  const ride: Ride = { journey, step: commit.step, standby: standbyOf(journey) };
  const isRoomy = session.rows >= 30;
  const room = Math.min(width, 110);
  const level = levelLines(commit.level, journey, session.learner.journal.measurements, width);
  const means = wrap([piece(commitWords(journey.primary, commit.level))], width);
  const story = [...(isRoomy ? beforeLines(ride, room) : []), ...storyLines(ride, room)];
  const lines =
    width < 72
      ? [...level, clientLine(ride), ...shortTrack(ride, width), ...story]
      : [...level, ...means, [], clientLine(ride), ...track(ride, Math.min(width, 150)), [], ...story];
  return { title: isRoomy ? words.commit : '', lines, whole: true, foot };
}

type Ride = {
  readonly journey: Journey;
  readonly step: number;
  readonly standby: string;
};

const standbyOf = ({ link }: Journey): string => link?.to ?? link?.sender?.applicationName ?? words.aStandby;

/** 1 to 6 */
const placeOf = (station: Station): number => stations.indexOf(station) + 1;
const isFreed = ({ journey: { frees }, step }: Ride): boolean => frees !== null && step >= placeOf(frees);

function clientLine(ride: Ride): Line {
  const { journey, step } = ride;
  const lead = piece(`${words.client}  `, 'strong');
  if (isFreed(ride)) return [lead, piece(`✔ ${words.committed}`, 'good')];
  const isStuck = journey.frees === null || placeOf(journey.frees) > placeOf(journey.last);
  if (isStuck && isLast(journey, step)) return [lead, piece(`✖ ${words.waitsOn}`, 'trouble')];
  return [lead, piece(`○ ${step === 0 ? words.asks : words.waits}`, 'warning')];
}

// ---- The line from station to station ----

const inCell = (text: string, width: number): string => text.padEnd(width);

/** Two boxes of three stations, with their positions, and where the client gets its COMMIT. */
function track(ride: Ride, width: number): readonly Line[] {
  const { journey, step, standby } = ride;
  const cell = Math.floor((width - between - 8) / stations.length);
  const halves = [stations.slice(0, 3), stations.slice(3)] as const;
  const lines = (half: readonly Station[]): readonly Line[] => [
    half.flatMap((station, at) => stationPieces(ride, station, at < 2 || placeOf(station) === 3 ? cell - 1 : 0)),
    half.map((station) =>
      piece(inCell(words.stations[station], cell), placeOf(station) === step ? 'strong' : 'detail'),
    ),
    half.map((station) => piece(inCell(reachedAt(ride, station) ?? '', cell), 'detail')),
    half.map((station) =>
      piece(inCell(station === journey.frees ? words.commitHere : '', cell), isFreed(ride) ? 'good' : 'detail'),
    ),
  ];
  const boxWidth = 3 * cell + 4;
  const left = box([piece(journey.primary.name, 'strong')], lines(halves[0]), boxWidth, { beside: true });
  const right = box([piece(journey.link ? standby : words.nobody, 'strong')], lines(halves[1]), boxWidth, {
    hollow: journey.link === null,
  });
  const isThere = step >= placeOf('written');
  const open = [piece('┄'.repeat(between), 'bar')];
  const wire = journey.link ? [shaft(isThere, between - 1), piece('▶', isThere ? 'good' : 'bar')] : open;
  return joinColumns(joinColumns(left, boxWidth, [[], wire]), boxWidth + between, right);
}

const between = 4;
const shaft = (isTravelled: boolean, width: number): Piece =>
  isTravelled ? piece('━'.repeat(width), 'good') : piece('─'.repeat(width), 'bar');

/** A station, and the way on from it. */
function stationPieces({ journey, step }: Ride, station: Station, way: number): readonly Piece[] {
  const place = placeOf(station);
  const isOut = place > placeOf(journey.last);
  const [sign, style]: readonly [string, Style] =
    place === step ? ['■', 'key'] : place < step ? ['●', 'good'] : [isOut ? '✖' : '□', isOut ? 'trouble' : 'detail'];
  return [piece(sign, style), shaft(step > place, way)];
}

/** master ●━━■──□ ▶ slave □──□──□ */
function shortTrack(ride: Ride, width: number): readonly Line[] {
  const { journey, standby } = ride;
  const half = (some: readonly Station[]) =>
    some.flatMap((station, at) => stationPieces(ride, station, at < 2 ? 2 : 0));
  const left: Line = [piece(`${journey.primary.name} `, 'strong'), ...half(stations.slice(0, 3))];
  const right: Line = [piece(`${standby} `, 'strong'), ...half(stations.slice(3))];
  const whole: Line = [...left, piece(' ▶ ', 'bar'), ...right];
  return lineColumns(whole) <= width ? [whole] : [left, right];
}

/** How far the log has got there, by the last look. */
function reachedAt({ journey }: Ride, station: Station): string | null {
  const sender = journey.link?.sender;
  const { position } = journey.primary.sql;
  switch (station) {
    case 'inserted':
      return position.role === 'primary' ? position.current : null;
    case 'kept':
      return null; // no view tells it
    case 'sent':
      return sender?.sent ?? null;
    case 'written':
      return sender?.write ?? null;
    case 'flushed':
      return sender?.flush ?? null;
    case 'replayed':
      return sender?.replay ?? null;
  }
}

// ---- In words ----

/** The stations left behind. */
const beforeLines = ({ journey, step, standby }: Ride, width: number): readonly Line[] =>
  stations.slice(0, Math.max(step - 1, 0)).flatMap((station, at) => {
    const { says } = words.story[station](journey.primary.name, standby);
    return wrap([piece(`${at + 1} ${words.stations[station]}: ${says}`, 'detail')], width);
  });

function storyLines(ride: Ride, width: number): readonly Line[] {
  const { journey, step, standby } = ride;
  const station = stations[step - 1];
  const { says, dies } = words.story[station ?? 'asked'](journey.primary.name, standby);
  const told = isFreed(ride) && step < placeOf('written') ? ` ${words.toldAllTheSame}` : '';
  const head = station ? [piece(`${step} ${words.stations[station]}: `, 'strong')] : [];
  const gets = station && station === journey.frees ? [piece(` ${words.freedHere}`, 'good')] : [];
  return [
    ...wrap([...head, piece(says), ...gets], width),
    ...wrap(
      [piece(`${words.ifItDies(journey.primary.name)} `, 'detail'), piece(dies + told, told ? 'trouble' : 'text')],
      width,
    ),
    ...endWords(ride).flatMap((text) => wrap([piece(text, 'warning')], width)),
  ];
}

/** Why it goes no further, and what that means for the client. */
function endWords({ journey, step, standby }: Ride): readonly string[] {
  const { because, frees, last, primary, wait } = journey;
  if (!isLast(journey, step)) return [];
  const why = because === null ? [] : [words.ends[because](primary.name, standby)];
  if ('message' in wait) return [...why, words.badNames(wait.message)];
  if (frees === null) return [...why, words.stuckClient];
  return placeOf(frees) > placeOf(last) ? [...why, words.waitingClient] : why;
}
