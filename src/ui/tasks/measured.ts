/** The learner's measurements as bars: the time of a commit, with and without network delay, and the stale reads. */
import type { Journal } from '../../check/journal.ts';
import type { LevelResult, Measurement } from '../../lab/measure/measurement.ts';
import { type Line, piece, wrap } from '../layout/wrap.ts';
import { messages } from '../messages.ts';

export function measuredLines(journal: Journal | undefined, width: number): readonly Line[] {
  const all = journal?.measurements ?? [];
  const best = (some: readonly Measurement[]) => some.findLast(({ refused }) => refused === undefined) ?? some.at(-1);
  const shown = [
    best(all.filter(({ distance }) => distance === 0)),
    best(all.filter(({ distance }) => distance > 0)),
  ].filter((found) => found !== undefined);
  if (shown.length === 0) return wrap([piece(words.none, 'detail')], width);
  const greatest = Math.max(...shown.flatMap(({ levels }) => levels.map(({ medianMs }) => medianMs)));
  const staleWidth = Math.max(
    0,
    ...shown.flatMap(({ levels }) => levels.map(({ reads }) => words.stale(reads, reads).length)),
  );
  return shown.flatMap((measurement, at) => [
    ...(at > 0 ? [[]] : []),
    ...chart(measurement, { greatest, staleWidth }, width),
  ]);
}

/** The scale of all bars, so that near and far can be compared. */
type Scale = { readonly greatest: number; readonly staleWidth: number };

function chart(measurement: Measurement, scale: Scale, width: number): readonly Line[] {
  const { distance, on, refused, levels } = measurement;
  const title = wrap([piece(distance === 0 ? words.near : words.far(distance), 'strong')], width);
  if (refused !== undefined) return [...title, ...wrap([piece(words.refused(on, refused), 'trouble')], width)];
  return [...title, ...levels.flatMap((level) => row(level, scale, width))];
}

/** Name, bar and values on one line; on a narrow screen the values are above the bar. */
function row(level: LevelResult, { greatest, staleWidth }: Scale, width: number): readonly Line[] {
  const share = level.medianMs / greatest;
  const [median, stale] = [ms(level.medianMs), words.stale(level.staleReads, level.reads)];
  const values = ` ${median.padStart(9)}  ${stale.padStart(staleWidth)}`;
  const room = width - nameWidth - values.length;
  if (room < 8)
    return [...wrap([piece(`${level.level}: ${median}, ${stale}`)], width), [piece(bar(share, width), 'note')]];
  return [[piece(level.level.padEnd(nameWidth)), piece(bar(share, room).padEnd(room), 'note'), piece(values)]];
}

const bar = (share: number, width: number): string =>
  '━'.repeat(share > 0 ? Math.max(1, Math.round(share * width)) : 0);
const ms = (value: number): string => `${value.toFixed(2)} ms`;
const nameWidth = 'remote_apply '.length;

const words = messages.measured;
