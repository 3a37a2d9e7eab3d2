/** A box with its name in the upper edge. */
import { cut, pad } from './fit.ts';
import { type Line, lineColumns, piece } from './wrap.ts';

/** `hollow`: what it stands for is not there now. `below`: a way begins at its lower edge; `beside`: at its right edge, in its first line. */
export type BoxStyle = { readonly hollow?: boolean; readonly below?: boolean; readonly beside?: boolean };

/** Where a way begins at the lower edge, from the left. */
export const trunkAt = 3;

export function box(
  name: Line,
  lines: readonly Line[],
  width: number,
  look: BoxStyle = {},
  height = 0,
): readonly Line[] {
  const [flat, upright] = look.hollow ? ['┄', '┆'] : ['─', '│'];
  const edge = (text: string) => piece(text, 'bar');
  const inner = Math.max(width - 4, 1);
  const title = cut(name, Math.max(width - 6, 1));
  const rest = Math.max(width - lineColumns(title) - 5, 0);
  const body = [...lines, ...Array.from({ length: Math.max(0, height - lines.length - 2) }, (): Line => [])];
  const bottom = flat.repeat(Math.max(width - 2, 0));
  return [
    [edge(`╭${flat} `), ...title, edge(` ${flat.repeat(rest)}╮`)],
    ...body.map((line, at): Line => {
      const right = look.beside && at === 0 ? '├' : upright;
      return [edge(`${upright} `), ...pad(line, inner), edge(` ${right}`)];
    }),
    [edge(`╰${look.below ? `${bottom.slice(0, trunkAt - 1)}┬${bottom.slice(trunkAt)}` : bottom}╯`)],
  ];
}

/** Two columns of text; the first is filled up to its width. */
export function joinColumns(left: readonly Line[], width: number, right: readonly Line[]): readonly Line[] {
  const height = Math.max(left.length, right.length);
  return Array.from({ length: height }, (_, at): Line => {
    const [one = [], other = []] = [left[at], right[at]];
    return other.length > 0 || lineColumns(one) > width ? [...pad(one, width), ...other] : one;
  });
}
