/** The levels of synchronous_commit in a row, with the learner's measurements of each. */
import type { Level, Measurement } from '../../lab/measure/measurement.ts';
import type { CommitLevel } from '../../postgres/sync/sync.ts';
import { type Journey, levels } from '../../session/view/commit.ts';
import { type Line, type Piece, piece } from '../layout/wrap.ts';
import { messages } from '../messages.ts';

const words = messages.map;

/** The chosen level is in brackets. A narrow screen shows only the chosen one. */
export function levelLines(
  chosen: CommitLevel,
  journey: Journey,
  measurements: readonly Measurement[],
  width: number,
): readonly Line[] {
  const near = mediansOf(measurements.filter(({ distance }) => distance === 0));
  const far = mediansOf(measurements.filter(({ distance }) => distance > 0));
  if (width < 72) {
    const own = [near, far].flatMap((medians) => medians.get(measuredAs(chosen, journey)) ?? []);
    return [[piece(`${words.level} `, 'detail'), piece(`[${chosen}]`, 'key'), piece(`  ${own.join(' · ')}`, 'number')]];
  }
  const medianRow = (label: string, medians: Medians): readonly Line[] =>
    medians.size === 0
      ? []
      : [row(label, (level) => piece(` ${medians.get(measuredAs(level, journey)) ?? ''}`, 'number'))];
  const name = (level: CommitLevel): Piece => (level === chosen ? piece(`[${level}]`, 'key') : piece(` ${level}`));
  return [row(words.level, name), ...medianRow(words.near, near), ...medianRow(words.far, far)];
}

const row = (label: string, cell: (level: CommitLevel) => Piece): Line => [
  piece(label.padEnd(20), 'detail'),
  ...levels.map((level) => {
    const { text, style } = cell(level);
    return piece(text.padEnd(Math.max(level.length + 2, 10)), style);
  }),
];

type Medians = ReadonlyMap<Level, string>;

/** The newest median of each level, as text. */
const mediansOf = (measurements: readonly Measurement[]): Medians =>
  new Map(measurements.flatMap((one) => one.levels).map(({ level, medianMs }) => [level, `${medianMs.toFixed(2)} ms`]));

/** The measured level: with an empty `synchronous_standby_names` no commit waits, which was measured as `async`. */
const measuredAs = (level: CommitLevel, { wait }: Journey): Level =>
  'kind' in wait && wait.kind === 'asks nobody' && wait.because === 'names' ? 'async' : level;
