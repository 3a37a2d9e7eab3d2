/** A table of a given width: columns, or "key: value" lines when the columns do not fit. */
import { type Line, lineColumns, type Piece, piece, widestWord, wrap } from './wrap.ts';

type Cell = readonly Piece[];

export function tableLines(
  header: readonly Cell[],
  rows: readonly (readonly Cell[])[],
  width: number,
): readonly Line[] {
  const all = [header, ...rows];
  const column = (size: (cell: Cell) => number) =>
    header.map((_, at) => Math.max(1, ...all.map((row) => size(row[at] ?? []))));
  const widths = narrowed(column(lineColumns), column(widestWord), width - between.length * (header.length - 1));
  if (!widths) return rows.flatMap((row, at) => [...(at > 0 ? [[]] : []), ...keyValues(header, row, width)]);
  const rule = widths.map((wide) => '─'.repeat(wide)).join('─┼─');
  return [
    ...rowLines(header.map(strong), widths),
    [piece(rule, 'bar')],
    ...rows.flatMap((row) => rowLines(row, widths)),
  ];
}

const between = ' │ ';

/** Narrows the widest column until all fit; undefined when a word would have to be cut. */
function narrowed(natural: readonly number[], least: readonly number[], room: number): readonly number[] | undefined {
  if (sum(least) > room) return undefined;
  const widths = [...natural];
  for (let over = sum(widths) - room; over > 0; over--) {
    const spare = widths.map((wide, at) => (wide > (least[at] ?? 0) ? wide : 0));
    const at = spare.indexOf(Math.max(...spare));
    widths[at] = (widths[at] ?? 0) - 1;
  }
  return widths;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

function rowLines(row: readonly Cell[], widths: readonly number[]): readonly Line[] {
  const cells = widths.map((wide, at) => wrap(row[at] ?? [], wide));
  const height = Math.max(...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, y) =>
    cells.flatMap((lines, at) => {
      const line = lines[y] ?? [];
      if (at === widths.length - 1) return line;
      return [...line, piece(' '.repeat((widths[at] ?? 0) - lineColumns(line)) + between, 'bar')];
    }),
  );
}

const keyValues = (header: readonly Cell[], row: readonly Cell[], width: number): readonly Line[] =>
  row.flatMap((cell, at) => {
    const key = strong(header[at] ?? []);
    return wrap(key.length > 0 ? [...key, piece(': '), ...cell] : strong(cell), width);
  });

const strong = (cell: Cell): Cell => cell.map((part) => ({ ...part, style: 'strong' }));
