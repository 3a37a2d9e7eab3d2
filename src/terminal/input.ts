/**
 * Splits what a terminal sends into keys, mouse reports, pastes and the answer about its background. The program beside the lesson and the
 * lesson itself read the same inputs, one after the other, so that a key that changes the reader counts for what follows it.
 */
import { pasteBegin, pasteEnd } from './escapes.ts';

export type TerminalInput =
  | { readonly kind: 'keys'; readonly text: string } // as sent; Ctrl-] is always an input of its own
  | MouseReport
  | { readonly kind: 'paste'; readonly part: 'begin' | 'end' }
  | { readonly kind: 'paste'; readonly part: 'text'; readonly text: string } // a long paste has several
  | { readonly kind: 'background'; readonly colour: string }; // 'rgb:ffff/ffff/ffff'

/** `button` with its bits for moves (32), the wheel (64) and held keys (4, 8, 16). Columns and rows count from 1. Source: xterm, "Mouse Tracking", SGR (1006). */
export type MouseReport = {
  readonly kind: 'mouse';
  readonly button: number;
  readonly column: number;
  readonly row: number;
  readonly isPress: boolean;
};

/** Ctrl-]: leaves the terminal beside the lesson. */
export const leaveKey = '\u001d';

const esc = '\u001b';
const special = new RegExp(
  `(${leaveKey})|${esc}\\[<(\\d+);(\\d+);(\\d+)([Mm])|${esc}\\]11;([^\\x07${esc}]*)(?:\\x07|${esc}\\\\)|(${esc}\\[200~)`,
);
/** The beginning of a report at the end of a read. Esc and Alt-[ are keys, and are never held back. */
const begun = new RegExp(`${esc}(?:\\[<[\\d;]*|\\[20{0,2}|\\]1(?:1(?:;[^\\x07${esc}]{0,40}${esc}?)?)?)$`);
const keyOrBeginning = new RegExp(`${esc}\\[?$`);
const report = new RegExp(`^${esc}(\\[<\\d|\\]11;|\\[200~)`);

/** Keeps from read to read what has only begun. */
export function terminalInputReader(): (typed: string) => readonly TerminalInput[] {
  let pending = '';
  let isPaste = false;
  let handedOn = ''; // the Esc or Alt-[ that the last read ended with; the rest of a report may follow
  return (typed) => {
    let left = pending + (report.test(handedOn + typed) ? handedOn : '') + typed;
    const inputs: TerminalInput[] = [];
    pending = '';
    while (left !== '') {
      if (isPaste) {
        const { text, after } = untilPasteEnd(left);
        if (text !== '') inputs.push({ kind: 'paste', part: 'text', text });
        if (after === undefined) {
          pending = left.slice(text.length);
          break;
        }
        inputs.push({ kind: 'paste', part: 'end' });
        [isPaste, left] = [false, after];
        continue;
      }
      const found = special.exec(left);
      const keys = left.slice(0, found?.index);
      if (!found) pending = begun.exec(keys)?.[0] ?? '';
      if (keys.length > pending.length)
        inputs.push({ kind: 'keys', text: keys.slice(0, keys.length - pending.length) });
      if (!found) break;
      inputs.push(inputOf(found));
      isPaste = found[7] !== undefined;
      left = left.slice(found.index + found[0].length);
    }
    handedOn = isPaste || pending !== '' ? '' : (keyOrBeginning.exec(typed)?.[0] ?? '');
    return inputs;
  };
}

function inputOf([, leave, button, column, row, end, colour]: RegExpExecArray): TerminalInput {
  if (leave !== undefined) return { kind: 'keys', text: leave };
  if (colour !== undefined) return { kind: 'background', colour };
  if (button === undefined) return { kind: 'paste', part: 'begin' };
  return { kind: 'mouse', button: Number(button), column: Number(column), row: Number(row), isPress: end === 'M' };
}

/** The text of a paste and what follows its closing mark. Without the mark, `text` ends before what may be the mark's beginning. */
function untilPasteEnd(typed: string): { readonly text: string; readonly after?: string } {
  const at = typed.indexOf(pasteEnd);
  if (at >= 0) return { text: typed.slice(0, at), after: typed.slice(at + pasteEnd.length) };
  const lengths = Array.from({ length: pasteEnd.length }, (_, less) => pasteEnd.length - 1 - less);
  const begun = lengths.find((length) => typed.endsWith(pasteEnd.slice(0, length))) ?? 0;
  return { text: typed.slice(0, typed.length - begun) };
}

/** Joins the parts of a paste. Returns the whole text at its end, else null. */
export function pasteJoiner(): (input: Extract<TerminalInput, { kind: 'paste' }>) => string | null {
  let text = '';
  return (input) => {
    if (input.part === 'begin') text = '';
    if (input.part === 'text') text += input.text;
    return input.part === 'end' ? text : null;
  };
}

/** An input in the bytes that a terminal program expects which asked for these modes. */
export function bytesFor(
  input: Exclude<TerminalInput, { kind: 'background' | 'mouse' }>,
  { applicationKeys, pasteMarks }: { readonly applicationKeys: boolean; readonly pasteMarks: boolean },
): string {
  if (input.kind === 'keys') return applicationKeys ? input.text.replace(cursorKey, `${esc}O$1`) : input.text;
  if (input.part === 'text') return input.text;
  return pasteMarks ? { begin: pasteBegin, end: pasteEnd }[input.part] : '';
}

/** Arrows, Home and End as they are sent in the usual mode. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: keys begin with one
const cursorKey = /\u001b\[([ABCDHF])/g;

export const mouseBytes = ({ button, isPress }: MouseReport, column: number, row: number): string =>
  `${esc}[<${button};${column};${row}${isPress ? 'M' : 'm'}`;
