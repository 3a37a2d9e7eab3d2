/** A box with its name in the upper border. */
import { cut, pad } from './fit.ts';
import { type Line, lineColumns, piece } from './wrap.ts';

/**
 * `hollow`: a dashed border, for a server that is not running. `below`, `beside`: a connection begins at the lower
 * border, or at the right border in the first line.
 */
export type BoxStyle = { readonly hollow?: boolean; readonly below?: boolean; readonly beside?: boolean };

/** The column where a connection begins at the lower border, from 0. */
export const trunkAt = 3;

export function box(
  name: Line,
  lines: readonly Line[],
  width: number,
  style: BoxStyle = {},
  height = 0,
): readonly Line[] {
  const [flat, upright] = style.hollow ? ['┄', '┆'] : ['─', '│'];
  const edge = (text: string) => piece(text, 'bar');
  const inner = Math.max(width - 4, 1);
  const title = cut(name, Math.max(width - 6, 1));
  const rest = Math.max(width - lineColumns(title) - 5, 0);
  const body = [...lines, ...Array.from({ length: Math.max(0, height - lines.length - 2) }, (): Line => [])];
  const bottom = flat.repeat(Math.max(width - 2, 0));
  return [
    [edge(`╭${flat} `), ...title, edge(` ${flat.repeat(rest)}╮`)],
    ...body.map((line, at): Line => {
      const right = style.beside && at === 0 ? '├' : upright;
      return [edge(`${upright} `), ...pad(line, inner), edge(` ${right}`)];
    }),
    [edge(`╰${style.below ? `${bottom.slice(0, trunkAt - 1)}┬${bottom.slice(trunkAt)}` : bottom}╯`)],
  ];
}

/** Puts lines side by side; the left ones are padded to `width`. */
export function joinColumns(left: readonly Line[], width: number, right: readonly Line[]): readonly Line[] {
  const height = Math.max(left.length, right.length);
  return Array.from({ length: height }, (_, at): Line => {
    const [one = [], other = []] = [left[at], right[at]];
    return other.length > 0 || lineColumns(one) > width ? [...pad(one, width), ...other] : one;
  });
}
