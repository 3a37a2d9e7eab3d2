/** Draws the slow commit: one commit on its way through primary and standby, at a level of synchronous_commit. */

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
  const drawing: CommitDrawing = { journey, step: commit.step, standby: standbyOf(journey) };
  const isRoomy = session.rows >= 30;
  const room = Math.min(width, 110);
  const level = levelLines(commit.level, journey, session.learner.journal.measurements, width);
  const means = wrap([piece(commitWords(journey.primary, commit.level))], width);
  const story = [...(isRoomy ? beforeLines(drawing, room) : []), ...storyLines(drawing, room)];
  const lines =
    width < 72
      ? [...level, clientLine(drawing), ...shortTrack(drawing, width), ...story]
      : [...level, ...means, [], clientLine(drawing), ...track(drawing, Math.min(width, 150)), [], ...story];
  return { title: isRoomy ? words.commit : '', lines, whole: true, foot };
}

type CommitDrawing = {
  readonly journey: Journey;
  readonly step: number;
  readonly standby: string;
};

const standbyOf = ({ link }: Journey): string => link?.to ?? link?.sender?.applicationName ?? words.aStandby;

/** The position of a station, from 1 to 6: the step that reaches it. */
const placeOf = (station: Station): number => stations.indexOf(station) + 1;
const isFreed = ({ journey: { frees }, step }: CommitDrawing): boolean => frees !== null && step >= placeOf(frees);

function clientLine(drawing: CommitDrawing): Line {
  const { journey, step } = drawing;
  const lead = piece(`${words.client}  `, 'strong');
  if (isFreed(drawing)) return [lead, piece(`✔ ${words.committed}`, 'good')];
  const isStuck = journey.frees === null || placeOf(journey.frees) > placeOf(journey.last);
  if (isStuck && isLast(journey, step)) return [lead, piece(`✖ ${words.waitsOn}`, 'trouble')];
  return [lead, piece(`○ ${step === 0 ? words.asks : words.waits}`, 'warning')];
}

// ---- The line from station to station ----

const inCell = (text: string, width: number): string => text.padEnd(width);

/** Two boxes of three stations each, with WAL positions and the station that answers the client's COMMIT. */
function track(drawing: CommitDrawing, width: number): readonly Line[] {
  const { journey, step, standby } = drawing;
  const cell = Math.floor((width - between - 8) / stations.length);
  const halves = [stations.slice(0, 3), stations.slice(3)] as const;
  const lines = (half: readonly Station[]): readonly Line[] => [
    half.flatMap((station, at) => stationPieces(drawing, station, at < 2 || placeOf(station) === 3 ? cell - 1 : 0)),
    half.map((station) =>
      piece(inCell(words.stations[station], cell), placeOf(station) === step ? 'strong' : 'detail'),
    ),
    half.map((station) => piece(inCell(reachedAt(drawing, station) ?? '', cell), 'detail')),
    half.map((station) =>
      piece(inCell(station === journey.frees ? words.commitHere : '', cell), isFreed(drawing) ? 'good' : 'detail'),
    ),
  ];
  const boxWidth = 3 * cell + 4;
  const left = box([piece(journey.primary.name, 'strong')], lines(halves[0]), boxWidth, { beside: true });
  const right = box([piece(journey.link ? standby : words.nobody, 'strong')], lines(halves[1]), boxWidth, {
    hollow: journey.link === null,
  });
  const isAcross = step >= placeOf('written');
  const noLink = [piece('┄'.repeat(between), 'bar')];
  const wire = journey.link ? [shaft(isAcross, between - 1), piece('▶', isAcross ? 'good' : 'bar')] : noLink;
  return joinColumns(joinColumns(left, boxWidth, [[], wire]), boxWidth + between, right);
}

const between = 4;
const shaft = (isTravelled: boolean, width: number): Piece =>
  isTravelled ? piece('━'.repeat(width), 'good') : piece('─'.repeat(width), 'bar');

/** A station, and a line of `length` columns to the next one. */
function stationPieces({ journey, step }: CommitDrawing, station: Station, length: number): readonly Piece[] {
  const place = placeOf(station);
  const isOut = place > placeOf(journey.last);
  const [glyph, style]: readonly [string, Style] =
    place === step ? ['■', 'key'] : place < step ? ['●', 'good'] : [isOut ? '✖' : '□', isOut ? 'trouble' : 'detail'];
  return [piece(glyph, style), shaft(step > place, length)];
}

/** 'master ●━━■──□ ▶ slave □──□──□', on two lines when it does not fit. */
function shortTrack(drawing: CommitDrawing, width: number): readonly Line[] {
  const { journey, standby } = drawing;
  const half = (some: readonly Station[]) =>
    some.flatMap((station, at) => stationPieces(drawing, station, at < 2 ? 2 : 0));
  const left: Line = [piece(`${journey.primary.name} `, 'strong'), ...half(stations.slice(0, 3))];
  const right: Line = [piece(`${standby} `, 'strong'), ...half(stations.slice(3))];
  const whole: Line = [...left, piece(' ▶ ', 'bar'), ...right];
  return lineColumns(whole) <= width ? [whole] : [left, right];
}

/** The WAL position at a station at the last look; null when no system view reports it. */
function reachedAt({ journey }: CommitDrawing, station: Station): string | null {
  const sender = journey.link?.sender;
  const { position } = journey.primary.sql;
  switch (station) {
    case 'inserted':
      return position.role === 'primary' ? position.current : null;
    case 'kept':
      return null;
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

/** One line for each station before the current one. */
const beforeLines = ({ journey, step, standby }: CommitDrawing, width: number): readonly Line[] =>
  stations.slice(0, Math.max(step - 1, 0)).flatMap((station, at) => {
    const { says } = words.story[station](journey.primary.name, standby);
    return wrap([piece(`${at + 1} ${words.stations[station]}: ${says}`, 'detail')], width);
  });

function storyLines(drawing: CommitDrawing, width: number): readonly Line[] {
  const { journey, step, standby } = drawing;
  const station = stations[step - 1];
  const { says, dies } = words.story[station ?? 'asked'](journey.primary.name, standby);
  const lostCommit = isFreed(drawing) && step < placeOf('written') ? ` ${words.toldAllTheSame}` : '';
  const head = station ? [piece(`${step} ${words.stations[station]}: `, 'strong')] : [];
  const gets = station && station === journey.frees ? [piece(` ${words.freedHere}`, 'good')] : [];
  return [
    ...wrap([...head, piece(says), ...gets], width),
    ...wrap(
      [
        piece(`${words.ifItDies(journey.primary.name)} `, 'detail'),
        piece(dies + lostCommit, lostCommit ? 'trouble' : 'text'),
      ],
      width,
    ),
    ...endWords(drawing).flatMap((text) => wrap([piece(text, 'warning')], width)),
  ];
}

/** At the last station: why the commit goes no further, and what that means for the client. */
function endWords({ journey, step, standby }: CommitDrawing): readonly string[] {
  const { because, frees, last, primary, wait } = journey;
  if (!isLast(journey, step)) return [];
  const why = because === null ? [] : [words.ends[because](primary.name, standby)];
  if ('message' in wait) return [...why, words.badNames(wait.message)];
  if (frees === null) return [...why, words.stuckClient];
  return placeOf(frees) > placeOf(last) ? [...why, words.waitingClient] : why;
}
