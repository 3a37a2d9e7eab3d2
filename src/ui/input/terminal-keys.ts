/** What the learner types while the keys are a program's: its bytes, and the little that is ours. Pure. */
import type { Asks } from '../../terminal/emulator.ts';
import { type Rect, rectContains } from '../terminal.ts';

export type TerminalInput = {
  readonly program: string; // as the program wants it
  readonly wheel: number; // lines to scroll, up is negative
  readonly outside: string; // reports of a mouse that is not over the program
  readonly rest: string | null; // what was typed behind the key that leads out of the terminal; null: it was not pressed
  readonly pasting: Pasting;
};

/** Between the marks of a paste everything is text. `held`: the beginning of what may be its closing mark. */
export type Pasting = { readonly held: string } | null;

const leaveKey = '\u001d'; // Ctrl-]
const begin = '\u001b[200~';
const end = '\u001b[201~';

/** The key that leads out, an arrow, Home, End, a paste, or a report of the mouse. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: keys begin with one
const special = /\u001d|\u001b\[(?:200~|([ABCDHF])|<(\d+);(\d+);(\d+)([Mm]))/;

export function readTerminalInput(typed: string, asks: Asks, place: Rect | null, before: Pasting): TerminalInput {
  let pasting = before;
  let left = (before?.held ?? '') + typed;
  let program = '';
  let wheel = 0;
  let outside = '';
  while (left !== '') {
    if (pasting) {
      const { text, after, held } = pasted(left);
      program += text;
      if (after === undefined) return { program, wheel, outside, rest: null, pasting: { held } };
      program += asks.pasteMarks ? end : '';
      [pasting, left] = [null, after];
      continue;
    }
    const found = special.exec(left);
    program += left.slice(0, found?.index);
    if (!found) break;
    const [key, arrow, button, column, row, press] = found;
    left = left.slice(found.index + key.length);
    if (key === leaveKey) return { program, wheel, outside, rest: left, pasting: null };
    if (key === begin) {
      pasting = { held: '' };
      program += asks.pasteMarks ? begin : '';
    } else if (arrow) program += asks.applicationKeys ? `\u001bO${arrow}` : key;
    else if (!place || !rectContains(place, { x: Number(column) - 1, y: Number(row) - 1 })) outside += key;
    else if (!asks.mouse) wheel += wheelLines[Number(button)] ?? 0;
    else program += `\u001b[<${button};${Number(column) - place.column};${Number(row) - place.row}${press}`;
  }
  return { program, wheel, outside, rest: null, pasting };
}

/** The text of a paste, and what comes behind its closing mark; without that, the paste goes on. */
function pasted(typed: string): { readonly text: string; readonly after?: string; readonly held: string } {
  const at = typed.indexOf(end);
  if (at >= 0) return { text: typed.slice(0, at), after: typed.slice(at + end.length), held: '' };
  const lengths = Array.from({ length: end.length }, (_, less) => end.length - 1 - less);
  const held = lengths.find((length) => typed.endsWith(end.slice(0, length))) ?? 0;
  return { text: typed.slice(0, typed.length - held), held: end.slice(0, held) };
}

const wheelLines: Readonly<Record<number, number>> = { 64: -3, 65: 3 };
