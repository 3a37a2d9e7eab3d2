/** Backslash escapes of PostgreSQL's regular expressions. Source: documentation, "Regular Expression Escapes". */

/** PostgreSQL refuses the expression; the message is PostgreSQL's. */
export class Refused extends Error {}

export type Escape = { readonly end: number } & (
  | { readonly kind: 'char'; readonly code: number } // may be none that UTF-8 has
  | { readonly kind: 'class'; readonly source: string }
  | { readonly kind: 'place'; readonly source: string }
  | { readonly kind: 'reference'; readonly number: number }
);

/** `at`: behind the backslash. `groups`: how many groups are open or closed so far. Throws Refused. */
export function escapeAt(text: string, at: number, groups: number): Escape {
  const code = text.codePointAt(at);
  if (code === undefined) throw new Refused(badEscape);
  const char = String.fromCodePoint(code);
  const end = at + char.length;
  if (/[1-9]/.test(char)) {
    const number = Number(/^\d+/.exec(text.slice(at))?.[0]);
    if (number < 10) return { kind: 'reference', number, end };
    if (number <= groups) return { kind: 'reference', number, end: at + String(number).length };
  }
  if (/\d/.test(char)) return octal(text, at);
  if (!/[a-z]/i.test(char)) return { kind: 'char', code, end };
  if (char in characters) return { kind: 'char', code: characters[char] ?? 0, end };
  if (/[dswDSW]/.test(char)) return { kind: 'class', source: classEscapes[char] ?? '', end };
  if (char in places) return { kind: 'place', source: places[char] ?? '', end };
  return coded(text, char, end);
}

const badEscape = 'invalid escape \\ sequence';

/** Up to three digits, up to 255. */
function octal(text: string, at: number): Escape {
  const [three = ''] = /^[0-7]{1,3}/.exec(text.slice(at)) ?? [];
  if (three === '') throw new Refused(badEscape);
  const digits = Number.parseInt(three, 8) > 0xff ? three.slice(0, 2) : three;
  return { kind: 'char', code: Number.parseInt(digits, 8), end: at + digits.length };
}

/** \cX, \uXXXX, \UXXXXXXXX, and \x with any number of digits, of which the last eight count. */
function coded(text: string, letter: string, at: number): Escape {
  const rest = text.slice(at);
  if (letter === 'c' && rest !== '') {
    const control = rest.codePointAt(0) ?? 0;
    return { kind: 'char', code: control & 0o37, end: at + String.fromCodePoint(control).length };
  }
  const [digits] = codes[letter]?.exec(rest) ?? [];
  const code = Number.parseInt(digits?.slice(-8) ?? '', 16);
  if (digits === undefined || code > 0x7ffffffe) throw new Refused(badEscape);
  return { kind: 'char', code, end: at + digits.length };
}

const codes: Readonly<Record<string, RegExp>> = {
  u: /^[\da-f]{4}/i,
  U: /^[\da-f]{8}/i,
  x: /^[\da-f]{1,255}/i,
};

const characters: Readonly<Record<string, number>> = { a: 7, b: 8, B: 92, e: 27, f: 12, n: 10, r: 13, t: 9, v: 11 };

const blanks = ' \\t\\n\\v\\f\\r';
/** Outside of brackets. In them the same classes have no brackets of their own. */
const classEscapes: Readonly<Record<string, string>> = {
  d: '\\d',
  D: '\\D',
  w: '\\w',
  W: '\\W',
  s: `[${blanks}]`,
  S: `[^${blanks}]`,
};

const places: Readonly<Record<string, string>> = {
  A: '^',
  Z: '$',
  m: '\\b(?=\\w)',
  M: '\\b(?<=\\w)',
  y: '\\b',
  Y: '\\B',
};
