/** Turns the cells of a terminal's row into runs of text in one style. */
import type { IBufferCell, IBufferLine } from '@xterm/headless';

/** `sgr`: the style as SGR parameters ('1;38;5;12'); absent for the default style. */
export type TerminalRun = { readonly text: string; readonly sgr?: string };

/**
 * Returns the runs of a row, without the unstyled blanks at its end. `cell` is a buffer that every column reuses:
 * creating a cell for each column would cost more than everything else here.
 */
export function runsOf(line: IBufferLine | undefined, cell: IBufferCell): readonly TerminalRun[] {
  const runs: { text: string; sgr: string }[] = [];
  for (let column = 0; line && column < line.length; column++) {
    if (!line.getCell(column, cell) || cell.getWidth() === 0) continue; // the second half of a wide character
    const sgr = sgrOf(cell);
    const text = cell.isInvisible() ? ' '.repeat(cell.getWidth()) : withoutJoiners(cell.getChars()) || ' ';
    const last = runs.at(-1);
    if (last?.sgr === sgr) last.text += text;
    else runs.push({ text, sgr });
  }
  const last = runs.at(-1);
  if (last?.sgr === '') last.text = last.text.trimEnd();
  return runs.filter(({ text }) => text !== '').map(({ text, sgr }) => (sgr ? { text, sgr } : { text }));
}

/**
 * Removes the characters that join emoji. The program's terminal has counted each emoji by itself; joined to one glyph,
 * they would take fewer columns on the learner's terminal.
 */
const withoutJoiners = (characters: string): string => characters.replaceAll(/[\u200d\ufe0f]/g, '');

function sgrOf(cell: IBufferCell): string {
  if (cell.isAttributeDefault()) return '';
  const parameters = [
    cell.isBold() && '1',
    cell.isDim() && '2',
    cell.isItalic() && '3',
    cell.isUnderline() && '4',
    cell.isInverse() && '7',
    cell.isStrikethrough() && '9',
    colour(cell.isFgRGB(), cell.isFgPalette(), cell.getFgColor(), 30),
    colour(cell.isBgRGB(), cell.isBgPalette(), cell.getBgColor(), 40),
  ];
  return parameters.filter(Boolean).join(';');
}

/**
 * `base`: 30 for the foreground, 40 for the background. The first sixteen colours are sent by number, so that the
 * learner's terminal shows them in its own palette.
 */
function colour(isRgb: boolean, isIndexed: boolean, value: number, base: 30 | 40): string {
  if (isRgb) return `${base + 8};2;${value >> 16};${(value >> 8) & 255};${value & 255}`;
  if (!isIndexed) return '';
  if (value < 8) return String(base + value);
  if (value < 16) return String(base + 60 + value - 8);
  return `${base + 8};5;${value}`;
}
