/** What a terminal sends besides keys, taken out of what it sends: reports of its mouse, its word on its background, and pastes. */
import type { Background } from '../../learner/settings.ts';
import { backgroundFrom } from '../theme.ts';
import type { Mouse } from './mouse.ts';

export type Input =
  | { readonly kind: 'keys'; readonly text: string }
  | { readonly kind: 'mouse'; readonly mouse: Mouse }
  | { readonly kind: 'background'; readonly background: Background }
  | { readonly kind: 'paste'; readonly text: string };

const esc = '\u001b';
const reports = new RegExp(
  `${esc}\\[<(\\d+);(\\d+);(\\d+)([Mm])|${esc}\\]11;([^\\x07${esc}]*)(?:\\x07|${esc}\\\\)|${esc}\\[200~(.*?)${esc}\\[201~`,
  'gs',
);
/** The beginning of a report, at the end of a read; a lone Esc is a key, and is never pending back. */
const begun = new RegExp(
  `${esc}(?:\\[200~.*|\\[<[\\d;]*|\\[20{0,2}|\\]1(?:1(?:;[^\\x07${esc}]{0,40}${esc}?)?)?)$`,
  's',
);

/** Remembers from read to read what has only begun. */
export function inputReader(): (typed: string) => readonly Input[] {
  let pending = '';
  let escaped = false; // the read before ended with an Esc that was handed on; its report may follow
  return (typed) => {
    const joined = escaped && /^(\[<\d|\]11;|\[200~)/.test(typed) ? `${esc}${typed}` : typed;
    const text = pending + joined;
    const open = text.slice(text.lastIndexOf(pasteEnd) + 1); // of a paste that has not ended, nothing is read yet
    pending = begun.exec(open)?.[0] ?? '';
    escaped = pending === '' && typed.endsWith(esc);
    return inputsOf(text.slice(0, text.length - pending.length));
  };
}

const pasteEnd = `${esc}[201~`;

function inputsOf(text: string): readonly Input[] {
  const inputs: Input[] = [];
  let from = 0;
  const keys = (to: number) => void (to > from && inputs.push({ kind: 'keys', text: text.slice(from, to) }));
  for (const found of text.matchAll(reports)) {
    keys(found.index);
    inputs.push(...reportOf(found));
    from = found.index + found[0].length;
  }
  keys(text.length);
  return inputs;
}

/** The bits of a button: 32 for a move, 64 for the wheel, 4, 8 and 16 for keys held with it. Source: xterm, "Mouse Tracking", SGR (1006). */
function reportOf([, button, x, y, end, colour, paste]: RegExpExecArray): readonly Input[] {
  if (paste !== undefined) return [{ kind: 'paste', text: paste }];
  if (colour !== undefined) {
    const background = backgroundFrom(colour);
    return background ? [{ kind: 'background', background }] : [];
  }
  const bits = Number(button) & ~(4 | 8 | 16);
  const did = bits === 64 ? 'wheel up' : bits === 65 ? 'wheel down' : bits === 0 && end === 'M' ? 'press' : undefined;
  return did ? [{ kind: 'mouse', mouse: { did, x: Number(x) - 1, y: Number(y) - 1 } }] : [];
}
