/**
 * Translates PostgreSQL's regular expressions to JavaScript, as far as names of roles and databases need them: without
 * embedded options, back references, collating elements and equivalence classes. Source: documentation, "POSIX Regular
 * Expressions" (functions-posix-regexp), ARE flavour.
 */

/** PostgreSQL's message when it refuses the expression; undefined: it accepts it. */
export function regexProblem(text: string): string | undefined {
  const read = translate(text);
  return 'problem' in read ? read.problem : undefined;
}

/** Throws an Error for an expression that regexProblem refuses. */
export function toRegExp(text: string): RegExp {
  const read = translate(text);
  if ('problem' in read) throw new Error(`invalid regular expression: ${read.problem}`);
  return new RegExp(read.source, 'su');
}

type Translated = { readonly source: string } | { readonly problem: string };

/** What precedes a quantifier: nothing to repeat, an atom, or a quantifier (which may be followed by one more "?"). */
type Before = 'nothing' | 'atom' | 'quantifier';

function translate(text: string): Translated {
  let source = '';
  let open = 0;
  let before: Before = 'nothing';
  for (const [piece] of text.matchAll(pieces)) {
    if (piece === '(' || piece === '(?:') open += 1;
    if (piece === ')') open -= 1;
    if (open < 0) return { problem: 'parentheses () not balanced' };
    const isQuantifier = /^(?:[*+?]|\{\d)/.test(piece);
    if (isQuantifier && before !== 'atom' && !(piece === '?' && before === 'quantifier'))
      return { problem: 'quantifier operand invalid' };
    const translated = translatePiece(piece);
    if ('problem' in translated) return translated;
    source += translated.source;
    before = stateAfter(piece, isQuantifier && before);
  }
  return open > 0 ? { problem: 'parentheses () not balanced' } : { source };
}

const pieces = /\\[\s\S]?|\[\^?\]?(?:\[:[a-z]*:\]|\\[\s\S]?|[^\]\\])*\]?|\(\?:|\{\d[^}]*\}?|[\s\S]/gu;

function stateAfter(piece: string, repeats: Before | false): Before {
  // "a??" is complete: a third quantifier has nothing to repeat.
  if (repeats) return repeats === 'quantifier' ? 'nothing' : 'quantifier';
  return /^(?:\(|\(\?:|\||\^|\$|\\[AmMyYZ])$/.test(piece) ? 'nothing' : 'atom';
}

function translatePiece(piece: string): Translated {
  if (piece.startsWith('[')) return bracket(piece);
  if (piece === '\\') return { problem: badEscape };
  if (piece.startsWith('\\')) return escaped(piece);
  if (/^\{\d/.test(piece)) return bounds(piece);
  return { source: /^[{}\]/]$/.test(piece) ? `\\${piece}` : piece };
}

const badEscape = 'invalid escape \\ sequence';

function escaped(piece: string): Translated {
  const known = escapes[piece] ?? (piece in characters ? plain(characters[piece] ?? '').source : undefined);
  if (known !== undefined) return { source: known };
  if (/\d/.test(piece)) return { source: '(?!)' }; // a back reference: never matches here
  if (/[a-zA-Z]/.test(piece)) return { problem: badEscape };
  return { source: `\\u{${(piece.codePointAt(1) ?? 0).toString(16)}}` };
}

/** Escapes that are valid everywhere. */
const characters: Readonly<Record<string, string>> = {
  '\\a': '\x07',
  '\\b': '\b',
  '\\e': '\x1b',
  '\\B': '\\',
  '\\n': '\n',
  '\\t': '\t',
  '\\r': '\r',
  '\\f': '\f',
  '\\v': '\v',
};
/** Escapes that are valid outside of brackets. */
const escapes: Readonly<Record<string, string>> = {
  ...Object.fromEntries([...'dwsDWS'].map((letter) => [`\\${letter}`, `\\${letter}`])),
  '\\A': '^',
  '\\Z': '$',
  '\\m': '\\b(?=\\w)',
  '\\M': '\\b(?<=\\w)',
  '\\y': '\\b',
  '\\Y': '\\B',
};

function bounds(piece: string): Translated {
  const [, least, most] = /^\{(\d+)(?:,(\d*))?\}$/.exec(piece) ?? [];
  if (/^\{\d+(?:,\d*)?$/.test(piece)) return { problem: 'braces {} not balanced' };
  if (least === undefined) return { problem: 'invalid repetition count(s)' };
  const tooMany = [least, most ?? '0'].some((count) => Number(count) > 255);
  if (tooMany || (most && Number(most) < Number(least))) return { problem: 'invalid repetition count(s)' };
  return { source: piece };
}

const classes: Readonly<Record<string, string>> = {
  alpha: '\\p{L}',
  digit: '\\d',
  alnum: '\\p{L}\\d',
  upper: '\\p{Lu}',
  lower: '\\p{Ll}',
  space: '\\s',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
  xdigit: '0-9A-Fa-f',
  word: '\\w',
};

type Item = { readonly source: string; readonly code?: number; readonly dash?: true }; // no code: a class

/**
 * Parses item by item like PostgreSQL: a "]" at the beginning is a character, and so is a "-" at the beginning or end.
 */
function bracket(piece: string): Translated {
  const [, not = '', inside = '', end] = /^\[(\^?)(\]?(?:\[:[a-z]*:\]|\\[\s\S]?|[^\]\\])*)(\]?)$/u.exec(piece) ?? [];
  const items: Item[] = [];
  for (const [whole, name, code] of inside.matchAll(/\[:([a-z]*):\]|\\([\s\S]?)|[\s\S]/gu)) {
    const item = name === undefined ? (code === undefined ? plain(whole) : escapedItem(whole)) : className(name);
    if ('problem' in item) return item;
    items.push(item);
  }
  let source = '';
  for (let at = 0; at < items.length; at++) {
    const { source: from = '', code, dash } = items[at] ?? {};
    const to = items[at + 2];
    const isRange = items[at + 1]?.dash && (to !== undefined || !end);
    const strayDash = dash && at > 0 && (at < items.length - 1 || !end);
    const hasLookahead = end || at + 3 < items.length; // PostgreSQL reads one character ahead before it compares
    const backwards = to && (to.code === undefined || (hasLookahead && (code ?? 0) > to.code));
    if (strayDash || (isRange && (code === undefined || backwards))) return { problem: 'invalid character range' };
    source += isRange && to ? `${from}-${to.source}` : from;
    if (isRange) at += 2;
  }
  return end ? { source: `[${not}${source}]` } : { problem: 'brackets [] not balanced' };
}

function plain(char: string): Item {
  const code = char.codePointAt(0) ?? 0;
  const item = { source: `\\u{${code.toString(16)}}`, code };
  return char === '-' ? { ...item, dash: true } : item;
}

function className(name: string): Item | { readonly problem: string } {
  const source = classes[name];
  return source === undefined ? { problem: 'invalid character class' } : { source };
}

function escapedItem(whole: string): Item | { readonly problem: string } {
  if (/^\\[dws]$/.test(whole)) return { source: whole };
  const { dash: _written, ...known } = plain(characters[whole] ?? whole.slice(1));
  return whole === '\\' || (/[a-zA-Z]/.test(whole) && !(whole in characters)) ? { problem: badEscape } : known;
}
