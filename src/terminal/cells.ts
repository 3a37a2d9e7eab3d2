/** The cells of a terminal's row as runs of one look each. */
import type { IBufferCell, IBufferLine } from '@xterm/headless';

/** `sgr`: the look as parameters of SGR ('1;38;5;12'); left out where it is the usual one. */
export type TerminalRun = { readonly text: string; readonly sgr?: string };

/** What is blank at the end is left out. `cell` is used again and again: a new one for each place would cost more than all the rest. */
export function runsOf(line: IBufferLine | undefined, cell: IBufferCell): readonly TerminalRun[] {
  const runs: { text: string; sgr: string }[] = [];
  for (let column = 0; line && column < line.length; column++) {
    if (!line.getCell(column, cell) || cell.getWidth() === 0) continue; // the second half of a wide sign
    const sgr = sgrOf(cell);
    const text = cell.isInvisible() ? ' '.repeat(cell.getWidth()) : apart(cell.getChars()) || ' ';
    const last = runs.at(-1);
    if (last?.sgr === sgr) last.text += text;
    else runs.push({ text, sgr });
  }
  const last = runs.at(-1);
  if (last?.sgr === '') last.text = last.text.trimEnd();
  return runs.filter(({ text }) => text !== '').map(({ text, sgr }) => (sgr ? { text, sgr } : { text }));
}

/** Signs stay one by one, as the program's terminal counts them: joined to one emoji they would take fewer columns than it thinks. */
const apart = (signs: string): string => signs.replaceAll(/[\u200d\ufe0f]/g, '');

function sgrOf(cell: IBufferCell): string {
  if (cell.isAttributeDefault()) return '';
  const looks = [
    cell.isBold() && '1',
    cell.isDim() && '2',
    cell.isItalic() && '3',
    cell.isUnderline() && '4',
    cell.isInverse() && '7',
    cell.isStrikethrough() && '9',
    colour(cell.isFgRGB(), cell.isFgPalette(), cell.getFgColor(), 30),
    colour(cell.isBgRGB(), cell.isBgPalette(), cell.getBgColor(), 40),
  ];
  return looks.filter(Boolean).join(';');
}

/** `base`: 30 for the sign, 40 for its ground. The sixteen first colours are those that the learner's own terminal gives them. */
function colour(isRgb: boolean, isIndexed: boolean, value: number, base: 30 | 40): string {
  if (isRgb) return `${base + 8};2;${value >> 16};${(value >> 8) & 255};${value & 255}`;
  if (!isIndexed) return '';
  if (value < 8) return String(base + value);
  if (value < 16) return String(base + 60 + value - 8);
  return `${base + 8};5;${value}`;
}
