/**
 * Draws results as psql does: aligned, expanded, unaligned. Source: documentation, psql "\pset format", and the output
 * of the real psql in the tests.
 */
import { visible } from '../../postgres/visible.ts';
import { columns as width } from '../../terminal/width.ts';

export type Table = {
  readonly columns: readonly string[];
  readonly right: readonly boolean[]; // by column: right-aligned, as numbers are
  readonly rows: readonly (readonly (string | null)[])[];
  readonly title?: string;
  readonly footers?: readonly string[]; // instead of "(1 row)"
};
export type TableStyle = {
  readonly aligned: boolean;
  readonly expanded: boolean;
  readonly tuplesOnly: boolean;
  readonly separator: string; // of unaligned output
};

/** Type oids of the integers, oid, xid, cid, the floats, money, numeric and xid8. */
const rightAligned = new Set([20, 21, 23, 26, 28, 29, 700, 701, 790, 1700, 5069]);

export const isRightAligned = (typeOid: number): boolean => rightAligned.has(typeOid);

/** The result ends with the empty line that psql writes below an aligned table. */
export function drawTable(table: Table, style: TableStyle): string {
  if (style.aligned) return style.expanded ? expanded(table, style) : aligned(table, style);
  return style.expanded ? unalignedExpanded(table, style) : unaligned(table, style);
}

type Cell = { readonly lines: readonly string[]; readonly width: number };

const spaces = (count: number): string => ' '.repeat(Math.max(0, count));

function cell(value: string | null): Cell {
  const lines = (value ?? '').split('\n').map(showControls);
  return { lines, width: Math.max(...lines.map(width)) };
}

/** Expands tabs to multiples of eight columns, and escapes other control characters. */
function showControls(line: string): string {
  if (/^[ -~]*$/.test(line)) return line;
  let shown = '';
  for (const char of line) {
    const code = char.codePointAt(0) ?? 0;
    if (char === '\t') shown += spaces(8 - (width(shown) % 8));
    else if (char === '\r') shown += '\\r';
    else if (code < 32 || code === 127) shown += `\\x${code.toString(16).padStart(2, '0').toUpperCase()}`;
    else shown += char;
  }
  return visible(shown);
}

const countOf = ({ rows }: Table): string => `(${rows.length} row${rows.length === 1 ? '' : 's'})`;

function footer(table: Table, { tuplesOnly }: TableStyle): string {
  if (tuplesOnly) return '';
  return (table.footers ?? [countOf(table)]).map((line) => `${line}\n`).join('');
}

function aligned(table: Table, style: TableStyle): string {
  const heads = table.columns.map(cell);
  const body = table.rows.map((row) => row.map(cell));
  const widths = heads.map((head, column) =>
    body.reduce((most, row) => Math.max(most, row[column]?.width ?? 0), head.width),
  );
  const total = widths.reduce((sum, each) => sum + each + 3, -1);
  let text = '';
  if (!style.tuplesOnly) {
    if (table.title) text += `${spaces(Math.floor((total - width(table.title)) / 2))}${table.title}\n`;
    text += heading(heads, widths);
    text += `${widths.length ? widths.map((each) => '-'.repeat(each + 2)).join('+') : '--'}\n`;
  }
  for (const row of body) text += alignedRow(row, widths, table.right);
  return `${text}${footer(table, style)}\n`;
}

function heading(heads: readonly Cell[], widths: readonly number[]): string {
  return grid(heads, (head, column, line) => {
    const words = head.lines[line] ?? '';
    const room = (widths[column] ?? 0) - width(words);
    const left = Math.floor(room / 2);
    return ` ${spaces(left)}${words}${spaces(room - left)}${head.lines.length > line + 1 ? '+' : ' '}`;
  });
}

function alignedRow(row: readonly Cell[], widths: readonly number[], right: readonly boolean[]): string {
  return grid(row, (cell, column, line) => {
    const words = cell.lines[line] ?? '';
    const room = spaces((widths[column] ?? 0) - width(words));
    const more = cell.lines.length > line + 1;
    if (right[column]) return ` ${room}${words}${more ? '+' : column < row.length - 1 ? ' ' : ''}`;
    const closed = more || column < row.length - 1; // the last column is not padded
    return ` ${words}${closed ? room + (more ? '+' : ' ') : ''}`;
  });
}

function grid(cells: readonly Cell[], draw: (cell: Cell, column: number, line: number) => string): string {
  const height = Math.max(0, ...cells.map((each) => each.lines.length));
  let text = '';
  for (let line = 0; line < height; line++)
    text += `${cells.map((each, column) => draw(each, column, line)).join('|')}\n`;
  return text;
}

function expanded(table: Table, style: TableStyle): string {
  const heads = table.columns.map(cell);
  const body = table.rows.map((row) => row.map(cell));
  const left = Math.max(0, ...heads.map((head) => head.width));
  const right = Math.max(0, ...body.flat().map((each) => each.width));
  const rule = `${'-'.repeat(left + 1)}+${'-'.repeat(right + 1)}`;
  let text = table.title && !style.tuplesOnly ? `${table.title}\n` : '';
  if (!body.length && !style.tuplesOnly) return `${text}(0 rows)\n\n`;
  body.forEach((row, number) => {
    const label = `-[ RECORD ${number + 1} ]`;
    if (!style.tuplesOnly) text += `${label}${rule.slice(label.length)}\n`;
    else if (number > 0) text += `${rule}\n`;
    row.forEach((each, column) => {
      const head = heads[column] ?? cell('');
      for (let line = 0; line < Math.max(each.lines.length, head.lines.length); line++) {
        const name = head.lines[line] ?? '';
        const value = each.lines[line] ?? '';
        const more = each.lines.length > line + 1;
        text += `${name}${spaces(left - width(name))}${head.lines.length > line + 1 ? '+' : ' '}|`;
        text += line < each.lines.length ? ` ${value}${more ? `${spaces(right - width(value))}+` : ''}\n` : '\n';
      }
    });
  });
  return `${text}${table.footers ? footer(table, style) : ''}\n`;
}

function unaligned(table: Table, style: TableStyle): string {
  const lines = table.rows.map((row) => row.map((value) => value ?? '').join(style.separator));
  if (style.tuplesOnly) return lines.map((line) => `${line}\n`).join('');
  const title = table.title ? [table.title] : [];
  const head = [...title, table.columns.join(style.separator), ...lines];
  return head.map((line) => `${line}\n`).join('') + footer(table, style);
}

function unalignedExpanded(table: Table, { separator, tuplesOnly }: TableStyle): string {
  if (!table.rows.length) return tuplesOnly ? '' : '(0 rows)\n';
  const records = table.rows.map((row) =>
    row.map((value, column) => `${table.columns[column]}${separator}${value ?? ''}\n`).join(''),
  );
  return records.join('\n');
}
