/** A column chart of values over the last looks. */

import { columns } from '../../terminal/width.ts';
import { type Line, piece } from '../layout/wrap.ts';

/** `height` rows of columns, then the axis. `asText` formats a value; `from` and `to` are the times at the ends. */
export function chartLines(
  values: readonly (number | null)[],
  asText: (value: number) => string,
  [from, to]: readonly [string, string],
  width: number,
  height: number,
): readonly Line[] {
  const shown = values.slice(-(width - labelWidth));
  const greatest = Math.max(0, ...shown.map((value) => value ?? 0));
  const rows = Array.from({ length: height }, (_, at): Line => {
    const rowsBelow = height - at - 1;
    const label = at === 0 && greatest > 0 ? asText(greatest) : '';
    const filled = shown.map((value) => block(((value ?? 0) / (greatest || 1)) * height - rowsBelow)).join('');
    return [piece(`${label.padStart(labelWidth - 2)} │`, 'detail'), piece(filled, 'note')];
  });
  const axis = `${'0'.padStart(labelWidth - 2)} └${shown.map((value) => (value === null ? '┄' : '─')).join('')}`;
  const times = `${' '.repeat(labelWidth)}${from}`;
  const gap = labelWidth + shown.length - columns(times) - columns(to);
  return [...rows, [piece(axis, 'detail')], [piece(gap > 1 ? times + ' '.repeat(gap) + to : times, 'detail')]];
}

const labelWidth = 10;
const blocks = ' ▁▂▃▄▅▆▇█';
/** A cell that is filled in eighths, rounded up, so that the smallest value is visible in the lowest row. */
const block = (rows: number): string => blocks[Math.max(0, Math.min(8, Math.ceil(rows * 8)))] ?? ' ';
