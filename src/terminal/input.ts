/**
 * Splits the text from a terminal into keys, mouse reports, pastes and the answer about its background. Its users
 * handle one input after the other, so that a key that moves the focus applies to the inputs after it.
 */
import { pasteBegin, pasteEnd } from './escapes.ts';

export type TerminalInput =
  | { readonly kind: 'keys'; readonly text: string } // as sent; Ctrl-] is always a separate input
  | MouseReport
  | { readonly kind: 'paste'; readonly part: 'begin' | 'end' }
  | { readonly kind: 'paste'; readonly part: 'text'; readonly text: string } // a long paste has several
  | { readonly kind: 'background'; readonly colour: string }; // 'rgb:ffff/ffff/ffff'

/**
 * `button` contains bits for moves (32), the wheel (64) and the modifier keys (4, 8, 16). `column` and `row` count
 * from 1. Source: xterm, "Mouse Tracking", SGR (1006).
 */
export type MouseReport = {
  readonly kind: 'mouse';
  readonly button: number;
  readonly column: number;
  readonly row: number;
  readonly isPress: boolean;
};

/** Ctrl-]: moves the focus from the terminal to the lesson. */
export const leaveKey = '\u001d';

const esc = '\u001b';
const notKeys = new RegExp(
  `(${leaveKey})|${esc}\\[<(\\d+);(\\d+);(\\d+)([Mm])|${esc}\\]11;([^\\x07${esc}]*)(?:\\x07|${esc}\\\\)|(${esc}\\[200~)`,
);
/** An incomplete report at the end of a read. Esc and Alt-[ alone are keys, and are never kept for the next read. */
const incomplete = new RegExp(`${esc}(?:\\[<[\\d;]*|\\[20{0,2}|\\]1(?:1(?:;[^\\x07${esc}]{0,40}${esc}?)?)?)$`);
/** Esc or Alt-[ at the end of a read: a key, or the beginning of a report that the next read continues. */
const possibleBeginning = new RegExp(`${esc}\\[?$`);
const reportBeginning = new RegExp(`^${esc}(\\[<\\d|\\]11;|\\[200~)`);

/** Returns a function that splits one read after the other. It keeps an incomplete report until the next read. */
export function terminalInputReader(): (typed: string) => readonly TerminalInput[] {
  let pending = '';
  let isPaste = false;
  let sentAsKey = ''; // the Esc or Alt-[ at the end of the last read, which the rest of a report may follow
  return (typed) => {
    let rest = pending + (reportBeginning.test(sentAsKey + typed) ? sentAsKey : '') + typed;
    const inputs: TerminalInput[] = [];
    pending = '';
    while (rest !== '') {
      if (isPaste) {
        const { text, after } = untilPasteEnd(rest);
        if (text !== '') inputs.push({ kind: 'paste', part: 'text', text });
        if (after === undefined) {
          pending = rest.slice(text.length);
          break;
        }
        inputs.push({ kind: 'paste', part: 'end' });
        [isPaste, rest] = [false, after];
        continue;
      }
      const found = notKeys.exec(rest);
      const keys = rest.slice(0, found?.index);
      if (!found) pending = incomplete.exec(keys)?.[0] ?? '';
      if (keys.length > pending.length)
        inputs.push({ kind: 'keys', text: keys.slice(0, keys.length - pending.length) });
      if (!found) break;
      inputs.push(inputOf(found));
      isPaste = found[7] !== undefined;
      rest = rest.slice(found.index + found[0].length);
    }
    sentAsKey = isPaste || pending !== '' ? '' : (possibleBeginning.exec(typed)?.[0] ?? '');
    return inputs;
  };
}

function inputOf([, leave, button, column, row, end, colour]: RegExpExecArray): TerminalInput {
  if (leave !== undefined) return { kind: 'keys', text: leave };
  if (colour !== undefined) return { kind: 'background', colour };
  if (button === undefined) return { kind: 'paste', part: 'begin' };
  return { kind: 'mouse', button: Number(button), column: Number(column), row: Number(row), isPress: end === 'M' };
}

/**
 * Returns the text of a paste and the text after its closing mark. Without a closing mark, `text` ends before
 * characters that may be the beginning of the mark, and `after` is absent.
 */
function untilPasteEnd(typed: string): { readonly text: string; readonly after?: string } {
  const at = typed.indexOf(pasteEnd);
  if (at >= 0) return { text: typed.slice(0, at), after: typed.slice(at + pasteEnd.length) };
  const lengths = Array.from({ length: pasteEnd.length }, (_, less) => pasteEnd.length - 1 - less);
  const partial = lengths.find((length) => typed.endsWith(pasteEnd.slice(0, length))) ?? 0;
  return { text: typed.slice(0, typed.length - partial) };
}

/**
 * Joins the parts of a paste. The returned function returns the whole text for the end of a paste, else null. A paste
 * whose beginning went to another reader is dropped.
 */
export function pasteJoiner(): (input: Extract<TerminalInput, { kind: 'paste' }>) => string | null {
  let text: string | null = null;
  return (input) => {
    if (input.part === 'begin') text = '';
    if (input.part === 'text' && text !== null) text += input.text;
    if (input.part !== 'end') return null;
    const whole = text;
    text = null;
    return whole;
  };
}

/** Returns an input as the bytes that a program with these input modes expects. */
export function bytesFor(
  input: Exclude<TerminalInput, { kind: 'background' | 'mouse' }>,
  { applicationKeys, pasteMarks }: { readonly applicationKeys: boolean; readonly pasteMarks: boolean },
): string {
  if (input.kind === 'keys') return applicationKeys ? input.text.replace(cursorKey, `${esc}O$1`) : input.text;
  if (input.part === 'text') return input.text;
  return pasteMarks ? { begin: pasteBegin, end: pasteEnd }[input.part] : '';
}

/** Arrows, Home and End as terminals send them without application keys. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: keys begin with Esc
const cursorKey = /\u001b\[([ABCDHF])/g;

export const mouseBytes = ({ button, isPress }: MouseReport, column: number, row: number): string =>
  `${esc}[<${button};${column};${row}${isPress ? 'M' : 'm'}`;
